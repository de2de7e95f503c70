/** The case table at the head of src/sync/page/reconcile.ts, through a hub: 14 to 17. */

import type { Sighting } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { begun, changed, shows, stateOf } from "../begun.ts";
import { content, digest, hint, identity, note, Toy, whole } from "../toy.ts";
import { closeAll, world } from "../world.ts";

afterEach(closeAll);

describe("14 settles at once", () => {
  it("final: no further look is made for it", async () => {
    const { toy, w } = await begun();
    const before = toy.calls.length;
    toy.remove("INBOX", "a", { final: true });
    expect(await w.sync()).toEqual(["Delete a INBOX→"]);
    expect(toy.calls.slice(before).filter((call) => call.startsWith("changes"))).toHaveLength(2);
  });
});

describe("15 the end of an unbroken listing", () => {
  it("marks what it never showed, on whatever page the rest was", async () => {
    const toy = new Toy();
    for (const tag of ["a", "b", "c", "d", "e"]) toy.mail("INBOX", tag);
    const w = await world([toy]);
    await w.sync();
    toy.at("INBOX").items.delete("c");
    toy.lose("INBOX");
    toy.pageSize = 2;
    expect(await w.sync()).toEqual(["Delete c INBOX→"]);
  });

  it("asks by key for what is out of scope, never takes it for gone", async () => {
    const { toy, w } = await begun();
    shows(toy, { key: "a", out: true });
    await w.sync();
    const kept = toy.at("INBOX").items;
    toy.at("INBOX").items = new Map();
    toy.fetched = (key) => kept.get(key);
    toy.lose("INBOX");
    expect(await w.sync()).toEqual([]);
    expect(toy.calls).toContain("fetch INBOX a");
    toy.fetched = () => undefined;
    toy.lose("INBOX");
    expect(await w.sync()).toEqual(["Delete a INBOX→"]);
  });

  it("what a source that forgets can say nothing of is out of scope, not gone; when it shows it again nothing is told", async () => {
    const { toy, w } = await begun();
    const kept = toy.at("INBOX").items;
    const forgets = (): void => {
      toy.at("INBOX").items = new Map();
      toy.lose("INBOX");
    };
    forgets();
    toy.fetched = (key) => ({ key, out: true });
    expect(await w.sync()).toEqual([]);
    expect(toy.calls).toContain("fetch INBOX a");
    expect(await stateOf(w, "a")).toBe("out");
    toy.at("INBOX").items = kept;
    toy.lose("INBOX");
    expect(await w.sync()).toEqual([]);
    expect(await stateOf(w, "a")).toBe("here");
    // Absent at first, and forgotten when it is asked for the second time: its mark falls.
    forgets();
    let asked = 0;
    toy.fetched = (key) => ((asked += 1) === 1 ? { key, gone: true } : { key, out: true });
    expect(await w.sync()).toEqual([]);
    expect(asked).toBeGreaterThan(1);
    expect(await stateOf(w, "a")).toBe("out");
  });

  it("leaves what is out of scope to the next listing where nothing can be fetched", async () => {
    const toy = new Toy();
    toy.mail("INBOX", "a");
    const w = await world([toy.adapter({ fetch: undefined })]);
    await w.sync();
    shows(toy, { key: "a", out: true });
    await w.sync();
    toy.at("INBOX").items.clear();
    toy.lose("INBOX");
    expect(await w.sync()).toEqual([]);
    expect(await stateOf(w, "a")).toBe("out");
  });

  it("says nothing about what came after it opened", async () => {
    const toy = new Toy();
    toy.mail("INBOX", "a");
    const w = await world([toy]);
    await w.sync();
    const listing = { id: "M" };
    toy.at("INBOX").script.push([
      { sightings: [changed("a", {})], position: { at: 1, generation: "1" }, listing },
      { sightings: [changed("b", {})], position: { at: 1, generation: "1" } },
      { sightings: [], position: { at: 1, generation: "1" }, listing: { ...listing, last: true } },
    ]);
    toy.at("INBOX").items.set("b", changed("b", {}));
    expect(await w.sync()).toEqual(["Create b →INBOX"]);
    expect(await stateOf(w, "b")).toBe("here");
  });
});

