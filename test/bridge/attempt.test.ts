/** Delivering to rooms and mailboxes that hold things: what should stand there stands there, once, whatever breaks. */

import type { Adapter, Page, Whole } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { closeAll, type Options, type World, world } from "../sync/world.ts";
import { Postbox, Room } from "./room.ts";

afterEach(closeAll);

const routes: Options["routes"] = [
  { from: "mail/INBOX", to: "chat/room", widen: "the team reads this mailbox" },
  { from: "chat/room", to: "mail", only: "replies", widen: "customers read our answers" },
];

interface Bridged {
  readonly mail: Postbox;
  readonly chat: Room;
  readonly w: World;
  /** Syncs until nothing is open or told any more; gives what that told. */
  readonly settle: () => Promise<readonly string[]>;
}

const bridged = async (over: Options = {}, prepare: (mail: Postbox, chat: Room) => void = () => undefined): Promise<Bridged> => {
  const [mail, chat] = [new Postbox(), new Room()];
  prepare(mail, chat);
  const w = await world([mail, chat], { routes: routes ?? [], ...over });
  await w.sync();
  return { mail, chat, w, settle: () => settled(w) };
};

const settled = async (w: World): Promise<readonly string[]> => {
  const told: string[] = [];
  for (let turn = 0; turn < 12; turn += 1) {
    const now = await w.sync();
    told.push(...now);
    w.clock.advance(600_000);
    const open = await w.hub.deliveries({ states: ["pending", "sending", "retrying", "unknown"] });
    if (now.length === 0 && open.length === 0 && turn > 1) break;
  }
  return told;
};

/** `to verb state: reason`. */
const deliveries = async (w: World): Promise<readonly string[]> =>
  (await w.hub.deliveries()).map(({ target, verb, state, reason }) => `${target} ${verb} ${state}${reason ? `: ${reason}` : ""}`);

