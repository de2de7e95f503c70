import { GroupstreamError } from "groupstream";
import { expect, test } from "vitest";
import { changed, mail, Play, Stage, seen, type Thing } from "./stage.ts";

const lost = () => {
  throw new GroupstreamError("position-lost", "the position is no longer honoured; it is listed again");
};

test("a mail that was there before is recorded; one that comes is told; the same state again is silent", async () => {
  const box = new Stage("mail", "INBOX");
  box.set("INBOX", "1", mail("m1"));
  await using play = new Play([box]);
  expect(await play.sync()).toEqual([]);
  box.set("INBOX", "2", mail("m2"));
  expect(await play.sync()).toEqual(["Create m2 > mail/INBOX"]);
  expect(await play.sync()).toEqual([]);
});

test("a moved mail is one Move, whichever folder is looked at first", async () => {
  for (const folders of [
    ["INBOX", "Archive"],
    ["Archive", "INBOX"],
  ]) {
    const box = new Stage("mail", ...folders);
    box.set("INBOX", "1", mail("m1"));
    await using play = new Play([box]);
    await play.sync();
    box.move("INBOX", "1", "Archive", "7");
    const told = await play.sync();
    // Seen first where it came to, it is a copy until the old place is looked at: both stories end the same.
    expect([["Move m1 mail/INBOX > mail/Archive"], ["Add m1 > mail/Archive", "Remove m1 mail/INBOX"]]).toContainEqual(told);
    if (folders[0] === "INBOX") expect(told).toEqual(["Move m1 mail/INBOX > mail/Archive"]);
  }
});

test("a deleted mail is told as deleted in the sync that finds out", async () => {
  const box = new Stage("mail", "INBOX", "Archive");
  await using play = new Play([box]);
  await play.sync();
  box.set("INBOX", "1", mail("m1"));
  await play.sync();
  box.remove("INBOX", "1");
  expect(await play.sync()).toEqual(["Delete m1 mail/INBOX"]);
});

test("a new mailbox appears with new mail in it", async () => {
  const box = new Stage("mail", "INBOX");
  await using play = new Play([box]);
  await play.sync();
  box.open("Filed by a rule");
  box.set("Filed by a rule", "1", mail("m1", { came: play.clock.iso() }));
  expect(await play.sync()).toEqual(["Create m1 > mail/Filed by a rule"]);
});

test("a mailbox shared later brings old mail without telling it, and tells what is filed there", async () => {
  const box = new Stage("mail", "INBOX");
  box.set("INBOX", "1", mail("m1"));
  await using play = new Play([box]);
  await play.sync();
  await play.sync();
  box.open("Shared");
  box.set("Shared", "1", mail("old", { came: "2020-01-01T00:00:00Z" }));
  box.move("INBOX", "1", "Shared", "2");
  expect(await play.sync()).toEqual(["Move m1 mail/INBOX > mail/Shared"]);
});

test("a mailbox without an id of its own is renamed: ten moves, nothing deleted, nothing created", async () => {
  const box = new Stage("mail", "INBOX", "Old");
  for (let n = 1; n <= 10; n += 1) box.set("Old", String(n), mail(`m${n}`));
  await using play = new Play([box]);
  await play.sync();
  box.open("New");
  for (let n = 1; n <= 10; n += 1) box.move("Old", String(n), "New");
  box.collections.delete("Old");
  const told = await play.sync();
  expect([...told].sort()).toEqual(Array.from({ length: 10 }, (_, n) => `Move m${n + 1} mail/Old > mail/New`).sort());
  expect(await play.sync()).toEqual([]);
});

test("a mailbox with an id of its own is renamed: nothing to tell", async () => {
  const box = new Stage("mail", "INBOX");
  box.set("INBOX", "1", mail("m1"));
  await using play = new Play([box]);
  await play.sync();
  box.room("INBOX").name = "Posteingang";
  expect(await play.sync()).toEqual([]);
});

test("every key is another one afterwards (UIDVALIDITY): nothing to tell", async () => {
  const box = new Stage("mail", "INBOX");
  for (let n = 1; n <= 30; n += 1) box.set("INBOX", `1.${n}`, mail(`m${n}`));
  await using play = new Play([box]);
  await play.sync();
  for (let n = 1; n <= 30; n += 1) box.move("INBOX", `1.${n}`, "INBOX", `2.${31 - n}`);
  box.room("INBOX").looks.push(lost);
  expect(await play.sync()).toEqual([]);
  expect(await play.sync()).toEqual([]);
});

