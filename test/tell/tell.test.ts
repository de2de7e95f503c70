/** tell: laws over any two sides, and every activity there can be through the validator and a generic AS2 reader. */

import fc from "fast-check";
import type { Reaction, View } from "groupstream";
import { describe, expect, it } from "vitest";
import { compose, type Occasion } from "../../src/activity/compose.ts";
import { type Kind, kinds } from "../../src/language/kinds.ts";
import { type Draft, type PlaceState, type Snapshot, tell } from "../../src/tell/index.ts";
import { problemsOf } from "../../src/testing/validate.ts";
import { expand } from "../stories/expand.ts";

const places = ["mail/INBOX", "mail/Archive", "other/INBOX"] as const;
const actors = ["mailto:ada@example.org", "mailto:bob@example.org"] as const;
const reaction = fc.record({ actor: fc.constantFrom(...actors), emoji: fc.constantFrom("👍", "🎉") });
const state = fc.record({
  flags: fc.subarray(["flagged", "x"]),
  seen: fc.constantFrom(undefined, true, false),
  reactions: fc.uniqueArray(reaction, { selector: ({ actor, emoji }) => actor + emoji, maxLength: 3 }),
});
const side = fc
  .tuple(fc.dictionary(fc.constantFrom(...places), state, { noNullPrototype: true }), fc.constantFrom("one", "two"), fc.boolean())
  .map(([at, name, rendered]): Snapshot => {
    const entries = Object.entries(at);
    return {
      at: new Map(
        entries.map(([place, { flags, seen, reactions }]): [string, PlaceState] => [
          place,
          { item: true, flags: new Set(flags), reactions, ...(seen !== undefined && { seen }) },
        ]),
      ),
      rendered: new Map<string, readonly Reaction[]>(rendered ? [["chat/general", [{ actor: actors[0], emoji: "👍" }]]] : []),
      ...(entries.length > 0 && { folded: { view: { type: "Note", name } as View, from: 1, text: "full" as const } }),
    };
  });

/** What a reader of the drafts holds to be so. */
const replay = (before: Snapshot, drafts: readonly Draft[]): Map<string, Set<string>> => {
  const at = new Map([...before.at].map(([place, { flags }]) => [place, new Set(flags)]));
  for (const { type, target = "", origin = "", flag } of drafts) {
    if (flag !== undefined) {
      if (type === "Add") at.get(target)?.add(flag);
      else at.get(origin)?.delete(flag);
    } else if (type === "Create" || (type === "Add" && target)) at.set(target, new Set());
    else if (type === "Move") {
      at.set(target, at.get(origin) ?? new Set());
      at.delete(origin);
    } else if (type === "Remove") at.delete(origin);
    else if (type === "Delete") at.clear();
  }
  return at;
};

describe("for any two sides", () => {
  it("replaying the story onto the one gives the other", () => {
    fc.assert(
      fc.property(side, side, (before, after) => {
        const now = replay(before, tell(before, after));
        expect([...now.keys()].sort()).toEqual([...after.at.keys()].sort());
        for (const [place, { flags }] of after.at) expect([...(now.get(place) ?? [])].sort()).toEqual([...flags].sort());
      }),
      { numRuns: 1_000 },
    );
  });

  it("the same is silent, and no facet speaks twice", () => {
    fc.assert(
      fc.property(side, side, (before, after) => {
        expect(tell(before, before)).toEqual([]);
        const facets = tell(before, after).map(({ facet }) => facet);
        expect(new Set(facets).size).toBe(facets.length);
      }),
      { numRuns: 500 },
    );
  });

  it("a Create or a Delete is told alone, once, and never both", () => {
    fc.assert(
      fc.property(side, side, (before, after) => {
        const types = tell(before, after).map(({ type }) => type);
        expect(types.filter((type) => type === "Create")).toHaveLength(!before.folded && after.folded ? 1 : 0);
        expect(types.filter((type) => type === "Delete")).toHaveLength(before.folded && !after.folded ? 1 : 0);
      }),
      { numRuns: 500 },
    );
  });
});