describe("a mail", () => {
  it("becomes a post, its edit an edit, its deletion a deletion; nothing comes back", async () => {
    const { mail, chat, settle } = await bridged();
    mail.mail("INBOX", "hello");
    expect(await settle()).toEqual(["Create hello →INBOX"]);
    expect(chat.posts()).toEqual(["p1 hub: Ada: hello"]);
    mail.mail("INBOX", "hello", { text: "hello, again", edition: "2" });
    await settle();
    expect(chat.posts()).toEqual(["p1 hub: Ada: hello, again"]);
    mail.remove("INBOX", "hello");
    await settle();
    expect(chat.posts()).toEqual([]);
    expect(chat.done).toEqual(["Create p1 Ada: hello", "Update p1 Ada: hello, again", "Delete p1"]);
    expect(mail.sent).toEqual([]);
  });

  it("filed elsewhere keeps its post; moved into the routed folder it is posted, with its text", async () => {
    const { mail, chat, settle } = await bridged({}, (mail) => {
      mail.mail("Archive", "old");
      mail.mail("INBOX", "older");
    });
    mail.mail("INBOX", "a");
    await settle();
    mail.move("INBOX", "a", "Archive");
    mail.move("Archive", "old", "INBOX");
    await settle();
    expect(chat.posts()).toEqual(["p1 hub: Ada: a", "p2 hub: Ada: old"]);
    mail.mail("INBOX", "older", { flags: ["flagged"] });
    await settle();
    expect(chat.posts()).toHaveLength(2);
  });

  it("changed before it was ever delivered is posted once, as it is", async () => {
    const { mail, chat, settle } = await bridged();
    chat.fates.push("refused", "refused");
    mail.mail("INBOX", "a");
    const told = await settle();
    expect(told).toEqual(["Create a →INBOX"]);
    mail.mail("INBOX", "b");
    chat.fates.push("refused");
    expect(await settle()).toEqual(["Create b →INBOX"]);
    expect(chat.posts()).toEqual(["p1 hub: Ada: a", "p2 hub: Ada: b"]);
  });

  it("whose post a moderator removed is not posted again, also when it changes", async () => {
    const { mail, chat, w, settle } = await bridged();
    mail.mail("INBOX", "a");
    await settle();
    chat.remove("room", "p1", { final: true });
    await settle();
    mail.mail("INBOX", "a", { text: "changed", edition: "2" });
    await settle();
    expect(chat.posts()).toEqual([]);
    expect(await deliveries(w)).toContainEqual("chat/room Update void: it was removed there; it is not made again");
  });

  it("that is a delivery report, an automatic reply or a receipt is never carried, one of a list is", async () => {
    const { mail, chat, w, settle } = await bridged();
    for (const automatic of ["bounce", "auto-reply", "receipt", "list", "bot"] as const)
      mail.mail("INBOX", automatic, { automatic });
    await settle();
    expect(chat.posts()).toEqual(["p1 hub: Ada: list"]);
    expect((await deliveries(w)).filter((line) => line.includes("void")).sort()).toEqual([
      "chat/room Create void: not sent: a machine wrote it, and the route does not carry what bots write",
      "chat/room Create void: not sent: it is a delivery report, which is never carried",
      "chat/room Create void: not sent: it is a receipt, which is never carried",
      "chat/room Create void: not sent: it is an automatic reply, which is never carried",
    ]);
  });

  it("reaches no wider audience without a reason, and the reason stands with the delivery", async () => {
    const narrow: Options["routes"] = [{ from: "mail/INBOX", to: "chat/room" }];
    const { mail, chat, w, settle } = await bridged({ routes: narrow }, (_, chat) => {
      chat.at("room").audience = ["mailto:team@example.org", "xmpp:eve@example.org"];
    });
    mail.mail("INBOX", "a");
    await settle();
    expect(chat.posts()).toEqual([]);
    expect(await deliveries(w)).toEqual([
      "chat/room Create void: not sent: xmpp:eve@example.org could not see it at its source; a route may widen with a reason",
    ]);
  });

  it("reaches a room whose members are the same people under other names", async () => {
    const narrow: Options["routes"] = [{ from: "mail/INBOX", to: "chat/room" }];
    const people = [{ ids: ["mailto:team@example.org", "xmpp:team@chat.example.org"] }];
    const { mail, chat, settle } = await bridged({ routes: narrow, people }, (_, chat) => {
      chat.at("room").audience = ["xmpp:team@chat.example.org"];
    });
    mail.mail("INBOX", "a");
    await settle();
    expect(chat.posts()).toEqual(["p1 hub: Ada: a"]);
  });
});

describe("a conversation", () => {
  it("crosses both ways in one thread: mail, answer in the room, answer by mail", async () => {
    const { mail, chat, settle } = await bridged();
    mail.mail("INBOX", "question");
    await settle();
    chat.says("an answer", { answers: "p1" });
    expect(await settle()).toHaveLength(1);
    expect(mail.sent.map((one) => one.replace(/<.*/, ""))).toEqual(["ann: an answer ↳question "]);
    const id = /<(.*)>/.exec(mail.sent[0] ?? "")?.[1] ?? "";
    mail.mail("INBOX", "thanks", { inReplyTo: [{ evidence: `mid:gs.${id}` }], context: [{ evidence: "mid:question" }] });
    await settle();
    expect(chat.posts()).toEqual(["p1 hub: Ada: question", "p2 xmpp:ann@example.org: an answer ↳p1", "p3 hub: Ada: thanks ↳p2"]);
    expect(mail.sent).toHaveLength(1);
  });

  it("an answer that names our mail by its marker alone finds its thread before our copy was read", async () => {
    const { mail, chat, settle } = await bridged();
    mail.fates.push("done, answer lost");
    mail.mail("INBOX", "question");
    await settle();
    chat.says("an answer", { answers: "p1" });
    await settle();
    const id = /<(.*)>/.exec(mail.sent[0] ?? "")?.[1] ?? "";
    mail.mail("INBOX", "thanks", { inReplyTo: [{ marker: id }], context: [{ marker: id }] });
    await settle();
    expect(chat.posts().at(-1)).toBe("p3 hub: Ada: thanks ↳p2");
  });

  it("what answers nothing there is not sent", async () => {
    const { mail, chat, w, settle } = await bridged();
    chat.says("just talking");
    await settle();
    expect(mail.sent).toEqual([]);
    const [only] = await deliveries(w);
    expect(only).toBe(
      "mail/ Create void: not sent: the route carries answers only, and nothing of its conversation stands there",
    );
  });

  it("a sent mail is neither edited nor taken back, and that is said", async () => {
    const { mail, chat, w, settle } = await bridged();
    mail.mail("INBOX", "q");
    await settle();
    const key = chat.says("answer", { answers: "p1" });
    await settle();
    chat.edits(key, "better answer");
    await settle();
    chat.remove("room", key, { final: true });
    await settle();
    expect(mail.sent).toHaveLength(1);
    expect((await deliveries(w)).filter((line) => line.startsWith("mail/"))).toEqual([
      expect.stringMatching(/^mail\/ Create done/),
      "mail/ Update void: it was sent before; what is sent is neither edited nor taken back",
      "mail/ Delete void: it was sent before; what is sent is neither edited nor taken back",
    ]);
  });
});

