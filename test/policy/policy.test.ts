/** Policy: what may be read, and that nothing else is kept whatever an adapter gives. */

import fc from "fast-check";
import type { Sighting, View } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { defaultPolicy, mayRead, minimised, readOf } from "../../src/policy/index.ts";
import { note, Toy, whole } from "../sync/toy.ts";
import { closeAll, world } from "../sync/world.ts";

afterEach(closeAll);

describe("mayRead", () => {
  it.each<[string, readonly string[], { name: string; id: string; role?: "drafts" | "junk" | "inbox" }, boolean]>([
    ["drafts by default", defaultPolicy.exclude, { name: "Entwürfe", id: "1", role: "drafts" }, false],
    ["junk by default", defaultPolicy.exclude, { name: "Spam", id: "1", role: "junk" }, false],
    ["the inbox by default", defaultPolicy.exclude, { name: "INBOX", id: "1", role: "inbox" }, true],
    ["by name", ["Private"], { name: "Private", id: "1" }, false],
    ["by id", ["F1"], { name: "Private", id: "F1" }, false],
    ["a name that only begins so", ["Private"], { name: "Private/Sub", id: "1" }, true],
    ["a folder named like a role", ["role:junk"], { name: "junk", id: "junk" }, true],
    ["nothing", [], { name: "Entwürfe", id: "1", role: "drafts" }, true],
  ])("%s", (_, exclude, collection, expected) => {
    expect(mayRead({ ...defaultPolicy, exclude }, collection)).toBe(expected);
  });
});

describe("readOf", () => {
  it.each(["none", "preview", "full"] as const)("asks for %s outside, for none inside a baseline", (body) => {
    const policy = { ...defaultPolicy, body };
    expect([readOf(policy, false), readOf(policy, true)]).toEqual([
      { text: body, behaviour: false },
      { text: "none", behaviour: false },
    ]);
  });
});

describe("minimised", () => {
  const policies = fc.record({
    body: fc.constantFrom("none" as const, "preview" as const, "full" as const),
    behaviour: fc.boolean(),
    exclude: fc.constant([]),
  });
  const sightings: fc.Arbitrary<Sighting> = fc
    .record({ seen: fc.boolean(), flags: fc.subarray(["a", "b"]), text: fc.string() }, { requiredKeys: [] })
    .map((over) => whole("k", note("k", over as Partial<View & { type: "Note" }>)));

  it("leaves neither text nor behaviour that policy does not allow, and takes nothing else", () => {
    fc.assert(
      fc.property(policies, sightings, (policy, sighting) => {
        const before = (sighting as { object: Record<string, unknown> }).object;
        const after = (minimised(sighting, policy) as { object: Record<string, unknown> }).object;
        if (policy.body === "none") expect([after.text, after.content]).toEqual([undefined, undefined]);
        if (!policy.behaviour) expect(after).not.toHaveProperty("seen");
        for (const [field, value] of Object.entries(before)) {
          const off = (policy.body === "none" && ["text", "content"].includes(field)) || (!policy.behaviour && field === "seen");
          if (!off) expect(after[field]).toEqual(value);
        }
      }),
    );
  });

  it("takes seen, and text, out of a patch too", () => {
    const patch: Sighting = { key: "k", revision: "1", set: { seen: true, text: "secret", content: "<p>secret</p>", name: "n" } };
    const kept = minimised(patch, { body: "none", behaviour: false, exclude: [] });
    expect(kept).toMatchObject({ set: { name: "n" } });
    expect(JSON.stringify(kept)).not.toContain("secret");
    expect(JSON.stringify(kept)).not.toContain("seen");
  });

  it("cuts what an adapter gave beyond a preview", () => {
    const long = whole("k", note("k", { text: "x".repeat(50_000), content: `<p>${"x".repeat(50_000)}</p>` }));
    const kept = minimised(long, { body: "preview", behaviour: false, exclude: [] }) as { object: { text: string } };
    expect(kept.object.text.length).toBeLessThanOrEqual(2_100);
  });
});

describe("through a hub", () => {
  it("with body none no text is asked for, kept or told, though the adapter gives it", async () => {
    const toy = new Toy();
    const w = await world([toy], { policy: { body: "none" } });
    await w.sync();
    toy.at("INBOX").script.push([
      {
        sightings: [whole("a", note("a", { text: "secret words", content: "secret words" }))],
        position: { at: 0, generation: "1" },
      },
    ]);
    expect(await w.sync()).toEqual(["Create a →INBOX"]);
    expect(JSON.stringify(await w.entries())).not.toContain("secret words");
    const items = await w.store.transaction((tx) => tx.items("mail/INBOX", ["a"]));
    expect(JSON.stringify(items)).not.toContain("secret words");
    expect(toy.calls.filter((call) => call.startsWith("changes")).every((call) => call.endsWith("none"))).toBe(true);
  });

  it("with behaviour off a seen flag is neither kept nor told; on, it is told from then on", async () => {
    const toy = new Toy();
    toy.mail("INBOX", "a", { seen: false });
    const w = await world([toy]);
    await w.sync();
    toy.mail("INBOX", "a", { seen: true });
    expect(await w.sync()).toEqual([]);
    const on = await w.reopen([toy], { policy: { behaviour: true } });
    toy.mail("INBOX", "a", { seen: true }, { revision: "2" });
    expect(await on.sync()).toEqual([]);
    toy.mail("INBOX", "a", { seen: false }, { revision: "3" });
    expect(await on.sync()).toEqual(["Undo a INBOX→"]);
  });
});
