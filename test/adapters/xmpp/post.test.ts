/** Archived messages as they are read, and put together: pure, a table of what rooms hold. */

import type { MessageView, Read, Sighting } from "groupstream";
import { describe, expect, it } from "vitest";
import { composed, type Manner, quoteOf } from "../../../adapters/suites/xmpp/compose.ts";
import { Items } from "../../../adapters/suites/xmpp/items.ts";
import { isOurs, malformedOf, type Setting, sightingOf } from "../../../adapters/suites/xmpp/map.ts";
import { isUnread, type Post, postOf } from "../../../adapters/suites/xmpp/post.ts";
import type { Element } from "../../../adapters/suites/xmpp/xml.ts";
import { part, xml } from "../../lab/xmpp.ts";

const room = "support@conference.example.org";
const setting: Setting = { room, self: "bot@example.org", nick: "Bridge", occupant: "bot-id" };
const full: Read = { text: "full", behaviour: false };

interface Spoken {
  readonly nick?: string;
  readonly occupant?: string;
  readonly stamp?: string;
  readonly sent?: string;
}

const message = (
  id: string,
  parts: readonly Element[],
  { nick = "Anna", occupant, stamp, sent = `sent-${id}` }: Spoken = {},
) => ({
  id,
  stamp: stamp ?? `2026-11-26T10:00:0${id.at(-1)}Z`,
  message: xml(
    "message",
    { type: "groupchat", from: nick === "" ? room : `${room}/${nick}`, ...(sent !== "" && { id: sent }) },
    ...parts,
    ...(occupant === undefined ? [] : [xml("occupant-id", { xmlns: "urn:xmpp:occupant-id:0", id: occupant })]),
  ),
});

const read = (...entries: readonly ReturnType<typeof message>[]): { items: Items; posts: readonly Post[] } => {
  const items = new Items(100);
  const posts = entries.map((entry) => postOf(entry, room)).filter((post): post is Post => !isUnread(post));
  for (const post of posts) items.take(post);
  return { items, posts };
};

const shown = (key: string, ...entries: readonly ReturnType<typeof message>[]): Sighting => {
  const item = read(...entries).items.get(key);
  if (!item) throw new Error(`there is no ${key}`);
  return sightingOf(item, full, setting);
};

const text = (body: string) => [part.body(body)];

