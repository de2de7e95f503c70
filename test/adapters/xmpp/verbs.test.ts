/** What is done in rooms, on a real Prosody: each verb, its refusals, and what becomes of a cut line. */

import { randomUUID } from "node:crypto";
import type { Adapter, Collection, Command, Found, MessageView, Receipt, Verb, Whole } from "groupstream";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Prosody } from "../../lab/prosody.ts";
import { startTcpProxy, type TcpProxy } from "../../lab/tcp-proxy.ts";
import { Person, part, type Said } from "../../lab/xmpp.ts";
import { adapterFor, fetched, hasProsody, listed, looked, never, newRoom, serverOrReason } from "./world.ts";

const mail: MessageView = {
  type: "Note",
  name: "Printer on fire",
  content: "<p>It <b>burns</b>.</p>",
  text: "It burns.",
  published: "2026-11-26T10:00:00.000Z",
  attributedTo: { id: "mailto:ada@example.org", name: "Ada" },
  to: [{ id: "mailto:support@example.org" }],
  attachment: [{ part: "2", name: "fire.jpg", mediaType: "image/jpeg", size: 12_400 }],
};

const saying = (text: string): MessageView => ({ ...mail, text, content: `<p>${text}</p>` });

type Done = Extract<Receipt, { outcome: "done" }>;

const doneBy = (receipt: Receipt): Done => {
  if (receipt.outcome !== "done") throw new Error(`${receipt.outcome}: ${receipt.reason}`);
  return receipt;
};

const wholeIn = (found: Found | undefined): Whole & { readonly object: MessageView } => {
  if (!found || !("object" in found.sighting) || found.sighting.object === undefined)
    throw new Error("nothing whole stands there");
  return found.sighting as Whole & { readonly object: MessageView };
};

