/** What is explained is so: each field called full arrives unchanged, each called lost is among the losses. On real servers. */

import type { Explained, Hub, Loss, MessageView } from "groupstream";
import { bridge, openHub } from "groupstream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPlaces, type Places } from "../../examples/mail-room/places.ts";
import { hasDovecot } from "../adapters/imap/world.ts";
import { hasProsody } from "../adapters/xmpp/world.ts";
import { part } from "../lab/xmpp.ts";

/** Where an explanation does not fit what was carried. */
const lies = (
  { fields }: Pick<Explained, "fields">,
  sent: MessageView,
  stands: MessageView,
  losses: readonly Loss[],
): readonly string[] =>
  fields.flatMap(({ what, level }) => {
    const before = (sent as unknown as Record<string, unknown>)[what];
    const after = (stands as unknown as Record<string, unknown>)[what];
    if (before === undefined) return [];
    const lost = losses.some(({ field }) => field === what);
    const same = JSON.stringify(after) === JSON.stringify(before);
    if (level.level === "full" && what === "inReplyTo")
      return after === undefined ? [`${what} is called full and is not there`] : [];
    if (level.level === "full") return same ? [] : [`${what} is called full and is ${JSON.stringify(after)}`];
    if (level.level === "none") return lost ? [] : [`${what} is called lost and no loss says so`];
    const kept = JSON.stringify(stands).includes(JSON.stringify(named(before)).slice(1, -1));
    return kept || lost || same ? [] : [`${what} is called degraded, is gone, and no loss says so`];
  });

/** What of a value people see: a name, the text. */
const named = (value: unknown): string => {
  // A mail's date has whole seconds.
  if (typeof value === "string") return value.replace(/<[^>]*>/g, "").replace(/^(\d{4}-\d\d-\d\dT[\d:]{8})\..*Z$/, "$1");
  const first = (Array.isArray(value) ? value[0] : value) as { name?: string; id?: string } | undefined;
  return first?.name ?? first?.id ?? "";
};

describe.skipIf(!hasDovecot || !hasProsody)("what explain says", () => {
  let places: Places;
  let hub: Hub;
  beforeAll(async () => {
    places = await openPlaces();
    hub = await openHub({
      store: ":memory:",
      systems: places.systems(),
      routes: bridge("mail/INBOX", "chat/support", {
        there: { widen: "a test" },
        back: { to: "mail", only: "replies", widen: "a test" },
      }),
    });
    await hub.sync();
  });
  afterAll(async () => {
    await hub.close();
    await places[Symbol.asyncDispose]();
  });

  /** The view of the only item there that says this, read anew. */
  const standing = async (system: string, text: string): Promise<MessageView> => {
    const adapter = places.systems().find(({ id }) => id === system);
    if (!adapter?.changes) throw new Error(`no ${system}`);
    const signal = AbortSignal.timeout(20_000);
    try {
      for await (const collection of adapter.collections(signal)) {
        const read = { text: "full", behaviour: false, whole: true } as const;
        for await (const { sightings } of adapter.changes(collection, undefined, read, signal))
          for (const sighting of sightings)
            if (
              "object" in sighting &&
              sighting.object?.type === "Note" &&
              "mine" in sighting &&
              sighting.object.text?.includes(text)
            )
              return sighting.object;
      }
      throw new Error(`nothing at ${system} says ${text}`);
    } finally {
      await adapter[Symbol.asyncDispose]();
    }
  };
  const lossesOf = async (target: string): Promise<readonly Loss[]> =>
    (await hub.deliveries()).filter((one) => one.target.startsWith(target)).flatMap(({ losses }) => losses ?? []);
  const sentView = async (system: string): Promise<MessageView> => {
    const entries = await Array.fromAsync(hub.activities());
    const entry = entries.findLast(({ activity }) => JSON.stringify(activity).includes(`groupstream:collection/${system}/`));
    return entry?.activity.object as unknown as MessageView;
  };

  it("of mail to room and of room to mail is so; a line that is wrong is found", { timeout: 60_000 }, async () => {
    const file = { name: "invoice.txt", text: "4711: one printer\n" };
    await places.writes({ id: "q@example.net", subject: "Order 4711", text: "Where is it?", file });
    await hub.sync();
    await hub.sync();
    const [there, back] = await hub.explain();
    if (!there || !back) throw new Error("two routes are explained");
    const mail = { ...(await sentView("mail")), text: "Where is it?" };
    const post = await standing("chat", "Where is it?");
    const losses = await lossesOf("chat/");
    expect(lies(there, mail, post, losses)).toEqual([]);
    const planted = there.fields.map((field) =>
      field.what === "published" ? { ...field, level: { level: "full" as const } } : field,
    );
    expect(lies({ fields: planted }, mail, post, losses)).toEqual([expect.stringMatching(/^published is called full/)]);
    // The file is there for whoever is in the room.
    const [posted] = post.attachment ?? [];
    expect(await (await fetch(posted?.href ?? "")).text()).toBe(file.text);
    expect(losses.filter(({ field }) => field === "attachment")).toEqual([]);
    const unposted = { ...post, text: "Where is it?", content: "Where is it?", attachment: [] };
    expect(lies(there, mail, unposted, losses)).toContainEqual(expect.stringMatching(/^attachment is called degraded, is gone/));
    const silent = losses.filter(({ field }) => field !== "to");
    expect(lies(there, mail, post, silent)).toEqual(["to is called lost and no loss says so"]);

    await places.colleague.caughtUp(places.room);
    const key = places.colleague.heard
      .find((stanza) => (stanza.getChildText("body") ?? "").includes("Where is it?"))
      ?.getChildren("stanza-id")[0]?.attrs.id;
    const slip = "https://files.example.org/1/slip.pdf";
    await places.colleague.text(
      places.room,
      "It left yesterday.",
      part.reply(`${places.room}/Mail`, String(key)),
      part.file(slip),
    );
    await hub.sync();
    await hub.sync();
    const said = { ...(await sentView("chat")), text: "It left yesterday." };
    expect(said.attachment).toMatchObject([{ url: slip, name: "slip.pdf" }]);
    const answer = await standing("mail", "It left yesterday.");
    expect(lies(back, said, answer, await lossesOf("mail/"))).toEqual([]);
    expect(answer.text).toBe(`It left yesterday.\n\n📎 slip.pdf: ${slip}`);
    expect(answer.content).toContain(`<a href="${slip}"`);
  });
});