describe("an answer that is lost", () => {
  it.each([
    ["found by its marker", true, "yes", "done, answer lost", 1],
    ["found to be absent, and repeated", true, "yes", "not done, answer lost", 1],
    ["found by its digest", false, "yes", "done, answer lost", 1],
    ["recognised when the room is read", true, "no", "done, answer lost", 1],
    ["repeated once a look does not show it", true, "no", "not done, answer lost", 1],
    ["recognised by its digest when the room is read", false, "no", "done, answer lost", 1],
  ] as const)("is settled before anything else in its thread: %s", async (_, markers, finds, fate, posts) => {
    const { mail, chat, settle } = await bridged({}, (_mail, chat) => {
      chat.markers = markers;
      chat.finds = finds;
    });
    chat.fates.push(fate);
    mail.mail("INBOX", "a");
    mail.mail("INBOX", "b", { context: [{ evidence: "mid:a" }], inReplyTo: [{ evidence: "mid:a" }] });
    await settle();
    expect(chat.posts()).toHaveLength(posts + 1);
    expect(chat.posts()[1]).toMatch(/↳p1$/);
    expect(chat.done).toHaveLength(2);
    mail.remove("INBOX", "a");
    await settle();
    expect(chat.posts()).toEqual([expect.stringMatching(/Ada: b/)]);
  });

  it("of a mail is repeated with the same id, and was shown as unknown first", async () => {
    const { mail, chat, w, settle } = await bridged();
    mail.mail("INBOX", "q");
    await settle();
    mail.fates.push("done, answer lost");
    chat.says("answer", { answers: "p1" });
    await w.sync();
    expect(await deliveries(w)).toContainEqual("mail/ Create unknown: the line broke after DATA");
    await settle();
    expect(mail.sent).toHaveLength(2);
    expect(new Set(mail.sent).size).toBe(1);
  });

  it("of a mail stays unknown while nothing can be asked, and is not taken for something never sent", async () => {
    const { mail, chat, w, settle } = await bridged();
    mail.mail("INBOX", "q");
    await settle();
    mail.fates.push("done, answer lost");
    chat.says("answer", { answers: "p1" });
    await w.sync();
    const attempted = async () => (await w.hub.deliveries({ states: ["unknown"] })).map(({ changed }) => changed);
    const before = await attempted();
    expect(before).toHaveLength(1);
    mail.busy = 1;
    w.clock.advance(60_000);
    await w.sync();
    expect(await deliveries(w)).toContainEqual("mail/ Create unknown: 421 too busy");
    expect(await attempted()).toEqual(before);
    await settle();
    expect(new Set(mail.sent).size).toBe(1);
  });

  it("of a mail is not called unsent where it is not wanted any more before that is known", async () => {
    const { mail, chat, w, settle } = await bridged();
    mail.mail("INBOX", "q");
    await settle();
    mail.fates.push("done, answer lost");
    chat.says("answer", { answers: "p1" });
    await w.sync();
    mail.remove("INBOX", "q", { final: true });
    await settle();
    expect(mail.sent).toHaveLength(1);
    expect(await deliveries(w)).toContainEqual(
      "mail/ Create dead: an attempt may have been done; then: it is not repeated: the route carries answers only, and what it answers does not stand there",
    );
    // Tried again by hand it is still what may have been done, not something new.
    const [unsure] = await w.hub.deliveries({ obstructed: true });
    expect(unsure).toMatchObject({ state: "dead", obstacle: "unsure" });
    await w.hub.retry(unsure?.id ?? "");
    expect(await w.hub.deliveries({ obstructed: true })).toMatchObject([
      { id: unsure?.id, state: "unknown", obstacle: "unsure" },
    ]);
  });

  it("says nothing of what stands there: the look shows it, and nothing is made twice", async () => {
    const { mail, chat, settle } = await bridged();
    chat.fates.push("done, says nothing");
    mail.mail("INBOX", "a");
    await settle();
    mail.mail("INBOX", "a", { text: "b", edition: "2" });
    await settle();
    expect(chat.posts()).toEqual(["p1 hub: Ada: b"]);
  });
});

