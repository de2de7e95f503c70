/** fold: which view wins, whose answer counts, and that it never goes back. */

import fc from "fast-check";
import type { Answer, EventView } from "groupstream";
import { describe, expect, it } from "vitest";
import { type Folded, fold, type OwnView } from "../../src/fold/index.ts";

const ada = "mailto:ada@example.org";
const bob = "mailto:bob@example.org";
const event = (edition: number | undefined, over: Partial<EventView> = {}): EventView => ({
  type: "Event",
  name: `edition ${edition}`,
  ...(edition !== undefined && { edition: String(edition).padStart(10, "0") }),
  ...over,
});
const answered = (edition: number, answer: Answer): EventView => event(edition, { attendees: [{ id: bob, answer }] });
const own = (item: number, view: OwnView["view"], more: Partial<OwnView> = {}): OwnView => ({
  item,
  view,
  text: "full",
  ...more,
});
const answerOf = (folded: Folded | undefined): Answer | undefined =>
  (folded?.view as EventView | undefined)?.attendees?.[0]?.answer;

describe("fold", () => {
  it("of nothing is nothing", () => expect(fold([])).toBeUndefined());

  it.each<[string, readonly OwnView[], number]>([
    ["the greater edition", [own(1, event(1)), own(2, event(2))], 2],
    ["an edition before none", [own(1, event(undefined)), own(2, event(1))], 2],
    ["the richer text at equal editions", [own(1, event(1), { text: "none" }), own(2, event(1))], 2],
    ["preview before none", [own(1, event(1), { text: "none" }), own(2, event(1), { text: "preview" })], 2],
    ["the item known longest at equal text", [own(2, event(1)), own(1, event(1))], 1],
    ["the edition before the text", [own(1, event(1)), own(2, event(2), { text: "none" })], 2],
  ])("%s wins", (_, views, from) => expect(fold(views)?.from).toBe(from));

  it("stays with the one that won before, at equal editions and text", () => {
    const views = [own(1, event(1)), own(2, event(1))];
    const told = fold([own(2, event(1))]);
    expect(fold(views, undefined, told)?.from).toBe(2);
  });

  it("never goes back: the older view that remains tells nothing, also after a restart", () => {
    const told = fold([own(1, event(2, { startTime: "2026-03-11T09:00:00Z" })), own(2, event(1))]);
    const left = fold([own(2, event(1))], undefined, told);
    expect(left).toMatchObject({ from: 0, view: { name: "edition 2" } });
    const later = fold([own(2, event(1))], left?.memory);
    expect(later).toMatchObject({ from: 0, view: { name: "edition 2" } });
    const caughtUp = fold([own(2, event(3))], later?.memory, later);
    expect(caughtUp).toMatchObject({ from: 2, view: { name: "edition 3" } });
    expect(caughtUp?.memory).toBeUndefined();
  });

  it("remembers how far the text of what it remembers was read", () => {
    const told = fold([own(1, event(2)), own(2, event(1), { text: "none" })]);
    const left = fold([own(2, event(1), { text: "none" })], undefined, told);
    expect(left?.text).toBe("full");
    expect(fold([own(2, event(1), { text: "none" })], left?.memory)?.text).toBe("full");
    expect(fold([own(2, event(3), { text: "none" })], left?.memory, left)?.text).toBe("none");
  });

  it("forgets nothing of another type: a new kind of thing wins", () => {
    const told = fold([own(1, event(2))]);
    expect(fold([own(1, { type: "Note", name: "note" })], undefined, told)?.view.type).toBe("Note");
  });
});

