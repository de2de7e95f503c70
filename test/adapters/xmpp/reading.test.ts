/** Rooms as they are read, on a real Prosody: changes between looks, lost positions, restarts, the doorbell, closed rooms. */

import type { Adapter, Collection, Sighting } from "groupstream";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Prosody } from "../../lab/prosody.ts";
import { startTcpProxy, type TcpProxy } from "../../lab/tcp-proxy.ts";
import { Person, part, xml } from "../../lab/xmpp.ts";
import { adapterFor, fetched, full, hasProsody, listed, looked, never, newRoom, readers, serverOrReason } from "./world.ts";

const archived = (room: string, key: string, inner: string, from = room): string => `item({
	${inner};
	["name"] = "message"; ["key"] = "${key}"; ["with"] = "message<groupchat"; ["when"] = ${Math.floor(Date.now() / 1000)};
	["attr"] = { ["type"] = "groupchat"; ["from"] = "${from}"; };
});
`;

describe.skipIf(!hasProsody)("reading", () => {
  let server: Prosody;
  let anna: Person;
  let proxy: TcpProxy;
  let adapter: Adapter;
  let room: string;
  let collection: Collection;
  const sightings = async (since?: unknown): Promise<Sighting[]> =>
    (await looked(adapter, collection, since as never)).flatMap((page) => page.sightings);
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
    adapter = await adapterFor(server, [room], { service: `xmpp://127.0.0.1:${proxy.port}` });
    [collection] = (await listed(adapter)) as [Collection];
  });
  afterEach(() => {
    vi.useRealTimers();
    return adapter[Symbol.asyncDispose]();
  });

  it("shows a room by its name and address, with the audience that was declared", () => {
    expect(collection).toEqual({ id: room, name: room.split("@")[0], audience: readers, address: `xmpp:${room}` });
  });

  it("never lists, so that what an archive forgets is not told as deleted", async () => {
    const old = await anna.text(room, "Old.");
    const kept = await anna.text(room, "Kept.");
    const pages = await looked(adapter, collection);
    expect(pages.every(({ listing }) => listing === undefined)).toBe(true);
    await server.archive(room, (text) =>
      text
        .split(/(?<=^\}\);\n)/m)
        .filter((entry) => !entry.includes(old.key))
        .join(""),
    );
    expect(await sightings(pages.at(-1)?.position)).toEqual([]);
    expect((await sightings()).map(({ key }) => key)).toEqual([kept.key]);
    // Nobody can say what became of it: it was not taken back.
    expect(await fetched(adapter, collection, [old.key, kept.key])).toMatchObject([
      { key: old.key, out: true },
      { key: kept.key, object: {} },
    ]);
    // What names a message that the archive forgot is passed over.
    await anna.say(room, [part.react(old.key, "👍"), part.store()]);
    expect(await sightings(pages.at(-1)?.position)).toEqual([]);
  });

  it("gives a reference for what is about an older message, and answers it by key", async () => {
    const [one, two, three] = [await anna.text(room, "One"), await anna.text(room, "Two"), await anna.text(room, "Three")];
    const position = (await looked(adapter, collection)).at(-1)?.position;
    const fix = await anna.say(room, [part.body("Zwei"), part.correct(two.id)]);
    const gone = await anna.say(room, [part.retract(three.key), part.store()]);
    const liked = await anna.say(room, [part.react(one.key, "👍"), part.store()]);
    expect(await sightings(position)).toEqual([
      { key: two.key, revision: fix.key },
      { key: three.key, revision: gone.key },
      { key: one.key, revision: liked.key },
    ]);
    expect(await fetched(adapter, collection, [three.key, one.key, fix.key, two.key])).toMatchObject([
      { key: three.key, gone: true, final: true },
      { key: one.key, revision: liked.key, object: { reactions: [{ actor: `xmpp:${room}/Anna`, name: "Anna", emoji: "👍" }] } },
      { key: fix.key, gone: true },
      { key: two.key, revision: fix.key, object: { text: "Zwei" } },
    ]);
    // From the beginning all of it is put together, to the same views.
    const again = await sightings();
    expect(again.find(({ key }) => key === two.key)).toEqual((await fetched(adapter, collection, [two.key]))[0]);
    expect(again.find(({ key }) => key === three.key)).toMatchObject({ gone: true, final: true });
  });

  it("asks the archive little for what names messages that never were", async () => {
    const hello = await anna.text(room, "Helo");
    const position = (await looked(adapter, collection)).at(-1)?.position;
    for (let count = 0; count < 30; count += 1) await anna.say(room, [part.body("x"), part.correct(`never-${count}`)]);
    const fix = await anna.say(room, [part.body("Hello"), part.correct(hello.id)]);
    const before = proxy.asked;
    expect(await sightings(position)).toEqual([{ key: hello.key, revision: fix.key }]);
    expect(proxy.asked - before).toBeLessThan(10);
  });

  it("tells what a moderator took away, and knows a tombstone", async () => {
    const [one, two] = [await anna.text(room, "One"), await anna.text(room, "Two")];
    const position = (await looked(adapter, collection)).at(-1)?.position;
    const moderated = `{ { ["name"] = "moderated"; ["attr"] = { ["xmlns"] = "urn:xmpp:message-moderate:1"; }; }; ["name"] = "retract"; ["attr"] = { ["xmlns"] = "urn:xmpp:message-retract:1"; ["id"] = "${one.key}"; }; }`;
    const tomb = `{ ["name"] = "retracted"; ["attr"] = { ["xmlns"] = "urn:xmpp:message-retract:1"; }; }`;
    await server.archive(room, (text) => {
      const entries = text.split(/(?<=^\}\);\n)/m).filter((entry) => !entry.includes(two.key));
      return `${entries.join("")}${archived(room, two.key, tomb, `${room}/Anna`)}${archived(room, "moderation", moderated)}`;
    });
    const lost = await sightings(position).catch((error) => error.code);
    expect(lost).toEqual([{ key: one.key, revision: "moderation" }]);
    expect(await fetched(adapter, collection, [one.key, two.key])).toEqual([
      expect.objectContaining({ key: one.key, gone: true, final: true }),
      { key: two.key, gone: true },
    ]);
  });

  it("says that a position is lost where the archive does not have it any more, or another version minted it", async () => {
    await anna.text(room, "One");
    const position = (await looked(adapter, collection)).at(-1)?.position;
    await server.archive(room, () => "");
    await anna.text(room, "Two");
    await expect(looked(adapter, collection, position)).rejects.toMatchObject({ code: "position-lost", collection: room });
    await expect(looked(adapter, collection, { v: 2 })).rejects.toMatchObject({ code: "position-lost" });
    await expect(looked(adapter, collection, { v: 1, after: "" })).rejects.toMatchObject({ code: "position-lost" });
    expect(await sightings()).toMatchObject([{ object: { text: "Two" } }]);
  });

  it("reads JIDs where the room shows them, and its own account everywhere alike", async () => {
    await anna.configure(room, { "muc#roomconfig_whois": "anyone" });
    await anna.text(room, "Hello");
    expect(await sightings()).toMatchObject([{ object: { attributedTo: { id: "xmpp:anna@localhost", name: "Anna" } } }]);
    expect((await adapter.describe(never)).self).toBe("xmpp:bot@localhost");
  });

  it("reads characters that lie on the border of two packets", async () => {
    const text = "🔥é".repeat(8_000);
    await anna.text(room, text);
    expect(await sightings()).toMatchObject([{ object: { text } }]);
  });

  it("takes hostile stanzas for what they are", async () => {
    await anna.say(room, [part.body("x"), xml("stanza-id", { xmlns: "urn:xmpp:sid:0", by: room, id: "forged" })]);
    await anna.say(room, [part.body("y"), xml("occupant-id", { xmlns: "urn:xmpp:occupant-id:0", id: "forged" })]);
    await anna.say(room, [
      part.body("z"),
      xml("x", { xmlns: "http://jabber.org/protocol/muc#user" }, xml("item", { jid: "bot@localhost" })),
    ]);
    await anna.say(room, [part.react("no-such-key", "👍"), part.store()]);
    await anna.say(room, [part.body("a"), part.correct("no-such-id")]);
    const all = await sightings();
    expect(all.map((one) => ("object" in one && one.object?.type === "Note" ? one.object.text : one))).toEqual(["x", "y", "z"]);
    expect(all.some((one) => one.key === "forged" || "mine" in one)).toBe(false);
  });

  it("is skipped with a reason where a room is not there, is closed, or has no archive", async () => {
    const nowhere = await adapterFor(server, [`nowhere@${server.rooms}`]);
    const [missing] = (await listed(nowhere)) as [Collection];
    await expect(looked(nowhere, missing)).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("is not there; make it"),
    });
    // It was not made by being asked for.
    await expect(looked(nowhere, missing)).rejects.toMatchObject({ code: "forbidden" });
    expect((await nowhere.describe(never)).server).toBe("Prosody 0.12.3");
    await nowhere[Symbol.asyncDispose]();
    await anna.configure(room, { "muc#roomconfig_membersonly": "1" });
    await expect(sightings()).rejects.toMatchObject({ code: "forbidden", message: expect.stringContaining("members") });
    await anna.configure(room, { "muc#roomconfig_membersonly": "0", "muc#roomconfig_enablearchiving": "0" });
    await expect(sightings()).rejects.toMatchObject({ code: "forbidden", message: expect.stringContaining("no archive") });
    const { gives } = await adapter.describe(never);
    expect(gives.changes).toMatchObject({ level: "degraded", lost: expect.stringContaining(room) });
  });

  it("is refused in words where the password is wrong, or the nickname taken", async () => {
    const wrong = await adapterFor(server, [room], { password: () => Promise.resolve("guess") });
    await expect(wrong.describe(never)).rejects.toMatchObject({ code: "unauthenticated" });
    await wrong[Symbol.asyncDispose]();
    const failing = await adapterFor(server, [room], { password: () => Promise.reject(new Error("no vault")) });
    await expect(failing.describe(never)).rejects.toMatchObject({
      code: "unauthenticated",
      message: expect.stringContaining("function"),
    });
    await failing[Symbol.asyncDispose]();
    const second = await adapterFor(server, [room], { nickname: "Anna" });
    await expect(looked(second, collection)).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("nickname"),
    });
    await second[Symbol.asyncDispose]();
  });

  it("sends no password where the server is elsewhere and has no TLS, unless that is allowed by name", async () => {
    const service = `xmpp://[::ffff:127.0.0.1]:${server.port}`;
    const careful = await adapterFor(server, [room], { service, password: () => Promise.reject(new Error("it was asked for")) });
    await expect(careful.describe(never)).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringContaining("offers no TLS"),
    });
    await careful[Symbol.asyncDispose]();
    const careless = await adapterFor(server, [room], { service, insecure: "plaintext" });
    expect((await careless.describe(never)).server).toContain("Prosody");
    await careless[Symbol.asyncDispose]();
  });

  it("rings for every message, and ends when the line is cut", async () => {
    const rings: string[] = [];
    let wake = (): void => undefined;
    const ended = (async () => {
      for await (const id of adapter.watch!([collection], never)) {
        rings.push(id);
        wake();
      }
    })().catch((error) => error);
    const ring = (): Promise<void> => new Promise((resolve) => (wake = resolve));
    await ring();
    for (const words of ["One", "Two"]) {
      const rung = ring();
      await anna.text(room, words);
      await rung;
    }
    expect(new Set(rings)).toEqual(new Set([room]));
    proxy.cut();
    expect(await ended).toMatchObject({ code: "unreachable" });
    // The next use opens the line again.
    expect(await sightings()).toHaveLength(2);
  });

  it("goes in again where it was sent out, and rings on", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const abort = new AbortController();
    let rings = 0;
    const watching = (async () => {
      for await (const _ of adapter.watch!([collection], abort.signal)) rings += 1;
    })().catch((error) => error);
    await vi.waitUntil(() => rings >= 1, { timeout: 10_000 });
    const bridge = (type: string | undefined): Promise<unknown> =>
      anna.next((one) => one.name === "presence" && one.attrs.from === `${room}/Bridge` && one.attrs.type === type);
    const out = bridge("unavailable");
    await anna.decide(room, { nick: "Bridge", role: "none" });
    await out;
    const back = bridge(undefined);
    vi.advanceTimersByTime(60_000);
    await back;
    // A room tells its subject to whoever enters, and that rings, too: it has come when the archive answers.
    await sightings();
    const before = rings;
    await anna.text(room, "One");
    await vi.waitUntil(() => rings > before, { timeout: 10_000 });

    abort.abort(new Error("enough"));
    await watching;
  });

  it("serves a look, a delivery and the doorbell by one stream, and leaves the room when disposed of", async () => {
    const abort = new AbortController();
    const watching = (async () => {
      for await (const _ of adapter.watch!([collection], abort.signal)) await sightings();
    })().catch((error) => error);
    await anna.text(room, "One");
    await sightings();
    const left = anna.next(
      (stanza) => stanza.name === "presence" && stanza.attrs.from === `${room}/Bridge` && stanza.attrs.type === "unavailable",
    );
    abort.abort(new Error("enough"));
    expect(await watching).toMatchObject({ message: "enough" });
    await adapter[Symbol.asyncDispose]();
    await left;
    await expect(sightings()).rejects.toMatchObject({ code: "unreachable" });
  });
});

describe.skipIf(!hasProsody)("a server that dies", () => {
  it("is read on from where it was, once it is there again", async () => {
    const server = (await serverOrReason())!;
    try {
      let anna = await Person.open(server, await server.user("anna"));
      const room = await newRoom(server, anna, "Anna");
      const adapter = await adapterFor(server, [room]);
      const [collection] = (await listed(adapter)) as [Collection];
      const said = await anna.text(room, "Before.");
      const position = (await looked(adapter, collection, undefined, full)).at(-1)?.position;
      await server.kill();
      await expect(looked(adapter, collection, position)).rejects.toMatchObject({ code: "unreachable" });
      await server.start();
      anna = await Person.open(server, await server.user("anna"));
      await anna.enter(room, "Anna");
      const after = await anna.text(room, "After.");
      expect((await looked(adapter, collection, position)).flatMap(({ sightings }) => sightings)).toMatchObject([
        { key: after.key },
      ]);
      expect(await fetched(adapter, collection, [said.key])).toMatchObject([{ object: { text: "Before." } }]);
      await adapter[Symbol.asyncDispose]();
      await anna.stop();
    } finally {
      await server.stop();
    }
  });
});