describe("how far text was read", () => {
  type Text = "none" | "preview" | "full";
  const note = (text: Text, edition?: string, over: Partial<View> = {}): Snapshot => {
    const shown = text === "none" ? {} : { text: `${text} of ${edition}` };
    const object = { type: "Note", name: "one", ...shown, ...(edition !== undefined && { edition }), ...over } as View;
    return {
      at: new Map([["mail/INBOX", { item: true, flags: new Set<string>(), reactions: [] }]]),
      rendered: new Map(),
      folded: { view: object, from: 1, text },
    };
  };
  const changes = (before: Snapshot, after: Snapshot) => tell(before, after).map(({ changed }) => changed);

  it.each<[Text, Text]>([
    ["none", "preview"],
    ["none", "full"],
    ["preview", "full"],
    ["full", "preview"],
    ["full", "none"],
    ["preview", "none"],
  ])("from %s to %s is no change", (before, after) => {
    expect(changes(note(before, "1"), note(after, "1"))).toEqual([]);
    expect(changes(note(before), note(after))).toEqual([]);
  });

  it.each<[Text, Text]>([
    ["full", "none"],
    ["preview", "none"],
    ["preview", "full"],
    ["full", "preview"],
  ])("from %s to %s is no change in another edition either", (before, after) => {
    expect(changes(note(before, "1"), note(after, "2"))).toEqual([]);
  });

  it("read equally far, it is compared", () => {
    expect(changes(note("full", "1"), note("full", "2"))).toEqual([["text"]]);
    expect(changes(note("preview", "1"), note("preview", "2"))).toEqual([["text"]]);
  });

  it("a message's new edition is told, though what it said before was not read", () => {
    expect(changes(note("none", "1"), note("full", "2"))).toEqual([["text"]]);
    expect(changes(note("none", "1"), note("full", "2", { name: "two" }))).toEqual([["name"]]);
  });

  it("an event's new edition may be a new stamp only", () => {
    const event = { type: "Event" } as Partial<View>;
    expect(changes(note("none", "1", event), note("full", "2", event))).toEqual([]);
  });
});

const party = { id: "mailto:eve@example.org", name: "Eve" };
const secret = { id: "mailto:secret@example.org" };
const view: { readonly [type in View["type"]]: View } = {
  Note: {
    type: "Note",
    name: "Budget",
    content: "<p>x</p>",
    text: "x",
    published: "2026-03-02T09:00:00Z",
    attributedTo: party,
    to: [party],
    cc: [party],
    bcc: [secret],
    attachment: [{ part: "2/1", name: "f.pdf", mediaType: "application/pdf", size: 1 }],
    automatic: "list",
    losses: [{ field: "content", reason: "Cut." }],
  },
  Event: {
    type: "Event",
    name: "Review",
    startTime: "2026-03-10T09:00:00Z",
    endTime: "2026-03-10T10:00:00Z",
    location: "Room",
    attributedTo: party,
    attendees: [{ ...party, answer: "none" }],
    status: "tentative",
  },
  Task: {
    type: "Task",
    name: "Report",
    endTime: "2026-03-10T00:00:00Z",
    end: "2026-03-10",
    attendees: [{ ...party, answer: "none" }],
    status: "needs-action",
  },
  Person: { type: "Person", name: "Eve", address: [party.id], fields: { title: "Dr" } },
  Group: { type: "Group", name: "Board", members: [party.id] },
  Organization: { type: "Organization", name: "Example" },
};
const [target, origin] = ["mail/INBOX", "mail/Büro & Co"];
const drafts: readonly Omit<Draft, "facet" | "kind">[] = [
  { type: "Create", target },
  { type: "Create" },
  { type: "Update", changed: ["name"] },
  { type: "Delete", origin },
  { type: "Delete" },
  { type: "Move", origin, target },
  { type: "Add", target },
  { type: "Add", target, flag: "$label 1" },
  { type: "Add", party },
  { type: "Remove", origin },
  { type: "Remove", origin, flag: "flagged" },
  { type: "Remove", party },
  { type: "Like", target, actor: party, emoji: "👍" },
  { type: "EmojiReact", target, actor: party, emoji: "🎉" },
  { type: "Undo", origin, actor: party, emoji: "🎉", undoes: "EmojiReact" },
  { type: "Undo", origin, actor: party, emoji: "👍", undoes: "Like" },
  { type: "Undo", origin, undoes: "Read" },
  { type: "Read", target },
  { type: "Invite", party },
  { type: "Accept", actor: party },
  { type: "TentativeAccept", actor: party },
  { type: "Reject", actor: party },
];
const occasion = (of: View, more: Partial<Occasion> = {}): Occasion => ({
  naming: { store: "6fa459ea-ee8a-4ca4-894e-db77e160355e" },
  uuid: "01890a5d-ac96-774b-bcce-b302099a8057",
  version: 1,
  ordinal: 0,
  view: of,
  thread: "01890a5d-ac96-774b-bcce-b302099a8058",
  parents: ["01890a5d-ac96-774b-bcce-b302099a8059"],
  system: "mail",
  placeName: (place) => place.slice(5),
  losses: [],
  ...more,
});