test("every key is another one, of copies that a baseline recorded as two mails: nothing to tell", async () => {
  const box = new Stage("mail", "INBOX", "Archive", "Sent");
  // Read without text, a mail and one's own copy of another size are two; read in full, one text names both.
  const sized = (size: number, read: "none" | "full"): Thing => {
    const { same = [], ...whole } = mail("m1", { size });
    return { ...whole, same: read === "full" ? same : same.filter(({ id }) => !id.startsWith("text:")) };
  };
  box.set("INBOX", "1", sized(1000, "none"));
  box.set("Sent", "1", sized(900, "none"));
  await using play = new Play([box]);
  await play.sync();
  box.remove("INBOX", "1");
  box.set("Archive", "1", sized(1000, "full"));
  expect(await play.sync()).toEqual(["Move m1 mail/INBOX > mail/Archive"]);
  box.move("Archive", "1", "Archive", "2");
  box.remove("Sent", "1");
  box.set("Sent", "2", sized(900, "full"));
  expect(await play.sync()).toEqual([]);
  expect(await play.sync()).toEqual([]);
});

test("flags belong to the copy: a keyword on one does not take the flag of the other", async () => {
  const box = new Stage("mail", "INBOX", "Archive");
  box.set("INBOX", "1", mail("m1", { flags: ["flagged"] }));
  box.set("Archive", "1", mail("m1"));
  await using play = new Play([box]);
  await play.sync();
  box.set("Archive", "1", mail("m1", { flags: ["urgent"] }));
  expect(await play.sync()).toEqual(["Add m1 > #urgent@mail/Archive"]);
});

test("a move takes the flags along", async () => {
  const box = new Stage("mail", "INBOX", "Archive");
  box.set("INBOX", "1", mail("m1", { flags: ["flagged"] }));
  await using play = new Play([box]);
  await play.sync();
  box.move("INBOX", "1", "Archive");
  expect(await play.sync()).toEqual(["Move m1 mail/INBOX > mail/Archive"]);
});

test("labels are places without an item of their own", async () => {
  const box = new Stage("mail", "All", "Work");
  box.set("All", "1", mail("m1"));
  await using play = new Play([box]);
  await play.sync();
  const labelled = mail("m1");
  box.set("All", "1", { ...labelled, object: { ...labelled.object, labels: ["Work"] } as typeof labelled.object });
  expect(await play.sync()).toEqual(["Add m1 > mail/Work"]);
  box.set("All", "1", labelled);
  expect(await play.sync()).toEqual(["Remove m1 mail/Work"]);
});

test("the same mail in two accounts is one object", async () => {
  const [ann, ben] = [new Stage("ann", "INBOX"), new Stage("ben", "INBOX")];
  await using play = new Play([ann, ben]);
  await play.sync();
  ann.set("INBOX", "1", mail("m1", { size: 1000 }));
  ben.set("INBOX", "9", mail("m1", { size: 1200 }));
  expect([...(await play.sync())].sort()).toEqual(["Add m1 > ben/INBOX", "Create m1 > ann/INBOX"]);
});

test("a spoof with the same Message-ID, date, sender and size in a second account is shown", async () => {
  const [ann, ben] = [new Stage("ann", "INBOX"), new Stage("ben", "INBOX")];
  await using play = new Play([ann, ben]);
  await play.sync();
  ann.set("INBOX", "1", mail("genuine", { mid: "ceo" }));
  await play.sync();
  ben.set("INBOX", "1", mail("spoof", { mid: "ceo" }));
  expect(await play.sync()).toEqual(["Create spoof > ben/INBOX"]);
});

test("one's own copy in Sent, of another size, is a copy and not a second mail", async () => {
  const box = new Stage("mail", "INBOX", "Sent");
  await using play = new Play([box]);
  await play.sync();
  box.set("INBOX", "1", mail("m1", { size: 1000 }));
  box.set("Sent", "1", mail("m1", { size: 900 }));
  expect(await play.sync()).toEqual(["Create m1 > mail/INBOX", "Add m1 > mail/Sent"]);
});

test("the baseline is broken off by a lost position and listed again: nothing is told", async () => {
  const box = new Stage("mail", "INBOX");
  for (let n = 1; n <= 3; n += 1) box.set("INBOX", String(n), mail(`m${n}`));
  box.room("INBOX").looks.push(function* (room) {
    yield { sightings: [seen(room, "1")], position: { at: 1 }, listing: { id: "first" } };
    throw new GroupstreamError("unreachable", "the line is cut; it is tried again");
  }, lost);
  await using play = new Play([box]);
  expect(await play.sync()).toEqual([]);
  play.clock.advance(3_600_000);
  expect(await play.sync()).toEqual([]);
  expect(await play.sync()).toEqual([]);
});