describe("a message", () => {
  it("is a note by its occupant, at the archive's time", () => {
    expect(shown("1", message("1", text("Hello\r\n<b>you</b>\u0007")))).toEqual({
      key: "1",
      revision: "1",
      object: {
        type: "Note",
        content: "<p>Hello<br>&lt;b&gt;you&lt;/b&gt;</p>",
        text: "Hello\n<b>you</b>",
        published: "2026-11-26T10:00:01.000Z",
        attributedTo: { id: `xmpp:${room}/Anna`, name: "Anna" },
      },
      same: [{ id: `xmpp:${room}#1`, within: "everywhere", weight: "identity" }],
      came: "2026-11-26T10:00:01.000Z",
      order: "2026-11-26T10:00:01.000Z",
      by: { actor: { id: `xmpp:${room}/Anna`, name: "Anna" }, at: "2026-11-26T10:00:01.000Z", from: "server" },
    });
  });

  it("is by a JID where the room shows it", () => {
    const user = xml("x", { xmlns: "http://jabber.org/protocol/muc#user" }, xml("item", { jid: "Anna@example.org/phone" }));
    expect(shown("1", message("1", [...text("Hello"), user]))).toMatchObject({
      object: { attributedTo: { id: "xmpp:anna@example.org", name: "Anna" } },
    });
  });

  it.each([
    ["occupant ids, whatever the nickname", { nick: "Other", occupant: "bot-id" }, true],
    ["another occupant id under our nickname", { nick: "Bridge", occupant: "thief" }, false],
    ["our nickname where nothing better is known", { nick: "Bridge" }, true],
    ["another nickname", { nick: "Anna" }, false],
  ] as const)("is ours by %s", (_, spoken, ours) => {
    const uuid = "6f1e0f0a-6a1e-4b5e-9a39-0a8f4f5d1c11";
    const { posts } = read(message("1", text("Hello"), { ...spoken, sent: uuid }));
    expect(isOurs(posts[0]!.author, setting)).toBe(ours);
    const sighting = shown("1", message("1", text("Hello"), { ...spoken, sent: uuid }));
    expect("mine" in sighting ? sighting.mine : undefined).toEqual(ours ? { marker: uuid } : undefined);
  });

  it("bears no marker where its id is none of ours", () => {
    expect(shown("1", message("1", text("By hand."), { nick: "Bridge", sent: "lmc_17" }))).toMatchObject({ mine: {} });
  });

  it("names files by its links, and what it answers and belongs to", () => {
    const parts = [
      ...text("> Bob:\n> 😀 what?\nThis: https://files.example.org/a%20b.pdf"),
      part.reply(`${room}/Bob`, "0"),
      xml("fallback", { xmlns: "urn:xmpp:fallback:0", for: "urn:xmpp:reply:0" }, xml("body", { start: "0", end: "16" })),
      xml("thread", {}, "t1"),
      xml("x", { xmlns: "jabber:x:oob" }, xml("url", {}, "https://files.example.org/a%20b.pdf")),
      xml("x", { xmlns: "jabber:x:oob" }, xml("url", {}, "javascript:alert(1)")),
    ];
    expect(shown("1", message("1", parts))).toMatchObject({
      object: {
        text: "This: https://files.example.org/a%20b.pdf",
        inReplyTo: [{ collection: room, key: "0" }],
        context: [{ collection: room, key: "t1" }, { evidence: `thread:${room}/t1` }],
        attachment: [
          { part: "oob-1", mediaType: "application/pdf", name: "a b.pdf", href: "https://files.example.org/a%20b.pdf" },
        ],
      },
    });
  });

  it("keeps its whole text where the borders of the quote are wrong", () => {
    const fallback = xml(
      "fallback",
      { xmlns: "urn:xmpp:fallback:0", for: "urn:xmpp:reply:0" },
      xml("body", { start: "5", end: "99999" }),
    );
    const sighting = shown("1", message("1", [...text("All of it."), part.reply(`${room}/Bob`, "0"), fallback]));
    expect(sighting).toMatchObject({ object: { text: "All of it." } });
  });

  it("says that it is sealed, and shows no stand-in", () => {
    const sighting = shown("1", message("1", [...text("You need OMEMO."), xml("encryption", { xmlns: "urn:xmpp:eme:0" })]));
    expect(sighting).toMatchObject({ object: { losses: [{ field: "content" }] } });
    expect(JSON.stringify(sighting)).not.toContain("OMEMO");
  });

  it("is cut where it is too long, with a loss", () => {
    const sighting = shown("1", message("1", text("<".repeat(150_000)))) as { object: { text: string; losses: unknown[] } };
    expect(sighting.object.text.length).toBe(100_000);
    expect(sighting.object.losses).toHaveLength(1);
  });

  it("shows no more of its text than may be read", () => {
    const item = read(message("1", text("word ".repeat(1_000)))).items.get("1")!;
    const preview = sightingOf(item, { ...full, text: "preview" }, setting) as { object: { text: string } };
    expect(preview.object.text.length).toBeLessThanOrEqual(2_000);
    expect(sightingOf(item, { ...full, text: "none" }, setting)).not.toHaveProperty("object.text");
  });
});