const composed = (...[draft, occasion]: Parameters<typeof compose>) => JSON.parse(compose(draft, occasion).activity);

describe.each(Object.entries(view))("every activity of a %s", (_, of) => {
  it.each(drafts.map((draft) => [`${draft.type} ${Object.keys(draft).slice(1)}`, draft] as const))("%s", async (_name, draft) => {
    for (const base of [undefined, "https://example.org/hub"]) {
      const naming = { store: "6fa459ea-ee8a-4ca4-894e-db77e160355e", ...(base && { base }) };
      const document = composed({ facet: "x", kind: "generic.updated", ...draft }, occasion(of, { naming }));
      expect(problemsOf(document)).toEqual([]);
      const text = JSON.stringify(document);
      expect(text).not.toContain("secret@example.org");
      expect(text).not.toContain('"bcc"');
      const expanded = await expand(document);
      expect(expanded["@type"]).toHaveLength(1);
      expect(JSON.stringify(expanded)).not.toContain('"_:');
    }
  });
});

describe("compose", () => {
  const create: Draft = { type: "Create", facet: "created", kind: "message.arrived", target };

  it("has a sentence in every language for every kind", () => {
    for (const kind of kinds) {
      const { summaryMap } = composed({ ...create, kind: kind as Kind }, occasion(view.Note)) as {
        summaryMap: Record<string, string>;
      };
      expect(Object.keys(summaryMap)).toEqual(["en", "de"]);
      expect(Object.values(summaryMap).every((text) => text.length > 5)).toBe(true);
    }
  });

  it("gives an id of its own to each object, version, ordinal and content, and of the store; the same for the same", () => {
    const ids = [
      occasion(view.Note),
      occasion(view.Note, { version: 2 }),
      occasion(view.Note, { ordinal: 1 }),
      occasion(view.Note, { uuid: "01890a5d-ac96-774b-bcce-b302099a8050" }),
      occasion({ ...view.Note, name: "Other" } as View),
      occasion(view.Note, { naming: { store: "6fa459ea-ee8a-4ca4-894e-db77e160355f" } }),
    ].map((one) => composed(create, one).id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(compose(create, occasion(view.Note)).id).toBe(ids[0]);
  });

  it("invents no person and no time", () => {
    const bare = composed({ ...create, type: "Move", origin, target }, occasion({ type: "Note" }));
    expect(bare.actor).toEqual({ type: "Service", id: "groupstream:system/mail", name: "mail" });
    expect(bare).not.toHaveProperty("published");
    const by = composed(
      { ...create, type: "Move", origin, target },
      occasion(view.Note, { by: { actor: party, at: "2026-03-02T10:00:00Z", from: "server" } }),
    );
    expect(by).toMatchObject({ actor: { id: party.id }, published: "2026-03-02T10:00:00Z" });
  });

  it("says what was lost while reading and while settling", () => {
    const loss = { field: "target", reason: "It may be there." };
    expect(composed(create, occasion(view.Note, { losses: [loss] }))["groupstream:losses"]).toEqual([
      { field: "content", reason: "Cut." },
      loss,
    ]);
  });
});