test("news arrives while the first listing is still being paged", async () => {
  const box = new Stage("mail", "INBOX");
  box.set("INBOX", "1", mail("m1", { came: "2026-01-01T00:00:00Z" }));
  await using play = new Play([box]);
  box.room("INBOX").looks.push(function* (room) {
    yield { sightings: [seen(room, "1")], position: { at: 1 }, listing: { id: "first" } };
    play.clock.advance(1000);
    box.set("INBOX", "2", mail("m2", { came: play.clock.iso() }));
    yield { sightings: [seen(room, "2")], position: { at: 2 }, listing: { id: "first", last: true } };
  });
  expect(await play.sync()).toEqual(["Create m2 > mail/INBOX"]);
});

test("a listing goes on after a restart; what was listed before it is not taken for gone", async () => {
  const box = new Stage("mail", "INBOX");
  for (let n = 1; n <= 4; n += 1) box.set("INBOX", String(n), mail(`m${n}`));
  await using play = new Play([box]);
  await play.sync();
  const resumed: unknown[] = [];
  box.room("INBOX").looks.push(
    function* (room) {
      yield { sightings: [seen(room, "1"), seen(room, "2")], position: { at: 2 }, listing: { id: "again" } };
      throw new GroupstreamError("unreachable", "the line is cut; it is tried again");
    },
    function* (room, since) {
      resumed.push(since);
      yield { sightings: [seen(room, "3"), seen(room, "4")], position: { at: 4 }, listing: { id: "again", last: true } };
    },
  );
  await play.sync();
  await play.open();
  play.clock.advance(3_600_000);
  expect(await play.sync()).toEqual([]);
  expect(resumed).toEqual([{ at: 2 }]);
});

test("a source that never lists ends its baseline with the first look that ends well", async () => {
  const feed = new Stage("feed", "posts");
  const room = feed.room("posts");
  const { looks } = room;
  feed.set("posts", "1", mail("m1"));
  looks.push(() => [changed(seen(room, "1"))]);
  await using play = new Play([feed]);
  expect(await play.sync()).toEqual([]);
  feed.set("posts", "2", mail("m2"));
  looks.push(() => [changed(seen(room, "1"), seen(room, "2"))]);
  expect(await play.sync()).toEqual(["Create m2 > feed/posts"]);
});

test("a reply is seen before its parent: one conversation", async () => {
  const box = new Stage("mail", "INBOX");
  await using play = new Play([box]);
  await play.sync();
  box.set("INBOX", "1", mail("reply", { parent: "question" }));
  const [reply] = await play.documents();
  box.set("INBOX", "2", mail("question"));
  const [parent] = await play.documents();
  const contextOf = (doc: Readonly<Record<string, unknown>> | undefined) =>
    (doc?.object as { context?: string } | undefined)?.context;
  expect(contextOf(reply)).toBeDefined();
  expect(contextOf(parent)).toBe(contextOf(reply));
});

test("a reply names its parent by the parent's canonical id", async () => {
  const box = new Stage("mail", "INBOX");
  box.set("INBOX", "1", mail("question"));
  await using play = new Play([box], { history: "all" });
  const [question] = await play.documents();
  box.set("INBOX", "2", mail("reply", { parent: "question" }));
  const [reply] = await play.documents();
  expect((reply?.object as { inReplyTo?: unknown } | undefined)?.inReplyTo).toEqual([
    (question?.object as { id: string } | undefined)?.id,
  ]);
});

test("an unchanged collection costs no look, unless a look that took up an older listing may have missed something", async () => {
  const box = new Stage("mail", "INBOX");
  const room = box.room("INBOX");
  room.revision = "1";
  box.set("INBOX", "1", mail("m1"));
  await using play = new Play([box]);
  await play.sync();
  room.looks.push(() => {
    throw new Error("nothing changed: there must be no look");
  });
  expect(await play.sync()).toEqual([]);
  room.looks.length = 0;
  // A listing is broken off, the mailbox changes behind it, the listing goes on: revision 3 is not vouched for by it.
  room.revision = "2";
  room.looks.push(function* () {
    yield { sightings: [seen(room, "1")], position: { at: 1 }, listing: { id: "long" } };
    throw new GroupstreamError("unreachable", "the line is cut; it is tried again");
  });
  await play.sync();
  room.revision = "3";
  box.set("INBOX", "0", mail("m0"));
  room.looks.push(() => [{ sightings: [], position: { at: 2 }, listing: { id: "long", last: true } }]);
  play.clock.advance(3_600_000);
  // The listing that goes on is up to date as of its opening: another look follows it in the same sync.
  expect(await play.sync()).toEqual(["Create m0 > mail/INBOX"]);
  room.looks.push(() => {
    throw new Error("the look that followed vouches for the revision: there must be no look");
  });
  expect(await play.sync()).toEqual([]);
});
