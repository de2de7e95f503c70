import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { GroupstreamError, type ProfileView, type Sighting } from "groupstream";
import { sqliteStore } from "groupstream/stores/sqlite";
import { expect, test } from "vitest";
import { changed, mail, Play, Stage, seen, type Thing } from "./stage.ts";

const group = (name: string, ...members: string[]): Thing => {
  const object: ProfileView = { type: "Group", name, members };
  return { object, same: [{ id: name, within: "system", weight: "identity" }] };
};

const post = (name: string, text: string, order: string): Thing => ({
  object: { type: "Note", name, text, edition: order },
  same: [{ id: name, within: "everywhere", weight: "identity" }],
  order,
});

/** A source of changes whose first look lists. */
const feed = (id: string, room: string): Stage => {
  const stage = new Stage(id, room);
  return stage;
};

test("one member is added to a group of three", async () => {
  const ldap = feed("ldap", "groups");
  ldap.set("groups", "g", group("staff", "a", "b", "c"));
  await using play = new Play([ldap]);
  await play.sync();
  ldap.room("groups").looks.push(() => [changed({ key: "g", revision: "2", add: { members: ["z"] } })]);
  const [joined, ...more] = await play.documents();
  expect(more).toEqual([]);
  expect(joined).toMatchObject({ type: "Add", object: { id: "z" }, target: { name: "staff" } });
  ldap.room("groups").looks.push(() => [changed({ key: "g", revision: "3", remove: { members: ["a"] } })]);
  expect(await play.documents()).toMatchObject([{ type: "Remove", object: { id: "a" }, origin: { name: "staff" } }]);
});

test("an old patch is replayed after the new one", async () => {
  const graph = feed("graph", "inbox");
  const thing = { ...mail("m1"), order: "01" };
  graph.set("inbox", "1", thing);
  await using play = new Play([graph]);
  await play.sync();
  const patch = (order: string, flags: string[]): Sighting => ({ key: "1", revision: order, set: { flags }, order });
  graph.room("inbox").looks.push(() => [changed(patch("03", ["red"]))]);
  expect(await play.sync()).toEqual(["Add m1 > #red@graph/inbox"]);
  graph.room("inbox").looks.push(() => [changed(patch("02", ["blue"]))]);
  expect(await play.sync()).toEqual([]);
});

test("a patch for a key that is not known is fetched", async () => {
  const graph = feed("graph", "inbox");
  await using play = new Play([graph]);
  await play.sync();
  graph.set("inbox", "1", mail("m1", { flags: ["red"] }));
  graph.room("inbox").looks.push(() => [changed({ key: "1", revision: "2", set: { flags: ["red"] } })]);
  expect(await play.sync()).toEqual(["Create m1 > graph/inbox", "Add m1 > #red@graph/inbox"]);
});

test("a repeated reference to what was deleted does not bring it back", async () => {
  const graph = feed("graph", "inbox");
  graph.set("inbox", "1", { ...mail("m1"), revision: "7" });
  await using play = new Play([graph], { history: "all" });
  await play.sync();
  graph.remove("inbox", "1");
  const again = () => [changed({ key: "1", revision: "7" })];
  graph.room("inbox").looks.push(() => [changed({ key: "1", gone: true })], again, again, again);
  expect(await play.sync()).toEqual(["Delete m1 graph/inbox"]);
});

test("a webhook comes late, after the pull has read newer", async () => {
  const chat = feed("chat", "town");
  await using play = new Play([chat]);
  await play.sync();
  chat.set("town", "1", post("p1", "v2", "02"));
  expect(await play.sync()).toEqual(["Create p1 > chat/town"]);
  expect(await play.call("chat", "town", { key: "1", revision: "v1" })).toEqual([]);
  expect(await play.call("chat", "town", { ...post("p1", "v1", "01"), key: "1", revision: "v1" })).toEqual([]);
  expect(await play.sync()).toEqual([]);
});

test("a webhook of a deleted post comes after the deletion was read", async () => {
  const chat = feed("chat", "town");
  await using play = new Play([chat]);
  await play.sync();
  chat.set("town", "1", post("p1", "v1", "01"));
  await play.sync();
  chat.remove("town", "1");
  chat.room("town").looks.push(() => [changed({ key: "1", gone: true, final: true, order: "05" })]);
  expect(await play.sync()).toEqual(["Delete p1 chat/town"]);
  expect(await play.call("chat", "town", { ...post("p1", "v1", "01"), key: "1", revision: "v1" })).toEqual([]);
  expect(await play.call("chat", "town", { key: "1", revision: "v1" })).toEqual([]);
});

test("a deletion comes before what it deletes", async () => {
  const chat = feed("chat", "town");
  await using play = new Play([chat]);
  await play.sync();
  expect(await play.call("chat", "town", { key: "9", gone: true, final: true, order: "05" })).toEqual([]);
  expect(await play.call("chat", "town", { ...post("p9", "v1", "04"), key: "9", revision: "1" })).toEqual([]);
});

test("a post recorded in the baseline is edited: the edit is told", async () => {
  const chat = feed("chat", "town");
  chat.set("town", "1", post("p1", "v1", "01"));
  await using play = new Play([chat]);
  await play.sync();
  chat.set("town", "1", post("p1", "v2", "02"));
  expect(await play.sync()).toEqual(["Update p1 (text)"]);
});