describe("an attendee's answer", () => {
  it.each<[string, readonly OwnView[], Answer]>([
    [
      "is their own view's",
      [own(1, answered(2, "none"), { owner: ada }), own(2, answered(2, "accepted"), { owner: bob })],
      "accepted",
    ],
    [
      "is their own newer view's",
      [own(1, answered(1, "none"), { owner: ada }), own(2, answered(2, "declined"), { owner: bob })],
      "declined",
    ],
    [
      "is the newest view's where they have none",
      [own(1, answered(1, "none"), { owner: ada }), own(2, answered(2, "tentative"))],
      "tentative",
    ],
  ])("%s", (_, views, answer) => expect(answerOf(fold(views))).toBe(answer));

  it("stays as told while their own view lags", () => {
    const told = fold([own(1, answered(1, "none"), { owner: ada }), own(2, answered(1, "accepted"), { owner: bob })]);
    expect(answerOf(told)).toBe("accepted");
    const lagging = fold(
      [own(1, answered(2, "none"), { owner: ada }), own(2, answered(1, "accepted"), { owner: bob })],
      undefined,
      told,
    );
    expect(answerOf(lagging)).toBe("accepted");
    const after = fold(
      [own(1, answered(2, "none"), { owner: ada }), own(2, answered(2, "none"), { owner: bob })],
      lagging?.memory,
      lagging,
    );
    expect(answerOf(after)).toBe("none");
  });

  it("stays as told once their own copy is thrown away, until a newer view says otherwise", () => {
    const told = fold([own(1, answered(1, "none"), { owner: ada }), own(2, answered(1, "tentative"), { owner: bob })]);
    const thrown = fold([own(1, answered(1, "none"), { owner: ada })], undefined, told);
    expect(answerOf(thrown)).toBe("tentative");
    const restarted = fold([own(1, answered(1, "none"), { owner: ada })], thrown?.memory);
    expect(answerOf(restarted)).toBe("tentative");
    expect(answerOf(fold([own(1, answered(2, "accepted"), { owner: ada })], restarted?.memory, restarted))).toBe("accepted");
  });
});

const views = fc
  .uniqueArray(
    fc.record({
      item: fc.integer({ min: 1, max: 8 }),
      edition: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      answer: fc.constantFrom<Answer>("none", "accepted", "declined", "tentative"),
      owner: fc.constantFrom(undefined, ada, bob),
      text: fc.constantFrom("none" as const, "preview" as const, "full" as const),
    }),
    { selector: ({ item }) => item, minLength: 1, maxLength: 5 },
  )
  .map((rows) =>
    rows.map(({ item, edition, answer, owner, text }) =>
      own(item, { ...event(edition), name: `item ${item}`, attendees: [{ id: bob, answer }] }, { text, ...(owner && { owner }) }),
    ),
  );
const shuffled = <T>(list: readonly T[], seed: number): T[] =>
  list
    .map((entry, index) => [(seed * (index + 7) * 2654435761) % 97, entry] as const)
    .sort(([a], [b]) => a - b)
    .map(([, entry]) => entry);

describe("for any views", () => {
  it("their order does not matter", () => {
    fc.assert(
      fc.property(views, views, fc.nat(), (before, now, seed) => {
        const told = fold(before);
        expect(fold(shuffled(now, seed), undefined, told)).toEqual(fold(now, undefined, told));
      }),
      { numRuns: 300 },
    );
  });

  it("the edition told never falls, whatever comes and goes", () => {
    fc.assert(
      fc.property(fc.array(views, { minLength: 2, maxLength: 8 }), (history) => {
        let told: Folded | undefined;
        for (const now of history) {
          const next = fold(now, told?.memory, told);
          expect((next?.view.edition ?? "") >= (told?.view.edition ?? "")).toBe(true);
          told = next;
        }
      }),
      { numRuns: 300 },
    );
  });

  it("folding the same views again changes nothing: what is told is told once", () => {
    fc.assert(
      fc.property(views, views, (before, now) => {
        const told = fold(before);
        const once = fold(now, undefined, told);
        expect(fold(now, once?.memory, once)?.view).toEqual(once?.view);
      }),
      { numRuns: 300 },
    );
  });

  it("nothing it is given is changed", () => {
    fc.assert(
      fc.property(views, (now) => {
        const copy = structuredClone(now);
        fold(now, undefined, fold(now));
        expect(now).toEqual(copy);
      }),
      { numRuns: 100 },
    );
  });
});

const methods = [undefined, undefined, "request", "publish", "reply", "cancel", "counter", "decline-counter"] as const;
const occurrences = ["2026-12-03T09:00:00Z", "2026-12-10T09:00:00Z"];
const started = (at: number): string => `2026-11-26T${String(9 + at).padStart(2, "0")}:00:00Z`;

