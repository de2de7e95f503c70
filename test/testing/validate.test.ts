import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { context } from "../../src/activity/context.ts";
import { problemsOf } from "../../src/testing/validate.ts";

type Json = Record<string, unknown>;
const id = "urn:uuid:6fa459ea-ee8a-3ca4-894e-db77e160355e";
const actor = { type: "Person", id: "mailto:ada@example.org", name: "Ada" };
const note: Json = {
  id: `${id.slice(0, -1)}f`,
  type: "Note",
  name: "Budget",
  content: "<p>x</p>",
  published: "2026-11-24T09:00:00Z",
  to: [actor],
};
const place = { type: "Collection", id: "groupstream:collection/mail/INBOX", name: "INBOX" };
const base: Json = { "@context": context, id, actor, published: "2026-11-24T10:00+01:00", summaryMap: { en: "x", de: "y" } };
const thing = { id: note.id, type: "Note" };

/** One valid activity of each type. */
const valid: Record<string, Json> = {
  Create: {
    object: { ...note, attachment: [{ type: "Document", mediaType: "a/b", url: "groupstream:content/1/2" }] },
    target: place,
  },
  Update: { object: note, "groupstream:changed": ["name"], "groupstream:losses": [{ field: "content", reason: "x" }] },
  Delete: { object: { id: note.id, type: "Tombstone", formerType: "Note" } },
  Move: { object: thing, origin: place, target: place },
  Add: { object: thing, target: place },
  Remove: { object: thing, origin: place },
  Announce: { object: note.id },
  Like: { object: thing },
  EmojiReact: { object: thing, content: "🎉" },
  Undo: { object: { type: "EmojiReact", actor, object: note.id, content: "🎉" } },
  Invite: { object: actor, target: thing },
  Accept: { object: thing },
  TentativeAccept: { object: thing },
  Reject: { object: thing },
  Offer: { object: note },
  Read: { object: thing, target: place },
  Leave: { object: thing },
};
const activity = (type: string, changes: Json = {}): Json => ({ ...base, type, ...valid[type], ...changes });

