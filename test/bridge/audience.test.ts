/** Who may be reached. */

import fc from "fast-check";
import type { Audience, View } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { audienceOf, mayReach } from "../../src/bridge/audience.ts";
import { note, Toy } from "../sync/toy.ts";
import { closeAll, world } from "../sync/world.ts";
import { Target } from "./target.ts";

afterEach(closeAll);

const [ada, bob, eve] = ["mailto:ada@example.org", "mailto:bob@example.org", "mailto:eve@example.org"] as const;

describe("mayReach", () => {
  it.each<[string, Audience, Audience, string | undefined, boolean]>([
    ["the same people", [ada, bob], [ada, bob], undefined, true],
    ["fewer people", [ada, bob], [ada], undefined, true],
    ["nobody", [ada], [], undefined, true],
    ["one more", [ada], [ada, eve], undefined, false],
    ["one more, with a reason", [ada], [ada, eve], "eve stands in", true],
    ["everybody", [ada], "public", undefined, false],
    ["everybody, with a reason", [ada], "public", "press", true],
    ["everybody, of what is public", "public", "public", undefined, true],
    ["some, of what is public", "public", [eve], undefined, true],
    ["nobody can say", [ada], "unknown", undefined, false],
    ["nobody can say, with a reason", [ada], "unknown", "because", false],
    ["nobody can say, of what is public", "public", "unknown", undefined, false],
    ["some, of what nobody can say", "unknown", [ada], undefined, false],
    ["some, of what nobody can say, with a reason", "unknown", [ada], "because", true],
  ])("%s", (_, own, target, widen, goes) => {
    const verdict = mayReach(own, target, widen);
    expect(verdict.goes).toBe(goes);
    if (goes && widen) expect(verdict.because).toMatchObject({ code: "widened", why: widen });
    if (!goes) expect(verdict.because.code).toBe(target === "unknown" ? "audience-unknown" : "wider");
  });

  it("names three of those it would newly reach, and counts the others", () => {
    const many = ["a", "b", "c", "d", "e"].map((name) => `mailto:${name}@example.org`);
    const more = (count: number) => ({ code: "wider", to: { who: many.slice(0, 3), more: count } });
    expect(mayReach([ada], [ada, ...many], undefined).because).toEqual(more(2));
    expect(mayReach([ada], [ada, ...many.slice(0, 3)], undefined).because).toEqual(more(0));
    expect(mayReach([ada], "public", undefined).because).toEqual({ code: "wider", to: "everybody" });
  });

  const audience: fc.Arbitrary<Audience> = fc.oneof(
    fc.subarray([ada, bob, eve] as string[]),
    fc.constantFrom<Audience>("public", "unknown"),
  );

  it("nothing reaches anybody who could not see it, unless a route says why", () => {
    fc.assert(
      fc.property(audience, audience, (own, target) => {
        const { goes } = mayReach(own, target, undefined);
        if (!goes) return;
        expect(target).not.toBe("unknown");
        if (own === "public") return;
        expect(Array.isArray(own) || (target as readonly string[]).length === 0).toBe(true);
        for (const reader of target as readonly string[]) expect(own).toContain(reader);
      }),
    );
  });

  it("unknown is never sent to, whatever a route says", () => {
    fc.assert(fc.property(audience, fc.string(), (own, widen) => !mayReach(own, "unknown", widen).goes));
  });
});

describe("audienceOf", () => {
  it.each<[string, readonly View[], readonly Audience[], Audience]>([
    [
      "a mail's sender, To, Cc and the mailbox's readers",
      [note("a", { attributedTo: { id: ada }, to: [{ id: bob }] })],
      [[eve]],
      [ada, bob, eve],
    ],
    ["never its Bcc", [note("a", { attributedTo: { id: ada }, to: [], bcc: [{ id: eve }] })], [], [ada]],
    [
      "an event's organiser, attendees and the calendar's readers",
      [{ type: "Event", attributedTo: { id: ada }, attendees: [{ id: bob, answer: "none" }] }],
      [[eve]],
      [ada, bob, eve],
    ],
    ["of nobody known: unknown", [{ type: "Note" }], [], "unknown"],
    ["of a collection nobody can say: unknown", [{ type: "Note" }], ["unknown"], "unknown"],
    ["public where it stands in public", [note("a")], [[ada], "public"], "public"],
  ])("%s", (_, views, collections, expected) => expect(audienceOf(views, collections)).toEqual(expected));
});

describe("through a hub", () => {
  const setUp = async (audience: Audience, widen?: string) => {
    const [toy, target] = [new Toy("mail", "INBOX"), new Target()];
    toy.at("INBOX").audience = [ada];
    target.audience = audience;
    const w = await world([toy, target.adapter()], { routes: [{ from: "mail", to: "hook", ...(widen && { widen }) }] });
    await w.sync();
    toy.mail("INBOX", "a", { attributedTo: { id: ada }, to: [{ id: bob }] });
    await w.sync();
    const [delivery] = await w.store.deliveries({});
    return { toy, target, w, delivery };
  };

  it("what is void says why, and nobody was asked", async () => {
    const { target, delivery, w } = await setUp([ada, eve]);
    expect(delivery).toMatchObject({ state: "void", because: { code: "wider", to: { who: [eve], more: 0 } } });
    expect(target.got).toEqual([]);
    expect((await w.hub.status()).deliveries).toEqual({ void: 1 });
  });

  it("unknown is void, also where the route says why", async () => {
    const { target, delivery } = await setUp("unknown", "because");
    expect([delivery?.state, target.got]).toEqual(["void", []]);
  });

  it("within the audience, or widened, it goes, and never with Bcc", async () => {
    for (const [audience, widen] of [[[ada, bob]], ["public", "press"]] as const) {
      const { target } = await setUp(audience, widen);
      expect(target.lines()).toEqual(["Create a"]);
      expect(JSON.stringify(target.got)).not.toContain('"bcc"');
      await closeAll();
    }
  });

  it("a Delete follows what was sent, and only that", async () => {
    const { toy, target, w } = await setUp([ada, bob]);
    target.audience = [ada, bob];
    toy.mail("INBOX", "hidden", { attributedTo: { id: ada }, to: [] });
    await w.sync();
    expect(target.lines()).toEqual(["Create a"]);
    toy.remove("INBOX", "a");
    toy.remove("INBOX", "hidden");
    await w.sync();
    expect(target.lines()).toEqual(["Create a", "Delete a"]);
  });
});