describe("what is said about a message", () => {
  const first = message("1", text("Helo"), { occupant: "a" });

  it("corrects it by the same person, under whatever nickname", () => {
    const fix = message("2", [...text("Hello"), part.correct("sent-1")], { nick: "Annie", occupant: "a" });
    expect(shown("1", first, fix)).toMatchObject({
      key: "1",
      revision: "2",
      object: { text: "Hello", edition: "2026-11-26T10:00:02.000Z", published: "2026-11-26T10:00:01.000Z" },
      order: "2026-11-26T10:00:02.000Z",
    });
  });

  it.each([
    ["a correction", [...text("Evil"), part.correct("sent-1")]],
    ["a retraction", [part.retract("1")]],
  ])("does not count where it is %s by somebody else", (_, parts) => {
    const unchanged = shown("1", first);
    expect(shown("1", first, message("2", parts, { nick: "Anna", occupant: "b" }))).toEqual(unchanged);
  });

  const fastened = (...children: readonly Element[]) => xml("apply-to", { xmlns: "urn:xmpp:fasten:0", id: "1" }, ...children);
  const before = xml("retract", { xmlns: "urn:xmpp:message-retract:0" });
  it.each([
    ["its author", [part.retract("1")], "Anna"],
    ["its author, as it was written before", [fastened(before)], "Anna"],
    [
      "a moderator",
      [
        xml(
          "retract",
          { xmlns: "urn:xmpp:message-retract:1", id: "1" },
          xml("moderated", { xmlns: "urn:xmpp:message-moderate:1" }),
        ),
      ],
      "",
    ],
    ["a moderator, as it was written before", [fastened(xml("moderated", { xmlns: "urn:xmpp:message-moderate:0" }, before))], ""],
  ])("takes it back for good: by %s", (_, parts, nick) => {
    const sighting = shown("1", first, message("2", parts, { nick, ...(nick !== "" && { occupant: "a" }) }));
    expect(sighting).toEqual({ key: "1", gone: true, final: true, order: "2026-11-26T10:00:02.000Z" });
  });

  it("does not take it back where somebody claims to be a moderator", () => {
    const claim = xml(
      "retract",
      { xmlns: "urn:xmpp:message-retract:1", id: "1" },
      xml("moderated", { xmlns: "urn:xmpp:message-moderate:1" }),
    );
    expect(shown("1", first, message("2", [claim], { nick: "Eve", occupant: "e" }))).toEqual(shown("1", first));
  });

  it("is all that somebody now has on it", () => {
    const sighting = shown(
      "1",
      first,
      message("2", [part.react("1", "👍", "🎉", "👍")], { nick: "Bob" }),
      message("3", [part.react("1", "❤️")], { nick: "Bridge", occupant: "bot-id" }),
      message("4", [part.react("1", "🎉")], { nick: "Bob" }),
    );
    expect(sighting).toMatchObject({
      revision: "4",
      object: {
        reactions: [
          { actor: "xmpp:bot@example.org", emoji: "❤️" },
          { actor: `xmpp:${room}/Bob`, emoji: "🎉" },
        ],
      },
    });
    const none = shown(
      "1",
      first,
      message("2", [part.react("1", "👍")], { nick: "Bob" }),
      message("3", [part.react("1")], { nick: "Bob" }),
    );
    expect(none).not.toHaveProperty("object.reactions");
  });

  it("never orders a later state before an earlier one, whatever the clock does", () => {
    const late = message("2", [part.react("1", "👍")], { nick: "Bob", stamp: "2026-11-26T09:00:00Z" });
    expect(shown("1", first, late)).toMatchObject({ revision: "2", order: "2026-11-26T10:00:01.000Z" });
  });

  it("gives back what it is about where that is not here", () => {
    const items = new Items(100);
    expect(items.take(postOf(message("2", [part.react("0", "👍")]), room) as Post)).toEqual({ missing: "0" });
    expect(items.take(postOf(message("3", [part.subject("New subject")]), room) as Post)).toBeUndefined();
  });

  it("is forgotten with the message that was untouched for longest", () => {
    const items = new Items(2);
    for (const id of ["1", "2", "3"]) items.take(postOf(message(id, text(id)), room) as Post);
    expect(items.get("1")).toBeUndefined();
    expect(items.take(postOf(message("4", [...text("x"), part.correct("sent-1")]), room) as Post)).toEqual({ missing: "sent-1" });
    expect(items.get("3")).toBeDefined();
  });
});

describe("what cannot be read", () => {
  it.each([
    ["holds no message", { id: "1", stamp: "2026-11-26T10:00:00Z" }],
    ["says no time", { ...message("1", text("x")), stamp: "yesterday" }],
    [
      "is from elsewhere",
      { id: "1", stamp: "2026-11-26T10:00:00Z", message: xml("message", { from: "eve@example.net/x" }, part.body("x")) },
    ],
  ])("is malformed, with a reason: it %s", (_, entry) => {
    const post = postOf(entry, room);
    if (!isUnread(post)) throw new Error("it was read");
    expect(malformedOf(post)).toEqual({ key: "1", revision: "1", malformed: { reason: expect.stringMatching(/\.$/) } });
  });
});