/** Copies of a series, and messages about it or about one occurrence, from whoever may say it. */
const talk = fc
  .uniqueArray(
    fc.record({
      item: fc.integer({ min: 1, max: 9 }),
      sequence: fc.integer({ min: 0, max: 2 }),
      stamp: fc.integer({ min: 0, max: 5 }),
      answer: fc.constantFrom<Answer>("none", "accepted", "declined", "tentative"),
      who: fc.constantFrom(ada, bob),
      method: fc.constantFrom(...methods),
      instance: fc.option(fc.constantFrom(...occurrences), { nil: undefined, freq: 3 }),
      owner: fc.constantFrom(undefined, ada, bob),
      at: fc.integer({ min: 0, max: 2 }),
      whole: fc.boolean(),
    }),
    { selector: ({ item }) => item, minLength: 1, maxLength: 7 },
  )
  .map((rows) =>
    rows.map(({ item, sequence, stamp, answer, who, method, instance, owner, at, whole }) => {
      const personal = method === "reply" || method === "counter";
      const view: EventView = {
        type: "Event",
        attributedTo: { id: ada },
        edition: `${String(sequence).padStart(10, "0")} ${stamp}`,
        ...(sequence > 0 && { sequence }),
        startTime: started(at),
        attendees: personal ? [{ id: who, answer }] : [ada, bob].map((id) => ({ id, answer: id === who ? answer : "none" })),
        ...(method && { method, carrier: `${item}` }),
        ...(instance && { instance: { id: instance, originalTime: instance } }),
        ...(method === "cancel" && whole && { status: "cancelled" as const }),
      };
      return own(item, view, { ...(owner && { owner }) });
    }),
  );
const copies = (views: readonly OwnView[]): readonly EventView[] =>
  views
    .map(({ view }) => view as EventView)
    .filter(({ method, instance }) => !instance && (!method || method === "request" || method === "publish"));

describe("for any talk about a meeting", () => {
  const runs = { numRuns: 1_000 };
  const eventOf = (folded: Folded | undefined): EventView => folded?.view as EventView;

  it("the order in which it comes does not matter, and the same talk again changes nothing", () =>
    fc.assert(
      fc.property(talk, talk, fc.nat(), (before, now, seed) => {
        const told = fold(before);
        const once = fold(now, undefined, told);
        expect(fold(shuffled(now, seed), undefined, told)).toEqual(once);
        // Undefined: what was seen is gone, and what still speaks about it lets nothing stand.
        if (once) expect(fold(now, once.memory, once)?.view).toEqual(once.view);
      }),
      runs,
    ));

  it("what merely speaks never stands for what is seen, and nobody is added by it", () =>
    fc.assert(
      fc.property(talk, (now) => {
        const shown = copies(now);
        if (shown.length === 0) return;
        const event = eventOf(fold(now));
        expect(event.method).toBeUndefined();
        expect(event.carrier).toBeUndefined();
        expect(event.instance).toBeUndefined();
        expect(shown.map(({ startTime }) => startTime)).toContain(event.startTime);
        const known = new Set(shown.flatMap(({ attendees = [] }) => attendees.map(({ id }) => id)));
        for (const { id } of event.attendees ?? []) expect(known).toContain(id);
      }),
      runs,
    ));

  it("an answer is somebody's own word, or the organiser's newest; an invitation alone answers for nobody", () =>
    fc.assert(
      fc.property(talk, (now) => {
        for (const { id, answer } of eventOf(fold(now)).attendees ?? []) {
          const says = ({ attendees = [] }: EventView): boolean =>
            attendees.some((one) => one.id === id && one.answer === answer);
          expect(answer === "none" || now.some(({ view }) => says(view as EventView))).toBe(true);
        }
      }),
      runs,
    ));

  it("an answer of another revision counts no more once the meeting has changed", () => {
    const invitation = (sequence: number, answer: Answer): EventView => ({
      ...answered(0, answer),
      edition: `${String(sequence).padStart(10, "0")} 1`,
      sequence,
    });
    const reply: EventView = { ...invitation(0, "accepted"), edition: "0000000000 9", method: "reply", carrier: "9" };
    const told = fold([own(1, invitation(0, "none")), own(2, reply)]);
    expect(answerOf(told)).toBe("accepted");
    expect(answerOf(fold([own(1, invitation(1, "none")), own(2, reply)], told?.memory, told))).toBe("none");
  });
});