test("a post recorded without its text is moved where a listing reads none: the Move is told, no edit", async () => {
  const feeds = feed("graph", "Later");
  feeds.open("Done");
  const moved = (edition: string, text?: string): Thing => ({
    object: { type: "Note", name: "p1", ...(text !== undefined && { text }), edition },
    same: [{ id: "p1", within: "system", weight: "identity" }],
  });
  feeds.set("Later", "1", moved("01"));
  const broken = () => {
    throw new GroupstreamError("forbidden", "it may not be read; ask for permission");
  };
  feeds.room("Done").looks.push(broken);
  await using play = new Play([feeds]);
  await play.sync();
  feeds.room("Later").looks.push(() => [changed({ ...moved("02", "v2"), key: "1", revision: "2" })]);
  feeds.room("Done").looks.push(broken);
  expect(await play.sync()).toEqual(["Update p1 (text)"]);
  // The first listing of the other folder is still its baseline, read without text; asked by key it is read in full.
  feeds.remove("Later", "1");
  feeds.set("Done", "1", moved("03"));
  feeds.fetching = (room, key) => (room.items.has(key) ? { ...moved("03", "v2"), key, revision: "3" } : { key, gone: true });
  expect(await play.sync()).toEqual(["Move p1 graph/Later > graph/Done"]);
  feeds.set("Done", "1", moved("04", "v4"));
  expect(await play.sync()).toEqual(["Update p1 (text)"]);
});

test("a new version of the adapter maps better, and the server re-stamps: nothing is told", async () => {
  const box = new Stage("mail", "INBOX");
  for (let n = 1; n <= 5; n += 1) box.set("INBOX", String(n), { ...mail(`m${n}`), revision: `r${n}` });
  await using play = new Play([box]);
  await play.sync();
  box.manifest = { ...box.manifest, mapping: 2 };
  for (const [key, thing] of box.room("INBOX").items)
    box.set("INBOX", key, { ...thing, object: { ...thing.object, name: `${thing.object.name} trimmed` } as Thing["object"] });
  await play.open();
  expect(await play.sync()).toEqual([]);
  for (const [key, thing] of box.room("INBOX").items) box.set("INBOX", key, { ...thing, revision: `${thing.revision} again` });
  expect(await play.sync()).toEqual([]);
});

test("an item cannot be read; the adapter is repaired: it is told then, though the source does not repeat it", async () => {
  const box = feed("mail", "INBOX");
  const room = box.room("INBOX");
  await using play = new Play([box]);
  await play.sync();
  room.looks.push(() => [changed({ key: "1", revision: "1", malformed: { reason: "the MIME structure has no end" } })]);
  expect(await play.sync()).toEqual([]);
  expect(await play.store.quarantine("mail")).toHaveLength(1);
  box.manifest = { ...box.manifest, mapping: 2 };
  box.set("INBOX", "1", mail("m1"));
  await play.open();
  room.looks.push(
    () => [changed()],
    () => [changed()],
    () => [changed()],
  );
  expect(await play.sync()).toEqual(["Create m1 > mail/INBOX"]);
  expect(await play.store.quarantine("mail")).toHaveLength(0);
});

test("a store comes back from yesterday's backup: other content never gets the same activity id", async () => {
  const folder = await mkdtemp(join(tmpdir(), "groupstream-"));
  try {
    const ids: unknown[] = [];
    const path = join(folder, "hub.db");
    const box = new Stage("mail", "INBOX");
    box.set("INBOX", "1", mail("m1"));
    await using first = new Play([box]);
    const store = await sqliteStore(path);
    await first.open(store);
    await first.sync();
    const db = new DatabaseSync(path);
    await backup(db, join(folder, "yesterday.db"));
    db.close();
    box.set("INBOX", "1", mail("m1", { flags: ["red"] }));
    ids.push(...(await first.documents()).map(({ id }) => id));
    await using second = new Play([box]);
    await second.open(await sqliteStore(join(folder, "yesterday.db")));
    box.set("INBOX", "1", mail("m1", { flags: ["blue"] }));
    ids.push(...(await second.documents()).map(({ id }) => id));
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(2);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("the revision changes and nothing else: silent", async () => {
  const box = new Stage("mail", "INBOX");
  box.set("INBOX", "1", { ...mail("m1"), revision: "a" });
  await using play = new Play([box]);
  await play.sync();
  box.set("INBOX", "1", { ...mail("m1"), revision: "b" });
  expect(await play.sync()).toEqual([]);
});

test("an item that was asked for and not answered is quarantined, not lost", async () => {
  const graph = feed("graph", "inbox");
  await using play = new Play([graph]);
  await play.sync();
  graph.room("inbox").looks.push(() => [changed({ key: "1", revision: "1" })]);
  graph.fetching = (_room, _key) => ({ key: "another", gone: true });
  expect(await play.sync()).toEqual([]);
  expect((await play.store.quarantine("graph")).map(({ key }) => key)).toEqual(["1"]);
  graph.fetching = seen;
  graph.set("inbox", "1", mail("m1"));
  graph.room("inbox").looks.push(() => [changed({ key: "1", revision: "1" })]);
  expect(await play.sync()).toEqual(["Create m1 > graph/inbox"]);
});
