/** Scenarios of mail and rooms that each broke an earlier contract, through a hub: what stands at the target in the end. */

import { GroupstreamError, type Whole } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { digest, hint } from "../sync/toy.ts";
import { closeAll, type Options, type World, world } from "../sync/world.ts";
import { bot, Postbox, Room } from "./room.ts";

afterEach(closeAll);

const settled = async (w: World): Promise<readonly string[]> => {
  const told: string[] = [];
  for (let turn = 0; turn < 6; turn += 1) {
    told.push(...(await w.sync()));
    w.clock.advance(600_000);
  }
  return told;
};

const reasons = async (w: World): Promise<readonly string[]> =>
  (await w.hub.deliveries()).map(({ verb, state, reason }) => `${verb} ${state}${reason ? `: ${reason}` : ""}`);

const mailAndRoom = async (prepare: (mail: Postbox, chat: Room) => void = () => undefined, over: Options = {}) => {
  const [mail, chat] = [new Postbox(), new Room()];
  prepare(mail, chat);
  const w = await world([mail, chat], { routes: [{ from: "mail/INBOX", to: "chat/room", widen: "team" }], ...over });
  await w.sync();
  return { mail, chat, w };
};

const twoRooms = async () => {
  const [a, b] = [new Room("a"), new Room("b")];
  const routes = [
    { from: "a/room", to: "b/room", widen: "one team" },
    { from: "b/room", to: "a/room", widen: "one team" },
  ];
  const w = await world([a, b], { routes });
  await w.sync();
  return { a, b, w };
};

/** Who reacts there with what. */
const reactions = (room: Room, key: string): readonly string[] =>
  ((room.at("room").items.get(key) as Whole).object.reactions ?? []).map(({ actor, emoji }) => `${actor} ${emoji}`);

/** Nobody reacts by this account any more. */
const withdraws = (room: Room, key: string, who: string): void => {
  const old = room.at("room").items.get(key) as Whole;
  const left = (old.object.reactions ?? []).filter(({ actor }) => actor !== who);
  room.put("room", { ...old, object: { ...old.object, reactions: left }, revision: `${old.revision} without ${who}` });
};

describe("reactions", () => {
  it("two people react at B, one withdraws: ours at A stays until the other does, too", async () => {
    const { a, b, w } = await twoRooms();
    const key = a.says("hello");
    await settled(w);
    for (const who of ["xmpp:bob@example.org", "xmpp:eve@example.org"]) b.reacts("p1", "👍", who);
    await settled(w);
    expect(reactions(a, key)).toEqual([`${bot} 👍`]);
    withdraws(b, "p1", "xmpp:bob@example.org");
    await settled(w);
    expect(reactions(a, key)).toEqual([`${bot} 👍`]);
    withdraws(b, "p1", "xmpp:eve@example.org");
    await settled(w);
    expect(reactions(a, key)).toEqual([]);
    expect(a.done).toEqual([`Like ${key}👍`, `Undo ${key}👍`]);
  });

  it("set before the thing was carried stand there once it is", async () => {
    const { a, b, w } = await twoRooms();
    b.fates.push("refused");
    const key = a.says("hello");
    await w.sync();
    a.reacts(key, "🎉");
    await settled(w);
    expect(b.posts()).toHaveLength(1);
    expect(reactions(b, "p1")).toEqual([`${bot} 🎉`]);
  });
});

describe("a mail", () => {
  it("routed by folder, filed in another one, then deleted: its post stays, then goes, and one Delete is told", async () => {
    const { mail, chat, w } = await mailAndRoom();
    mail.mail("INBOX", "a");
    await settled(w);
    mail.move("INBOX", "a", "Archive");
    await settled(w);
    expect(chat.posts()).toHaveLength(1);
    mail.remove("Archive", "a");
    // Its post is no place of it: who expunges the mail has deleted it.
    expect(await settled(w)).toEqual(["Delete a Archive→"]);
    expect(chat.posts()).toEqual([]);
  });

  it("of the baseline is edited: what was never delivered is posted now, as it is", async () => {
    const { mail, chat, w } = await mailAndRoom((mail) => mail.mail("INBOX", "old"));
    mail.mail("INBOX", "old", { text: "moved to Friday", edition: "2" });
    await settled(w);
    expect(chat.posts()).toEqual(["p1 hub: Ada: moved to Friday"]);
    expect(await reasons(w)).toEqual(["Create done"]);
  });

  it("that stands in two accounts as two, both posted, is found to be one: when both are deleted no post is left", async () => {
    const [one, two, chat] = [new Postbox("one"), new Postbox("two"), new Room()];
    const routes = ["one", "two"].map((id) => ({ from: `${id}/INBOX`, to: "chat/room", widen: "team" }));
    const w = await world([one, two, chat], { routes });
    await w.sync();
    one.mail("INBOX", "m", {}, { same: [digest("m")] });
    two.mail("INBOX", "n", {}, { same: [hint("n")] });
    await settled(w);
    expect(chat.posts()).toHaveLength(2);
    two.mail("INBOX", "n", { flags: ["flagged"] }, { same: [digest("m"), hint("n")] });
    await settled(w);
    expect(chat.posts()).toHaveLength(2);
    one.remove("INBOX", "m");
    two.remove("INBOX", "n");
    expect([...(await settled(w))].filter((line) => line.startsWith("Delete"))).toHaveLength(2);
    expect(chat.posts()).toEqual([]);
  });
});

