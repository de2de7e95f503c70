/** The hub's own grounds: each has a sentence in each language, and the English ones stay as programs know them. */

import { type Because, textOfSummary } from "groupstream";
import { describe, expect, it } from "vitest";
import { becauseSaid, reasonOf } from "../../src/language/because.ts";

type Code = Because["code"];
type Case = readonly [english: string, brings?: Omit<Because, "code"> & object, named?: readonly string[]];

const eve = "mailto:eve@example.org";
const bob = "xmpp:bob@example.org";

/** A code that is not here does not compile. */
const cases: { readonly [C in Code]: readonly Case[] } = {
  public: [["it is public"]],
  known: [["all who can see the target could see it already"]],
  widened: [
    [`widened to ${eve}: she stands in`, { to: { who: [eve], more: 0 }, why: "she stands in" }, [eve, "she stands in"]],
    ["widened to everybody: press", { to: "everybody", why: "press" }, ["press"]],
  ],
  reaction: [["somebody reacted"]],
  ended: [["what was sent of it before is ended"]],
  "audience-unknown": [["not sent: who can see the target is unknown; declare its audience"]],
  wider: [
    ["not sent: everybody could not see it at its source; a route may widen with a reason", { to: "everybody" }],
    [
      `not sent: ${eve}, ${bob} and 4 more could not see it at its source; a route may widen with a reason`,
      { to: { who: [eve, bob], more: 4 } },
      [`${eve}, ${bob}`, "4"],
    ],
  ],
  private: [
    ["not sent: it is private", { classification: "private" }],
    ["not sent: it is confidential", { classification: "confidential" }],
  ],
  "private-whole": [["not sent: it is private, and the target takes activities whole", { classification: "private" }]],
  "private-busy": [
    [
      "not sent: it is confidential; a route may carry when somebody is busy (busy: true)",
      { classification: "confidential" },
      ["(busy: true)"],
    ],
  ],
  bot: [["not sent: a machine wrote it, and the route does not carry what bots write"]],
  automatic: [
    ["not sent: it is a delivery report, which is never carried", { made: "bounce" }],
    ["not sent: it is an automatic reply, which is never carried", { made: "auto-reply" }],
    ["not sent: it is a receipt, which is never carried", { made: "receipt" }],
  ],
  "no-conversation": [["not sent: the route carries answers only, and nothing of its conversation stands there"]],
  "no-parent": [["the route carries answers only, and what it answers does not stand there"]],
  "there-itself": [["it is there itself"]],
  "there-same": [["what stands there is the same by later evidence"]],
  "as-it-should": [["it stands there as it should"]],
  "not-there": [["nothing of it stands there"]],
  "removed-there": [["it was removed there; it is not made again"]],
  "sent-for-good": [["it was sent before; what is sent is neither edited nor taken back"]],
  "been-there": [["it has been there already, by its trail"]],
  cannot: [["mail (box) cannot Update", { system: "mail", kind: "box", verb: "Update" }, ["mail (box)", "Update"]]],
  unseen: [["what was sent there before has not been seen there yet"]],
  "parent-unseen": [["what it answers was sent there, and has not been seen there yet"]],
  "done-unseen": [["it was done; what stands there has not been seen yet"]],
  "done-unshown": [["it was done, and does not show there"]],
  "taken-back": [["the reaction was taken back before it was read as an answer"]],
  "said-already": [["the calendar says so already"]],
  "in-calendar": [[`${bob} has it in a calendar, and is answered there`, { who: bob }, [bob]]],
  "no-calendar": [[`no calendar of ${bob} is connected; name the ids of one person in people`, { who: bob }, [bob, "people"]]],
  "not-invited": [[`${bob} is not among the invited`, { who: bob }, [bob]]],
  interrupted: [["interrupted while sending: it may have been done; repeated under the same id"]],
  "interrupted-unsure": [["it was interrupted: it may have been done, and nobody can tell"]],
  "interrupted-before": [["it was interrupted before it was done; ask for it again"]],
  "interrupted-after": [["it was interrupted, and had been done"]],
  "perhaps-done": [["it may have been done: a look at the target will show it"]],
  "perhaps-and": [
    ["it may have been done, and mail: nothing answers", { said: "mail: nothing answers" }, ["mail: nothing answers"]],
  ],
  "attempted-then": [
    ["an attempt may have been done; then: 410 Gone", { ground: "410 Gone" }, ["410 Gone"]],
    [
      "an attempt may have been done; then: it is not repeated: it is there itself",
      { ground: { code: "not-repeated", ground: { code: "there-itself" } } },
    ],
  ],
  "not-repeated": [["it is not repeated: it stands there as it should", { ground: { code: "as-it-should" } }]],
  "adapter-failed": [["the adapter failed: x is not a function", { fault: "x is not a function" }, ["x is not a function"]]],
  "no-target": [
    ["there is no target hook that can be delivered to; add it again or remove its routes", { system: "hook" }, ["hook"]],
  ],
  "no-entry": [["its log entry is no longer there"]],
};

const all = Object.entries(cases).flatMap(([code, of]) =>
  of.map(([english, brings, named = []]) => ({ because: { code, ...brings } as Because, english, named })),
);

describe("a ground", () => {
  it.each(all)("$english", ({ because, english, named }) => {
    expect(reasonOf(because)).toBe(english);
    const { en, de } = becauseSaid(because);
    expect(textOfSummary(en)).toBe(english);
    expect(de).not.toBe(en);
    expect(de).not.toMatch(/undefined|\[object|\.$|\b(it|the|not|nobody)\b (is|was|sent|target|route)/);
    for (const words of named) expect(textOfSummary(de)).toContain(words);
  });

  it("says the ground within it in the same language", () => {
    const because: Because = { code: "attempted-then", ground: { code: "not-repeated", ground: { code: "no-parent" } } };
    expect(becauseSaid(because).de).toBe(
      "ein Versuch kann gelungen sein; danach: es wird nicht wiederholt: die Route befördert nur Antworten, und worauf es antwortet, steht dort nicht",
    );
  });

  it("is no way into a page or around a sentence: words of others are escaped, cleaned and cut", () => {
    const said = `<img src=x onerror=alert(1)>\u202e\n${"a".repeat(10_000)}`;
    const because: Because = { code: "attempted-then", ground: said };
    for (const text of Object.values(becauseSaid(because))) {
      expect(text).not.toMatch(/[<>\u202e\n]/);
      expect(text.length).toBeLessThan(400);
    }
    // Programs get it as it came.
    expect(reasonOf(because)).toBe(`an attempt may have been done; then: ${said}`);
  });

  it("of a version to come is its code", () => {
    const because = { code: "from-the-future" } as unknown as Because;
    expect([reasonOf(because), becauseSaid(because)]).toEqual([
      "from-the-future",
      { en: "from-the-future", de: "from-the-future" },
    ]);
  });
});