describe.skipIf(!hasProsody)("verbs", () => {
  let server: Prosody;
  let anna: Person;
  let proxy: TcpProxy;
  let adapter: Adapter;
  let room: string;
  let collection: Collection;
  beforeAll(async () => {
    server = (await serverOrReason())!;
    anna = await Person.open(server, await server.user("anna"));
    proxy = await startTcpProxy(server.port);
  });
  afterAll(async () => {
    await proxy?.[Symbol.asyncDispose]();
    await anna?.stop();
    await server?.stop();
  });
  beforeEach(async () => {
    room = await newRoom(server, anna, "Anna");
    adapter = await adapterFor(server, [room], { service: `xmpp://127.0.0.1:${proxy.port}`, timeout: 2_000 });
    [collection] = (await listed(adapter)) as [Collection];
  });
  afterEach(async () => {
    proxy.mute = false;
    await adapter[Symbol.asyncDispose]();
  });

  const command = (verb: Verb, more: Partial<Command> = {}): Command => ({
    id: randomUUID(),
    attempt: 1,
    verb,
    actor: "groupstream:system/mail",
    activity: {},
    collection,
    trail: [],
    ...more,
  });
  const perform = (asked: Command, signal = never): Promise<Receipt> => adapter.performs![asked.verb]!(asked, signal);
  const post = async (more: Partial<Command> = {}): Promise<Whole & { readonly object: MessageView }> =>
    wholeIn(doneBy(await perform(command("Create", { object: mail, ...more }))).stands);
  const at = (key: string) => ({ collection: room, key });

  it("posts a mail, and says what stands there and what was lost", async () => {
    const asked = command("Create", { object: mail, trail: ["imap://mail/INBOX"] });
    const heard = anna.next((stanza) => stanza.attrs.id === asked.id);
    const receipt = doneBy(await perform(asked));
    const whole = wholeIn(receipt.stands);
    expect(whole.object.text).toBe("*Printer on fire*\nAda: It *burns*.\n📎 fire.jpg (12 KB)");
    expect(whole.object.attributedTo).toEqual({ id: "xmpp:bot@localhost", name: "Bridge" });
    expect(whole.mine).toEqual({ marker: asked.id });
    expect(whole.object.automatic).toBe("bot");
    expect(receipt.losses?.map(({ field }) => field)).toEqual(["to", "published", "attachment"]);
    expect((await heard).getChild("origin-id", "urn:xmpp:sid:0")?.attrs.id).toBe(asked.id);
    const [page] = await looked(adapter, collection);
    // All but its times, which the room does not say when it shows it.
    expect(page?.sightings).toEqual([expect.objectContaining({ key: whole.key, revision: whole.revision, mine: whole.mine })]);
    expect(page?.sightings[0]).toMatchObject(whole);
  });

  it("does nothing when asked for a preview, and gives the digest that a change changes", async () => {
    const preview = async (verb: Verb, object: MessageView, more: Partial<Command> = {}): Promise<Done> =>
      doneBy(await perform(command(verb, { object, preview: true, ...more })));
    const first = await preview("Create", mail);
    expect(first.native).toContain("Printer on fire");
    expect(first.losses?.length).toBe(3);
    expect((await preview("Update", mail, { item: at("any") })).digest).toBe(first.digest);
    expect((await preview("Create", mail, { root: at("any") })).digest).toBe(first.digest);
    expect((await preview("Create", saying("It smokes."))).digest).not.toBe(first.digest);
    expect(doneBy(await perform(command("Create", { object: mail }))).digest).toBe(first.digest);
    expect((await preview("Delete", mail, { item: at("any") })).native).toContain("message-retract");
    expect(await server.archive(room)).not.toContain("preview");
  });

  it("answers a message in its thread, with a quote that is left out again", async () => {
    const question = await anna.text(room, "Is it still burning?");
    const reply = await post({ item: at(question.key), root: at(question.key) });
    expect(reply.object.inReplyTo).toEqual([at(question.key)]);
    expect(reply.object.context?.[0]).toEqual(at(question.key));
    expect(reply.object.text).toBe("Ada: It *burns*.\n📎 fire.jpg (12 KB)");
    const archive = await server.archive(room);
    expect(archive).toContain("> Anna:");
    expect(archive).toContain("> Is it still burning?");
  });

  it("answers the root alone, and stands on its own where that was retracted", async () => {
    const question = await anna.text(room, "Anybody there?");
    expect((await post({ root: at(question.key) })).object.inReplyTo).toEqual([at(question.key)]);
    await anna.say(room, [part.retract(question.key), part.store()]);
    // What the room says comes in its order: after an answer of it the retraction has been heard, too.
    await looked(adapter, collection);
    const receipt = doneBy(await perform(command("Create", { object: mail, root: at(question.key) })));
    expect(wholeIn(receipt.stands).object.inReplyTo).toBeUndefined();
    expect(wholeIn(receipt.stands).object.text).toContain("*Printer on fire*");
    expect(receipt.losses?.some(({ field }) => field === "inReplyTo")).toBe(true);
  });

  it("corrects what it posted, and nobody else's", async () => {
    const posted = await post();
    const object = saying("It is out.");
    const corrected = wholeIn(doneBy(await perform(command("Update", { object, item: at(posted.key) }))).stands);
    expect(corrected.key).toBe(posted.key);
    expect(corrected.revision).not.toBe(posted.revision);
    expect(corrected.object.text).toContain("It is out.");
    expect(corrected.object.edition).toBeDefined();
    expect(corrected.mine).toEqual(posted.mine);
    const other = await anna.text(room, "Mine.");
    const receipt = await perform(command("Update", { object, item: at(other.key) }));
    expect(receipt).toMatchObject({ outcome: "refused", reason: expect.stringContaining("somebody else's") });
  });

  it("keeps a corrected answer an answer, without a title", async () => {
    const question = await anna.text(room, "Still?");
    const reply = await post({ item: at(question.key) });
    const object = saying("No.");
    const corrected = wholeIn(doneBy(await perform(command("Update", { object, item: at(reply.key) }))).stands);
    expect(corrected.object.inReplyTo).toEqual([at(question.key)]);
    expect(corrected.object.text).toBe("Ada: No.\n📎 fire.jpg (12 KB)");
  });

  it("retracts what it posted, once", async () => {
    const posted = await post();
    const asked = command("Delete", { item: at(posted.key) });
    for (const attempt of [1, 2]) {
      const { stands } = doneBy(await perform({ ...asked, attempt }));
      expect(stands?.sighting).toMatchObject({ key: posted.key, gone: true, final: true });
    }
    // Whoever asks later did not take it back.
    const later = await perform(command("Delete", { item: at(posted.key) }));
    expect(later).toMatchObject({ outcome: "refused", gone: true });
    expect(await perform(command("Update", { object: mail, item: at(posted.key) }))).toMatchObject({
      outcome: "refused",
      reason: expect.stringContaining("gone there"),
    });
    expect(await perform(command("Delete", { item: at("no-such-key") }))).toMatchObject({ outcome: "refused" });
  });

  it("reacts with all of its own, and takes one back", async () => {
    const said = await anna.text(room, "Done.");
    await anna.say(room, [part.react(said.key, "🎉"), part.store()]);
    const reactionsAfter = async (verb: Verb, emoji: string, undoes?: Verb) => {
      const asked = command(verb, { item: at(said.key), emoji, ...(undoes && { undoes }) });
      const { reactions } = wholeIn(doneBy(await perform(asked)).stands).object;
      return reactions?.map(({ actor, emoji: one }) => `${actor} ${one}`).sort();
    };
    const hers = `xmpp:${room}/Anna 🎉`;
    expect(await reactionsAfter("Like", "👍")).toEqual(["xmpp:bot@localhost 👍", hers]);
    expect(await reactionsAfter("EmojiReact", "❤️")).toEqual(["xmpp:bot@localhost ❤️", "xmpp:bot@localhost 👍", hers]);
    expect(await reactionsAfter("Undo", "👍", "Like")).toEqual(["xmpp:bot@localhost ❤️", hers]);
    expect(await perform(command("EmojiReact", { item: at(said.key), emoji: ":shipit:" }))).toMatchObject({ outcome: "refused" });
    expect(await perform(command("Undo", { item: at(said.key), undoes: "Announce" }))).toMatchObject({ outcome: "refused" });
  });

  it("reacts twice for one delivery, each found by its emoji", async () => {
    const said = await anna.text(room, "Done.");
    const first = command("EmojiReact", { item: at(said.key), emoji: "🎉" });
    const second = { ...first, emoji: "🚀" };
    await perform(first);
    expect(await adapter.find!(second, never)).toBe("absent");
    const { stands } = doneBy(await perform(second));
    expect(wholeIn(stands).object.reactions?.map(({ emoji }) => emoji)).toEqual(["🎉", "🚀"]);
    expect(await adapter.find!(second, never)).toEqual(stands);
  });

  it("is refused in words where it may not speak, enter, or say where", async () => {
    await looked(adapter, collection);
    await anna.configure(room, { "muc#roomconfig_moderatedroom": "1" });
    await anna.decide(room, { nick: "Bridge", role: "visitor" });
    expect(await perform(command("Create", { object: mail }))).toEqual({
      outcome: "refused",
      reason: `${room} answered forbidden: the account may not speak there; give it voice or make it a member.`,
      obstacle: "forbidden",
    });
    await anna.decide(room, { jid: "bot@localhost", affiliation: "outcast" });
    expect(await perform(command("Create", { object: mail }))).toEqual({
      outcome: "refused",
      reason: `Not sent: chat: ${room} does not let this account in; lift the ban, or make it a member (forbidden).`,
      obstacle: "forbidden",
    });
    const elsewhere = { ...collection, id: `other@${server.rooms}` };
    expect(await perform(command("Create", { object: mail, collection: elsewhere }))).toMatchObject({ outcome: "refused" });
  });

  it("says of what the archive forgot that it cannot be changed, not that it is gone", async () => {
    const posted = await post();
    const said = await anna.text(room, "Kept?");
    await server.archive(room, (text) =>
      text
        .split(/(?<=^\}\);\n)/m)
        .filter((entry) => !entry.includes(posted.key) && !entry.includes(said.key))
        .join(""),
    );
    for (const asked of [
      command("Update", { object: mail, item: at(posted.key) }),
      command("Delete", { item: at(posted.key) }),
      command("Like", { item: at(said.key), emoji: "👍" }),
    ]) {
      const receipt = await perform(asked);
      expect(receipt).toMatchObject({
        outcome: "refused",
        reason: expect.stringContaining("does not have the message any more"),
      });
      expect(receipt).not.toHaveProperty("gone");
    }
  });

  it("enters again after it was kicked", async () => {
    await looked(adapter, collection);
    await anna.decide(room, { nick: "Bridge", role: "none" });
    expect((await post()).mine).toBeDefined();
  });

  it("does not know what became of a message whose line was cut, and finds it", async () => {
    await looked(adapter, collection);
    const asked = command("Create", { object: mail });
    expect(await adapter.find!(asked, never)).toBe("absent");
    proxy.cutAfter = asked.id;
    const receipt = await perform(asked);
    expect(receipt).toMatchObject({ outcome: "unknown", reason: expect.stringContaining("cut") });
    const found = await adapter.find!(asked, never);
    if (found === "absent" || found === "unknown") throw new Error(`it is ${found}`);
    expect(wholeIn(found).mine).toEqual({ marker: asked.id });
    // Asked again all the same, it is not posted twice.
    expect(wholeIn(doneBy(await perform({ ...asked, attempt: 2 })).stands).key).toBe(found.sighting.key);
    expect((await looked(adapter, collection)).flatMap(({ sightings }) => sightings)).toHaveLength(1);
  });

  it("looks for it only behind what has been read", async () => {
    const [page] = (await looked(adapter, collection)).slice(-1);
    await anna.text(room, "Before.");
    const asked = command("Create", { object: mail });
    proxy.cutAfter = asked.id;
    expect(await perform(asked)).toMatchObject({ outcome: "unknown" });
    const found = await adapter.find!({ ...asked, position: page!.position }, never);
    if (found === "absent" || found === "unknown") throw new Error(`it is ${found}`);
    expect(wholeIn(found).mine).toEqual({ marker: asked.id });
    // Had it been before this position, it would be known: then it is not looked for there.
    const [later] = (await looked(adapter, collection)).slice(-1);
    expect(await adapter.find!({ ...asked, position: later!.position }, never)).toBe("absent");
  });

  it("finds nothing where the line was cut before the message left", async () => {
    await looked(adapter, collection);
    const asked = command("Create", { object: mail });
    proxy.cutBefore = asked.id;
    expect(await perform(asked)).toMatchObject({ outcome: "unknown" });
    expect(await adapter.find!(asked, never)).toBe("absent");
  });

  it("does not know what became of a message that the room does not show in time", async () => {
    await looked(adapter, collection);
    proxy.mute = true;
    expect(await perform(command("Create", { object: mail }))).toMatchObject({
      outcome: "unknown",
      reason: expect.stringContaining("within 2000 ms"),
    });
  });

  it("sends nothing where nobody answers, and says so", async () => {
    const lonely = await adapterFor(server, [room], { service: "xmpp://127.0.0.1:9" });
    const receipt = await lonely.performs!.Create!(command("Create", { object: mail }), never);
    expect(receipt).toMatchObject({ outcome: "refused", again: true, reason: expect.stringContaining("nothing answers") });
    await lonely[Symbol.asyncDispose]();
  });

  it("takes nobody else's message for its own, whatever it bears", async () => {
    const asked = command("Create", { object: mail });
    const posted = wholeIn(doneBy(await perform(asked)).stands);
    const copy: Said = await anna.say(room, [part.body("A copy.")], asked.id);
    const [again] = await fetched(adapter, collection, [copy.key]);
    expect(again).toMatchObject({ key: copy.key, object: { text: "A copy." } });
    expect(again).not.toHaveProperty("mine");
    const found = await adapter.find!(asked, never);
    expect(typeof found === "string" ? found : found.sighting.key).toBe(posted.key);
    // Nor does a correction that names its id by another person count.
    await anna.say(room, [part.body("Hijacked."), part.correct(asked.id)]);
    const [still] = await fetched(adapter, collection, [posted.key]);
    expect(still).toMatchObject(posted);
    // And a stolen id keeps nobody from correcting what is theirs.
    const object = saying("Mine.");
    const corrected = wholeIn(doneBy(await perform(command("Update", { object, item: at(posted.key) }))).stands);
    expect(corrected.object.text).toContain("Mine.");
    const [all] = await looked(adapter, collection);
    expect(all?.sightings).toContainEqual(corrected);
  });

  it("ends with the signal's reason when it is aborted", async () => {
    await looked(adapter, collection);
    proxy.mute = true;
    const abort = new AbortController();
    const reason = new Error("enough");
    setTimeout(() => abort.abort(reason), 100);
    await expect(perform(command("Create", { object: mail }), abort.signal)).rejects.toBe(reason);
  });

  it("finds corrections, retractions and reactions by what they changed", async () => {
    const posted = await post();
    const asked = [
      command("Update", { object: saying("Out."), item: at(posted.key) }),
      command("Like", { item: at(posted.key), emoji: "👍" }),
      command("Delete", { item: at(posted.key) }),
    ];
    for (const one of asked) {
      expect(await adapter.find!(one, never)).toBe("absent");
      const { stands } = doneBy(await perform(one));
      expect(await adapter.find!(one, never)).toEqual(stands);
    }
  });
});