describe("problemsOf", () => {
  it.each(Object.keys(valid))("finds none in a %s as it is told", (type) => {
    expect(problemsOf(activity(type))).toEqual([]);
  });

  it.each<[string, Json, string]>([
    ["no id", { id: undefined }, "id"],
    ["a relative id", { id: "/x" }, "id"],
    ["an id with a space", { id: "urn:x:a b" }, "id"],
    ["a malformed UUID", { id: "urn:uuid:1" }, "id"],
    ["no actor", { actor: undefined }, "actor"],
    ["two actors", { actor: [actor, actor] }, "actor"],
    ["an actor without id", { actor: { type: "Person" } }, "actor"],
    ["an unknown type", { type: "Explode" }, "type"],
    ["a type out of Object's prototype", { type: "constructor" }, "type"],
    ["a time without zone", { published: "2026-11-24T09:00:00" }, "published"],
    ["a date", { published: "2026-11-24" }, "published"],
    ["a day that is not", { published: "2026-02-30T09:00:00Z" }, "published"],
    ["a 29th of February in no leap year", { published: "2100-02-29T09:00:00Z" }, "published"],
    ["an hour that is not", { published: "2026-11-24T24:00:00Z" }, "published"],
    ["bcc", { bcc: [actor] }, "bcc"],
    ["bto inside", { object: { ...note, bto: [] } }, "object.bto"],
    ["null", { object: { ...note, name: null } }, "object.name"],
    ["undefined", { result: undefined }, "result"],
    ["NUL", { object: { ...note, name: "a\0b" } }, "object.name"],
    ["half a character", { object: { ...note, name: "\ud800" } }, "object.name"],
    ["a number JSON has not", { size: Number.NaN }, "size"],
    ["a Date", { when: new Date(0) }, "when"],
    ["a function", { when: () => 1 }, "when"],
    ["a relative reference", { object: { ...note, inReplyTo: ["<a@b>"] } }, "object.inReplyTo"],
    ["a name that is a map", { object: { ...note, name: { en: "x" } } }, "object.name"],
    ["a language map of no languages", { summaryMap: {} }, "summaryMap"],
    ["a language map of lists", { summaryMap: { en: ["x"] } }, "summaryMap"],
    ["a link without href", { object: { ...note, attachment: [{ type: "Link" }] } }, "object.attachment.href"],
    ["a context inside", { object: { ...note, "@context": context } }, "object.@context"],
  ])("finds %s", (_, change, path) => {
    const problems = problemsOf(activity("Create", change));
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.every((problem) => problem.startsWith(`${path} `))).toBe(true);
  });

  it.each<[string, Json]>([
    ["Create", { object: note.id }],
    ["Update", { object: note.id }],
    ["Update", { "groupstream:changed": undefined }],
    ["Update", { "groupstream:changed": [] }],
    ["Delete", { object: thing }],
    ["Delete", { object: { id: note.id, type: "Tombstone" } }],
    ["Move", { origin: undefined }],
    ["Move", { target: undefined }],
    ["Add", { target: undefined }],
    ["Remove", { origin: undefined }],
    ["EmojiReact", { content: undefined }],
    ["Invite", { target: undefined }],
    ["Undo", { object: undefined }],
    ["Like", { object: { type: "Note" } }],
  ])("finds what a %s lacks in %j", (type, change) => {
    const document = JSON.parse(JSON.stringify(activity(type, change))) as Json;
    expect(problemsOf(document)).toHaveLength(1);
  });

  it.each<[string, unknown]>([
    ["none", undefined],
    ["another one", "https://example.org/context"],
    ["a further one", ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"]],
    [
      "one inside",
      ["https://www.w3.org/ns/activitystreams", { x: { "@id": "urn:x", "@context": "https://example.org/context" } }],
    ],
    ["an import", ["https://www.w3.org/ns/activitystreams", { "@import": "https://example.org/context" }]],
    ["a prefix", ["https://www.w3.org/ns/activitystreams", { groupstream: "https://example.org/" }]],
  ])("lets no context but AS2 be fetched: %s", (_, value) => {
    const problems = problemsOf({ ...activity("Like"), "@context": value });
    expect(problems.some((problem) => problem.startsWith("@context "))).toBe(true);
  });

  it("wants the context first", () => {
    const { "@context": first, ...rest } = activity("Like");
    expect(problemsOf({ ...rest, "@context": first })).toEqual(["@context must come first"]);
  });

  it("takes the times that RFC 3339 and AS2 allow", () => {
    for (const published of [
      "2026-11-24T09:00Z",
      "2026-11-24T09:00:00.123456Z",
      "2024-02-29T23:59:60-11:30",
      "2000-02-29T00:00:00Z",
      "0001-01-01T00:00:00Z",
    ]) {
      expect(problemsOf(activity("Like", { published }))).toEqual([]);
    }
  });

  it("never throws, says nothing of the content, and ends for what is nested without end", () => {
    fc.assert(
      fc.property(
        fc.anything({ withNullPrototype: true, withDate: true, withMap: true, withBigInt: true, withSparseArray: true }),
        (value) => {
          expect(Array.isArray(problemsOf(value))).toBe(true);
          expect(problemsOf(activity("Create", { object: value })).length).toBeGreaterThan(0);
        },
      ),
    );
    expect(
      problemsOf(
        activity("Create", { bcc: "secret@example.org", published: "secret", object: { ...note, name: "secret\0" } }),
      ).join(),
    ).not.toContain("secret");
    const endless: Json = { ...note };
    endless.tag = endless;
    expect(problemsOf(activity("Create", { object: endless })).every((problem) => /nested deeper than 32/.test(problem))).toBe(
      true,
    );
    expect(problemsOf(activity("Create", { object: endless })).length).toBeGreaterThan(0);
    const list: unknown[] = [];
    list.push(list);
    expect(problemsOf(activity("Create", { tag: list }))).toEqual([expect.stringMatching(/nested deeper than 32/)]);
  });
});
