/**
 * A calendar, an address book and a room: `npm run example:calendar`. Real servers, started in private folders and stopped at the end.
 *
 *   -- --lang en|de   default from the environment
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openHub, textOfSummary } from "groupstream";
import { openPlaces, until } from "./calendar/places.ts";
import { languages } from "./calendar/words.ts";
import { part } from "./servers/xmpp.ts";

const { lang } = parseArgs({ options: { lang: { type: "string" } } }).values;
const language = (lang ?? process.env.LC_ALL ?? process.env.LANG ?? "en").startsWith("de") ? "de" : "en";
const words = languages[language];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const lineOf = (text: string, name: string): string | undefined =>
  text
    .replace(/\r?\n /g, "")
    .split(/\r?\n/)
    .find((line) => line.startsWith(name));

const main = async (): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), "groupstream-calendar-"));
  try {
    await using places = await openPlaces();
    const { person, room } = places;
    say(words.started(places.radicale.url, room));
    await using hub = await openHub({
      store: join(folder, "groupstream.db"),
      systems: places.systems(),
      people: places.people,
      routes: [
        { from: "calendars", to: "chat/team", language, widen: "the team plans in this room" },
        { from: "chat/team", to: "calendars", only: "replies", widen: "a reaction answers the invitation" },
      ],
      poll: 1_000,
    });
    await hub.sync();
    const stopping = new AbortController();
    const running = hub.run({ signal: stopping.signal });
    const posts = () =>
      person.heard.filter(
        (stanza) => stanza.name === "message" && stanza.attrs.from === `${room}/Calendar` && stanza.getChildText("body"),
      );

    await places.invites();
    const post = await until("the post", () => posts()[0]);
    say(words.posted(post.getChildText("body") ?? ""));

    const key = String(post.getChildren("stanza-id").find((child) => child.attrs.by === room)?.attrs.id);
    await person.say(room, [part.react(key, "✅"), part.store()]);
    const answer = await until("the answer", async () => {
      const line = lineOf(await places.kept(), "ATTENDEE;CN=Ann");
      return line?.includes("PARTSTAT=ACCEPTED") ? line : undefined;
    });
    say(words.answered(answer));
    say(words.kept(lineOf(await places.kept(), "X-ROOM-NUMBER") ?? ""));

    await places.moves();
    const edited = await until("the edit", () => posts().find((stanza) => stanza.getChildText("body")?.includes("14:00")));
    say(words.edited(edited.getChildText("body") ?? ""));

    await places.renumbers();
    const changed = await until("the other number", async () => {
      for await (const { activity } of hub.activities())
        if (activity.type === "Update" && activity.object.type === "Person") return textOfSummary(activity.summaryMap[language]);
      return undefined;
    });
    say(words.renumbered(changed));

    // Once more nothing: whoever echoes does it now.
    await pause(3_000);
    say(words.told);
    let accepted = 0;
    for await (const { activity } of hub.activities()) {
      if (activity.type === "Accept") accepted += 1;
      say(`  ${textOfSummary(activity.summaryMap[language])}`);
    }
    stopping.abort();
    await running;
    if (posts().filter((stanza) => !stanza.getChild("replace")).length !== 1 || accepted !== 1) throw new Error(words.wrong);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

await main();