describe("reactions", () => {
  it("on a post about a mail are told about the mail, and carried between rooms", async () => {
    const [a, b] = [new Room("a"), new Room("b")];
    const w = await world([a, b], {
      routes: [
        { from: "a/room", to: "b/room", widen: "one team" },
        { from: "b/room", to: "a/room", widen: "one team" },
      ],
    });
    await w.sync();
    a.says("hello");
    await settled(w);
    expect(b.posts()).toEqual(["p1 hub: ann: hello"]);
    b.reacts("p1", "👍", "xmpp:bob@example.org");
    const told = await settled(w);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^Like/);
    expect(a.done).toEqual(["Like p1👍"]);
    expect(b.done).toEqual(["Create p1 ann: hello"]);
  });
});

describe("a ring of hubs", () => {
  it("A → B → C → A ends by the trail", async () => {
    const rooms = ["a", "b", "c"].map((id) => new Room(id));
    for (const room of rooms) room.at("room").audience = "public";
    const address = (id: string) => `xmpp:${id}@rooms.example.org`;
    /** Each hub writes with an account of its own: what the one before it wrote is somebody else's. */
    const strange = (page: Page): Page => ({
      ...page,
      sightings: page.sightings.map((sighting) => {
        const { mine: _mine, ...rest } = sighting as Whole;
        return rest;
      }),
    });
    const addressed = (room: Room, own: boolean): Adapter => {
      const adapter = room.adapter();
      return {
        ...adapter,
        ...(!own && {
          changes: async function* (...asked: Parameters<NonNullable<Adapter["changes"]>>) {
            for await (const page of adapter.changes?.(...asked) ?? []) yield strange(page);
          },
        }),
        collections: async function* (signal: AbortSignal) {
          for await (const one of adapter.collections(signal)) yield { ...one, address: address(room.id) };
        },
      };
    };
    const ring = await Promise.all(
      rooms.map((room, n) => {
        const next = rooms[(n + 1) % 3] as Room;
        return world([addressed(room, false), addressed(next, true)], {
          routes: [{ from: `${room.id}/room`, to: `${next.id}/room`, bots: true }],
        });
      }),
    );
    for (const w of ring) await w.sync();
    rooms[0]?.says("once");
    for (let turn = 0; turn < 6; turn += 1) for (const w of ring) await settled(w);
    expect(rooms.map((room) => room.posts().length)).toEqual([1, 1, 1]);
  });
});

