/**
 * A shared mailbox and a room, bridged both ways: `npm run example:mail-room`. Real servers, started in private folders and
 * stopped at the end.
 *
 *   -- --lang en|de   default from the environment
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { bridge, openHub, textOfSummary } from "groupstream";
import { mailbox, openPlaces, type Places } from "./mail-room/places.ts";
import { languages } from "./mail-room/words.ts";
import { part } from "./servers/xmpp.ts";

const { lang } = parseArgs({ options: { lang: { type: "string" } } }).values;
const language = (lang ?? process.env.LC_ALL ?? process.env.LANG ?? "en").startsWith("de") ? "de" : "en";
const words = languages[language];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const until = async <T>(what: string, find: () => Promise<T | undefined> | T | undefined): Promise<T> => {
  for (let waited = 0; waited < 20_000; waited += 100) {
    const found = await find();
    if (found !== undefined) return found;
    await pause(100);
  }
  throw new Error(`${what} did not come within 20 s`);
};

/** What the room has shown so far that the bridge wrote and that says this. */
const posted = ({ colleague, room }: Places, text: string) =>
  colleague.heard.find(
    (stanza) =>
      stanza.name === "message" && stanza.attrs.from === `${room}/Mail` && (stanza.getChildText("body") ?? "").includes(text),
  );
const keyOf = ({ room }: Places, stanza: ReturnType<typeof posted>): string =>
  String(stanza?.getChildren("stanza-id").find((child) => child.attrs.by === room)?.attrs.id);

const main = async (): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), "groupstream-mail-room-"));
  try {
    await using places = await openPlaces();
    say(words.started(`${places.dovecot.host}:${places.dovecot.port}`, `${places.smtp.host}:${places.smtp.port}`, places.room));
    const open = () =>
      openHub({
        store: join(folder, "groupstream.db"),
        systems: places.systems(),
        routes: bridge("mail/INBOX", "chat/support", {
          there: { widen: "the support team reads this mailbox" },
          back: { to: "mail", only: "replies", widen: "customers read our answers" },
        }),
        poll: 1_000,
      });

    let hub = await open();
    await hub.sync();
    let stopping = new AbortController();
    let running = hub.run({ signal: stopping.signal });

    const file = { name: "order.txt", text: "4711: one printer\n" };
    await places.writes({ id: "question@example.net", subject: "Order 4711", text: "Where is my order?", file });
    const post = await until("the post", () => posted(places, "Where is my order?"));
    say(words.posted(post.getChildText("body") ?? ""));
    const link = post.getChild("x", "jabber:x:oob")?.getChildText("url") ?? "";
    say(words.fetched(link, (await (await fetch(link)).text()).trim()));

    await places.colleague.text(places.room, "It left yesterday.", part.reply(`${places.room}/Mail`, keyOf(places, post)));
    const answer = await until("the answer", () => places.smtp.taken[0]);
    const head = answer.raw.toString().split("\r\n\r\n")[0] ?? "";
    const field = (name: string): string =>
      new RegExp(`^${name}: (.*(?:\r\n[ \t].*)*)`, "im").exec(head)?.[1]?.replace(/\r\n/g, "") ?? "";
    say(words.answered(field("From"), answer.to.join(", "), field("Subject"), field("In-Reply-To")));

    say(words.restarting);
    stopping.abort();
    await running;
    await hub.close();
    await places.writes({
      id: "thanks@example.net",
      subject: "Re: Order 4711",
      text: "Thank you!",
      answers: field("Message-ID"),
    });
    hub = await open();
    stopping = new AbortController();
    running = hub.run({ signal: stopping.signal });
    const thanks = await until("the thanks", () => posted(places, "Thank you!"));
    say(words.threaded(thanks.getChildText("body")?.split("\n").at(-1) ?? "", thanks.getChild("reply")?.attrs.id !== undefined));

    await places.dovecot.doveadm("expunge", "-u", mailbox, "mailbox", "INBOX", "all");
    await until("the retraction", () => places.colleague.heard.find((stanza) => stanza.toString().includes("message-retract")));
    say(words.retracted);

    // Once more nothing: whoever echoes does it now.
    await pause(3_000);
    const bridgeSaid = places.colleague.heard.filter(
      (stanza) => stanza.attrs.from === `${places.room}/Mail` && stanza.getChild("body") && !stanza.getChild("retract"),
    );
    say(words.counted(bridgeSaid.length, places.smtp.taken.length));
    say(words.told);
    for await (const { activity } of hub.activities()) say(`  ${textOfSummary(activity.summaryMap[language])}`);
    for (const explained of await hub.explain()) {
      const named = explained.activities.map(({ what, level }) => `${what} ${words.levels[level.level]}`);
      say(`${explained.route}: ${named.join(", ")}`);
      say(`  ${words.carried} ${explained.fields.map(({ what, level }) => `${what} ${words.levels[level.level]}`).join(", ")}`);
    }
    stopping.abort();
    await running;
    await hub.close();
    if (bridgeSaid.length !== 2 || places.smtp.taken.length !== 1) throw new Error(words.wrong);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

await main();