describe("16 a new own item of a marked object: Move", () => {
  it("in either order of the looks, and takes the flags along", async () => {
    for (const [from, to] of [
      ["INBOX", "Archive"],
      ["Archive", "INBOX"],
    ] as const) {
      const toy = new Toy();
      toy.mail(from, "a", { flags: ["flagged"] });
      const w = await world([toy]);
      await w.sync();
      toy.move(from, "a", to, "a2");
      const told = await w.sync();
      if (from === "INBOX") expect(told).toEqual(["Move a INBOX→Archive"]);
      else expect([["Move a Archive→INBOX"], ["Add a →INBOX", "Add a →flagged", "Remove a Archive→"]]).toContainEqual(told);
    }
  });

  it("replaces the oldest mark where there are several", async () => {
    const toy = new Toy("mail", "A", "B", "C");
    toy.mail("A", "a");
    toy.mail("B", "a");
    const w = await world([toy]);
    await w.sync();
    toy.remove("A", "a");
    toy.remove("B", "a");
    toy.mail("C", "a");
    expect(await w.sync()).toEqual(["Move a A→C", "Remove a B→"]);
  });

  it("is no Move into another system", async () => {
    const [one, two] = [new Toy("one"), new Toy("two")];
    one.mail("INBOX", "a", {}, { same: [digest("a")] });
    const w = await world([one, two]);
    await w.sync();
    one.remove("INBOX", "a");
    two.mail("INBOX", "a", {}, { same: [digest("a")] });
    const told = await w.sync();
    expect(told).not.toContainEqual(expect.stringMatching(/^Move/));
  });
});

describe("17 a partner by hint alone", () => {
  it("is read with digest, both, and equal texts are one object", async () => {
    const [one, two] = [new Toy("one"), new Toy("two")];
    one.mail("INBOX", "a", {}, { same: [content("a1"), hint("a")] });
    const w = await world([one, two]);
    await w.sync();
    two.mail("INBOX", "a", {}, { same: [content("a2"), hint("a")] });
    expect(await w.sync()).toEqual(["Add a →INBOX"]);
    expect(one.calls).toContain("fetch INBOX a digest");
    expect(two.calls).toContain("fetch INBOX a digest");
  });

  it("another text is another object: a forged Message-ID swallows nothing", async () => {
    const [one, two] = [new Toy("one"), new Toy("two")];
    one.mail("INBOX", "a", { text: "genuine" }, { same: [content("a1"), hint("a")] });
    const w = await world([one, two]);
    await w.sync();
    two.mail("INBOX", "a", { text: "spoof" }, { same: [content("a2"), hint("a")] });
    expect(await w.sync()).toEqual(["Create a →INBOX"]);
  });

  it("a partner that cannot be reached: two objects, and the look goes on", async () => {
    const [one, two] = [new Toy("one"), new Toy("two")];
    one.mail("INBOX", "a", {}, { same: [content("a1"), hint("a")] });
    const w = await world([one, two]);
    await w.sync();
    one.at("INBOX").items.clear();
    two.mail("INBOX", "a", {}, { same: [content("a2"), hint("a")] });
    await w.hub.sync({ systems: ["two"] });
    expect(await w.told()).toEqual(["Create a →INBOX"]);
  });
});

describe("what a mail carries comes beside it from fetch", () => {
  const said = (key: string, carrier: string): Sighting =>
    whole(
      key,
      { type: "Event", name: "Review", startTime: "2026-03-10T09:00:00Z", method: "request", carrier },
      { same: [identity("m")] },
    );

  it("is known from then on, of no mail that was not asked for, and once", async () => {
    const toy = new Toy();
    toy.mail("INBOX", "old");
    const stray = whole("stray", note("stray"));
    const more = new Map<string, readonly Sighting[]>([["new", [said("new#itip", "new"), said("old#itip", "old"), stray]]]);
    const w = await world([
      toy.adapter({
        fetch: async function* (collection, keys, read, signal) {
          for await (const one of toy.adapter().fetch!(collection, keys, read, signal)) {
            yield one;
            yield* more.get(one.key) ?? [];
          }
        },
      }),
    ]);
    await w.sync();
    toy.at("INBOX").items.set("new", whole("new", note("new"), { same: [content("new")] }));
    toy.at("INBOX").journal.push({ key: "new", revision: "r1" });
    expect(await w.sync()).toEqual(["Create new →INBOX", "Create Review →INBOX"]);
    toy.lose("INBOX");
    expect(await w.sync()).toEqual([]);
  });
});