it("a colleague's private label never leaves: what is delivered is what the route's own source shows", async () => {
  const [anna, carl, chat] = [new Postbox("anna"), new Postbox("carl"), new Room()];
  const w = await world([anna, carl, chat], { routes: [{ from: "anna/INBOX", to: "chat/room", widen: "team" }] });
  await w.sync();
  const everywhere = { same: [{ id: "digest:x", within: "everywhere", weight: "content" }] } as const;
  anna.mail("INBOX", "m", {}, everywhere);
  carl.mail("INBOX", "m", { flags: ["fire-alice"], labels: ["secret"], edition: "9", text: "carl's copy" }, everywhere);
  await settled(w);
  expect(chat.posts()).toEqual(["p1 hub: Ada: m"]);
  anna.remove("INBOX", "m");
  await settled(w);
  expect(chat.posts()).toEqual([]);
});

it("one target down holds back nothing else, and loses nothing", async () => {
  const [mail, down, up] = [new Postbox(), new Room("down"), new Room("up")];
  const w = await world([mail, down, up], {
    routes: [
      { from: "mail/INBOX", to: "down/room", widen: "team" },
      { from: "mail/INBOX", to: "up/room", widen: "team" },
    ],
  });
  await w.sync();
  down.fates.push(...Array.from({ length: 4 }, () => "refused" as const));
  for (const tag of ["a", "b", "c"]) mail.mail("INBOX", tag);
  await w.sync();
  expect(up.posts()).toHaveLength(3);
  await settled(w);
  const texts = (room: Room): readonly string[] =>
    room
      .posts()
      .map((line) => line.slice(3))
      .sort();
  expect(texts(down)).toEqual(texts(up));
});

describe("many answers at once", () => {
  const tags = Array.from({ length: 40 }, (_, n) => `m${n}`);
  const texts = (chat: Room): readonly string[] =>
    chat
      .posts()
      .map((line) => line.replace(/^p\d+ hub: Ada: /, ""))
      .sort();

  it("are booked each as its own: edits and deletions find their posts", async () => {
    const { mail, chat, w, settle } = await bridged();
    for (const tag of tags) mail.mail("INBOX", tag);
    await settle();
    expect(texts(chat)).toEqual([...tags].sort());
    for (const tag of tags) mail.mail("INBOX", tag, { text: `${tag} again`, edition: "2" });
    await settle();
    expect(texts(chat)).toEqual(tags.map((tag) => `${tag} again`).sort());
    expect(chat.done).toHaveLength(2 * tags.length);
    for (const tag of tags.slice(5)) mail.remove("INBOX", tag);
    await settle();
    expect(texts(chat)).toEqual(["m0 again", "m1 again", "m2 again", "m3 again", "m4 again"]);
    expect((await deliveries(w)).every((line) => line.includes(" done"))).toBe(true);
  });

  it("one of which shows another's post spoils none of the others", async () => {
    const { mail, chat, w, settle } = await bridged({}, (_, chat) => {
      const adapter = chat.adapter.bind(chat);
      chat.adapter = (over = {}) => {
        const { performs, ...rest } = adapter(over);
        const create: NonNullable<Adapter["performs"]>["Create"] = async (command, signal) => {
          const receipt = await (performs?.Create?.(command, signal) ?? Promise.reject(new Error("no Create")));
          const first = [...chat.at("room").items.values()][0] as Whole | undefined;
          const lies = !command.preview && receipt.outcome === "done" && chat.done.length % 7 === 6 && first;
          return lies ? { ...receipt, stands: { collection: "room", sighting: first } } : receipt;
        };
        return { ...rest, performs: { ...performs, Create: create } };
      };
    });
    for (const tag of tags) mail.mail("INBOX", tag);
    await settle();
    expect(texts(chat)).toEqual([...tags].sort());
    expect((await w.hub.deliveries()).every(({ state }) => state === "done")).toBe(true);
    const liars = chat.done.flatMap((line, at) => (at % 7 === 5 ? [line.split(": ")[1]] : []));
    for (const tag of tags) mail.mail("INBOX", tag, { text: `${tag} again`, edition: "2" });
    await settle();
    for (const tag of tags.slice(1)) if (!liars.includes(tag)) expect(texts(chat)).toContain(`${tag} again`);
    expect(liars.length).toBeGreaterThan(3);
  });
});