describe("a thread at the target", () => {
  const answer = (parent: string) => ({
    inReplyTo: [{ evidence: `mid:${parent}` }],
    context: [{ evidence: `mid:${parent}` }],
  });

  it("a reply is carried before its parent is there: one thread, the late parent beneath it", async () => {
    const { mail, chat, w } = await mailAndRoom();
    mail.mail("INBOX", "reply", answer("parent"));
    await settled(w);
    mail.mail("INBOX", "parent");
    await settled(w);
    expect(chat.posts()).toEqual(["p1 hub: Ada: reply", "p2 hub: Ada: parent ↳p1"]);
  });

  it("goes on beneath the first that still stands where its root was removed there", async () => {
    const { mail, chat, w } = await mailAndRoom();
    mail.mail("INBOX", "root");
    await settled(w);
    mail.mail("INBOX", "first", answer("root"));
    await settled(w);
    chat.remove("room", "p1", { final: true });
    await settled(w);
    mail.mail("INBOX", "second", answer("root"));
    await settled(w);
    expect(chat.posts()).toEqual(["p2 hub: Ada: first ↳p1", "p3 hub: Ada: second ↳p2"]);
  });
});

describe("our own work", () => {
  it("our post lands while the room is being listed: it is not taken for gone, and its edit is an edit", async () => {
    const { mail, chat, w } = await mailAndRoom((_, chat) => {
      for (const text of ["one", "two", "three"]) chat.says(text);
    });
    chat.pageSize = 1;
    chat.lose("room");
    let pages = 0;
    chat.before = (what) => {
      if (what === "page room" && (pages += 1) === 2) throw new GroupstreamError("unreachable", "chat: cut");
    };
    mail.mail("INBOX", "a");
    await w.sync();
    expect(pages).toBe(2);
    chat.before = () => undefined;
    expect(chat.posts()).toHaveLength(4);
    expect((await settled(w)).filter((line) => !line.includes("INBOX"))).toEqual([]);
    mail.mail("INBOX", "a", { text: "b", edition: "2" });
    await settled(w);
    expect(chat.done).toEqual(["Create p4 Ada: a", "Update p4 Ada: b"]);
  });

  it.each(["done, answer lost", "not done, answer lost"] as const)(
    "the same text twice, no marker, the second %s: two posts, each found as its own",
    async (fate) => {
      const { mail, chat, w } = await mailAndRoom((_, chat) => void (chat.markers = false));
      mail.mail("INBOX", "a", { name: "twin", text: "same", content: "same" });
      await settled(w);
      chat.fates.push(fate);
      mail.mail("INBOX", "b", { name: "twin", text: "same", content: "same" });
      await settled(w);
      expect(chat.done).toEqual(["Create p1 Ada: same", "Create p2 Ada: same"]);
      mail.remove("INBOX", "a");
      await settled(w);
      expect(chat.posts()).toEqual(["p2 hub: Ada: same"]);
    },
  );

  it("what our account wrote and no delivery made is told, and never routed", async () => {
    const { a, b, w } = await twoRooms();
    const key = a.says("by hand", { who: bot });
    const said = a.at("room").items.get(key) as Whole;
    a.put("room", { ...said, mine: { marker: "00000000-0000-5000-8000-000000000000" } });
    expect(await settled(w)).toHaveLength(1);
    expect(b.posts()).toEqual([]);
  });

  it("an edit of a post that is gone there, and that nobody has seen go: refused, and never made again", async () => {
    const { mail, chat, w } = await mailAndRoom();
    mail.mail("INBOX", "a");
    await settled(w);
    // Gone without a word: neither journal nor listing says so.
    chat.at("room").items.delete("p1");
    mail.mail("INBOX", "a", { text: "b", edition: "2" });
    await settled(w);
    const gone = (await w.hub.deliveries()).find(({ state }) => state === "refused");
    expect(gone).toMatchObject({ verb: "Update", reason: "gone there" });
    mail.mail("INBOX", "a", { text: "c", edition: "3" });
    await settled(w);
    expect(chat.posts()).toEqual([]);
    expect((await reasons(w)).at(-1)).toBe("Update void: it was removed there; it is not made again");
  });
});

it("what stands at the target itself is not posted there: a list copy in the routed mailbox of a target", async () => {
  const [one, two] = [new Postbox("one"), new Room("two")];
  const everywhere = { same: [digest("m")] };
  const w = await world([one, two], { routes: [{ from: "one/INBOX", to: "two/room", widen: "team" }] });
  await w.sync();
  one.mail("Archive", "m", {}, everywhere);
  two.mail("room", "m", {}, everywhere);
  await settled(w);
  one.move("Archive", "m", "INBOX");
  await settled(w);
  expect(two.posts()).toHaveLength(1);
  expect(two.done).toEqual([]);
  expect(await reasons(w)).toContainEqual(expect.stringMatching(/^\w+ void: it is there itself$/));
});