describe("what is sent", () => {
  it("begins with the name where it begins a thread, or has no text", () => {
    const note = {
      type: "Note",
      name: "Subject\u2028line",
      text: "Text.\u0000",
      attributedTo: { id: "mailto:ada@example.org" },
    } as const;
    expect(composed(note, { self: "xmpp:bot@example.org", titled: true }).text).toBe("*Subject line*\nada@example.org: Text.");
    expect(composed(note, { self: "xmpp:bot@example.org", titled: false }).text).toBe("ada@example.org: Text.");
    expect(composed({ ...note, text: "" }, { self: "xmpp:bot@example.org", titled: false }).text).toBe(
      "*Subject line*\nada@example.org",
    );
    expect(composed(note, { self: "mailto:ada@example.org", titled: false }).text).toBe("Text.");
    expect(composed({ type: "Note" }, { self: "xmpp:bot@example.org", titled: true }).text).toBe("…");
  });

  const said = (note: Partial<MessageView>, more: Partial<Manner> = {}) =>
    composed({ type: "Note", ...note }, { self: "x:", titled: true, ...more });

  it("is made of HTML in Message Styling, and of an event's time and place", () => {
    expect(said({ content: "<p>One</p><ul><li>two</li></ul>" })).toMatchObject({
      text: "One\n\n- two",
      losses: [{ field: "content", reason: expect.stringContaining("lists") }],
    });
    const styled = '<p>It <strong>burns</strong>, <a href="https://example.org/x">see</a></p><pre>a *b*</pre>';
    expect(said({ text: "not this", content: styled })).toMatchObject({
      text: "It *burns*, see (https://example.org/x)\n\n```\na *b*\n```",
      losses: [],
    });
    const event = { type: "Event", name: "Review", startTime: "2026-12-01T09:00:00Z", location: "Room 1" } as const;
    expect(composed(event, { self: "x:", titled: true }).text).toBe("*Review*\n🗓 Tue, 1 Dec 2026, 09:00 UTC\n📍 Room 1");
    const changed = composed(event, { self: "x:", titled: true, changed: "*Review* was moved" });
    expect(changed.text).toMatch(/Room 1\n✎ .*Review.* was moved$/);
    expect(changed.text).not.toContain("✎ *Review*");
    expect(changed.digest).toBe(composed(event, { self: "x:", titled: true }).digest);
  });

  it("styles nothing of what only looks like it, in text, names, subjects and file names", () => {
    const { text } = said({
      name: "*loud*",
      text: "/me _sighs_\n```\n*x* `y` ~z~",
      attributedTo: { id: "mailto:eve@example.org", name: "_Eve_" },
      attachment: [{ part: "1", name: "~old~.txt", mediaType: "text/plain" }],
    });
    expect(text.split("\n")).toEqual([
      "\u200b*loud*",
      "\u200b_Eve_: \u200b/me \u200b_sighs_",
      "\u200b```",
      "\u200b*x* \u200b`y` \u200b~z~",
      "📎 \u200b~old~.txt",
    ]);
  });

  it("quotes at the beginning of a line only", () => {
    const quoting = {
      content: "<blockquote>Why?</blockquote><p>So.</p>",
      attributedTo: { id: "mailto:ada@example.org", name: "Ada" },
    };
    expect(said(quoting).text).toBe("Ada:\n> Why?\n\nSo.");
  });

  it("is folded at its limit: with a link where there is one, else with how much is left out, in the route's language", () => {
    const long = {
      name: "Report",
      text: "Wort ".repeat(4_000),
      attachment: [{ part: "1", name: "a.txt", mediaType: "text/plain" }],
    };
    const plain = said(long, { language: "de" });
    expect(plain.text.length).toBeLessThanOrEqual(10_000);
    expect(plain.text).toMatch(/^\*Report\*\nWort .* Wort\n… \(10\.\d{3} weitere Zeichen\)\n📎 a\.txt$/);
    expect(plain.losses).toEqual([{ field: "content", reason: expect.stringContaining("how much is left out") }]);
    const linked = said(long, { link: "https://hub.example.org/objects/1" });
    expect(linked.text).toMatch(/Wort\n… \(whole text: https:\/\/hub\.example\.org\/objects\/1\)\n📎 a\.txt$/);
    expect(linked.losses).toEqual([{ field: "content", reason: expect.stringContaining("a link leads") }]);
    const { text } = said({ text: "😀".repeat(6_000) });
    expect(text.length).toBeLessThanOrEqual(10_000);
    expect(text.isWellFormed()).toBe(true);
  });

  it("has one digest, whatever of it was folded, linked or uploaded", () => {
    const note = { text: "Wort ".repeat(4_000), attachment: [{ part: "1", name: "a.txt", mediaType: "text/plain" }] };
    const digests = [
      said(note),
      said(note, { link: "https://hub.example.org/objects/1", language: "de", titled: false }),
      said(note, { links: new Map([["1", "https://files.example.org/1/a.txt"]]) }),
    ].map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(1);
    expect(said({ ...note, text: `${note.text}!` }).digest).not.toBe(digests[0]);
  });

  it("names a shared file by its link, once", () => {
    const href = "https://files.example.org/a.pdf";
    const attachment = [{ part: "oob-1", name: "a.pdf", mediaType: "application/pdf", href }];
    expect(said({ text: `See ${href}`, attachment }).text).toBe(`See ${href}`);
    expect(said({ text: "See", attachment }).text).toBe(`See\n📎 a.pdf: ${href}`);
  });

  it("quotes three lines, and counts code points", () => {
    const { quote, length } = quoteOf("Bob", "😀\ntwo\nthree\nfour");
    expect(quote).toBe("> Bob:\n> 😀\n> two\n> three\n");
    expect(length).toBe([...quote].length);
  });
});
