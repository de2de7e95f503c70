/** The case table at the head of src/sync/reconcile.ts, number by number, through a hub. */

import type { Page, Sighting } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { content, digest, hint, identity, note, Toy, whole } from "./toy.ts";
import { closeAll, type World, world } from "./world.ts";

afterEach(closeAll);

/** INBOX with one mail `a`, known and told of nothing. */
const begun = async (toy = new Toy(), options = {}): Promise<{ toy: Toy; w: World }> => {
  toy.mail("INBOX", "a");
  const w = await world([toy], options);
  expect(await w.sync()).toEqual([]);
  return { toy, w };
};
/** What the next look at INBOX shows. */
const shows = (toy: Toy, ...sightings: Sighting[]): void => {
  const { journal, generation } = toy.at("INBOX");
  toy.at("INBOX").script.push([{ sightings, position: { at: journal.length, generation } } as Page]);
};
const itemAt = async ({ store }: World, key: string) => (await store.transaction((tx) => tx.items("mail/INBOX", [key])))[0];
const stateOf = async (w: World, key: string) => (await itemAt(w, key))?.state;
const changed = (tag: string, over: object, more = {}) =>
  whole(tag, note(tag, over), { same: [content(tag), hint(tag)], ...more });

describe("1 unknown or gone, whole: new", () => {
  it("is told, with its text", async () => {
    const { toy, w } = await begun();
    toy.mail("INBOX", "b");
    expect(await w.sync()).toEqual(["Create b →INBOX"]);
    expect((await w.entries())[0]?.activity.object).toMatchObject({ type: "Note", name: "b", content: "<p>b</p>" });
  });

  it("comes back after it was told as gone", async () => {
    const { toy, w } = await begun();
    toy.drop("INBOX", "a");
    expect(await w.sync()).toEqual(["Delete a INBOX→"]);
    toy.mail("INBOX", "a", {}, { same: [] });
    expect(await w.sync()).toEqual(["Create a →INBOX"]);
  });

  it("does not come back with an order that is not greater (13)", async () => {
    const { toy, w } = await begun();
    toy.mail("INBOX", "b", {}, { order: "05" });
    await w.sync();
    toy.drop("INBOX", "b", { order: "07" });
    expect(await w.sync()).toEqual(["Delete b INBOX→"]);
    for (const order of ["05", "07"]) {
      shows(toy, changed("b", {}, { order }));
      expect(await w.sync()).toEqual([]);
    }
    shows(toy, changed("b", {}, { order: "08", same: [] }));
    expect(await w.sync()).toEqual(["Create b →INBOX"]);
  });
});

describe("2 unknown or gone, patch, reference or here: fetched", () => {
  it.each<[string, Sighting]>([
    ["patch", { key: "b", revision: "9", set: { name: "patched" } }],
    ["reference", { key: "b", revision: "9" }],
    ["here", { key: "b", here: true }],
  ])("%s of an unknown key", async (_, sighting) => {
    const { toy, w } = await begun();
    toy.at("INBOX").items.set("b", whole("b", note("b")));
    shows(toy, sighting);
    expect(await w.sync()).toEqual(["Create b →INBOX"]);
    expect(toy.calls.filter((call) => call.startsWith("fetch"))[0]).toBe("fetch INBOX b");
  });

  it("a reference whose fetch says gone tells nothing", async () => {
    const { toy, w } = await begun();
    shows(toy, { key: "b", revision: "9" });
    expect(await w.sync()).toEqual([]);
    expect(await stateOf(w, "b")).toBeUndefined();
  });

  it("silence of fetch is the adapter's fault: quarantined and shown", async () => {
    const toy = new Toy();
    toy.mail("INBOX", "a");
    const w = await world([
      toy.adapter({
        fetch: async function* () {
          yield* [];
        },
      }),
    ]);
    await w.sync();
    shows(toy, { key: "b", revision: "9" });
    expect(await w.sync()).toEqual([]);
    expect((await w.store.quarantine()).map(({ key, reason }) => [key, reason])).toEqual([
      ["b", expect.stringContaining("no answer")],
    ]);
  });
});

describe("3 unknown or gone, gone: the order is kept", () => {
  it("an older state of a key first heard of as gone tells nothing", async () => {
    const { toy, w } = await begun();
    shows(toy, { key: "b", gone: true, order: "05" });
    shows(toy, changed("b", {}, { order: "05" }));
    shows(toy, changed("b", {}, { order: "04" }));
    expect([await w.sync(), await w.sync(), await w.sync()]).toEqual([[], [], []]);
    shows(toy, changed("b", {}, { order: "06" }));
    expect(await w.sync()).toEqual(["Create b →INBOX"]);
  });

  it("a greater order replaces the kept one, a smaller does not", async () => {
    const { toy, w } = await begun();
    for (const order of ["05", "08", "06"]) {
      shows(toy, { key: "b", gone: true, order });
      await w.sync();
    }
    expect((await itemAt(w, "b"))?.order).toBe("08");
  });
});

it("4 unknown or gone, out: nothing", async () => {
  const { toy, w } = await begun();
  shows(toy, { key: "b", out: true });
  expect(await w.sync()).toEqual([]);
  expect(await itemAt(w, "b")).toBeUndefined();
});

describe("5 here, missing or out, whole: seen", () => {
  it("tells what changed, nothing where only the revision did", async () => {
    const { toy, w } = await begun();
    toy.mail("INBOX", "a", { flags: ["flagged"] });
    expect(await w.sync()).toEqual(["Add a →flagged"]);
    toy.mail("INBOX", "a", { flags: ["flagged"] }, { revision: "re-stamped" });
    expect(await w.sync()).toEqual([]);
    expect((await itemAt(w, "a"))?.revision).toBe("re-stamped");
  });

  it("sees no difference in the order and doubles of sets", async () => {
    const { toy, w } = await begun();
    toy.mail("INBOX", "a", { flags: ["b", "a"] });
    expect(await w.sync()).toHaveLength(2);
    toy.mail("INBOX", "a", { flags: ["a", "b", "a"] }, { revision: "2" });
    expect(await w.sync()).toEqual([]);
  });

  it("lets a mark fall, silently", async () => {
    const { toy, w } = await begun();
    shows(toy, { key: "a", gone: true });
    toy.at("Archive").script.push([]);
    // The second look of the same round sees it again.
    toy.at("INBOX").script.push([{ sightings: [changed("a", {})], position: { at: 1, generation: 1 } }]);
    expect(await w.sync()).toEqual([]);
    expect(await stateOf(w, "a")).toBe("here");
  });

  it("is here again after it was out, silently", async () => {
    const { toy, w } = await begun();
    shows(toy, { key: "a", out: true });
    expect(await w.sync()).toEqual([]);
    shows(toy, changed("a", {}));
    expect(await w.sync()).toEqual([]);
    expect(await stateOf(w, "a")).toBe("here");
  });
});

describe("6 same key, another identity or type: the old item is gone, a new one is here", () => {
  it.each<[string, Sighting]>([
    ["another identity", whole("a", note("other"), { same: [identity("other")] })],
    ["another type", whole("a", { type: "Event", name: "other" }, { same: [identity("a")] })],
  ])("%s", async (_, sighting) => {
    const toy = new Toy();
    toy.mail("INBOX", "a", {}, { same: [identity("a")] });
    const w = await world([toy]);
    await w.sync();
    shows(toy, sighting);
    expect([...(await w.sync())].sort()).toEqual(["Create other →INBOX", "Delete a INBOX→"]);
    const ids = (await w.entries()).map(({ activity }) => (activity.object as { id: string }).id);
    expect(new Set(ids).size).toBe(2);
  });
});

describe("7 here, missing or out, patch", () => {
  it("sets, adds and removes; what it does not name stays", async () => {
    const toy = new Toy();
    toy.mail("INBOX", "a", { flags: ["old", "kept"] });
    const w = await world([toy]);
    await w.sync();
    shows(toy, { key: "a", revision: "2", set: { name: "renamed" }, add: { flags: ["new"] }, remove: { flags: ["old"] } });
    expect(await w.sync()).toEqual(["Add renamed →new", "Remove renamed old→", "Update renamed [name]"]);
    expect((await itemAt(w, "a"))?.view).toMatchObject({
      name: "renamed",
      flags: ["kept", "new"],
      to: [{ id: "mailto:team@example.org" }],
    });
  });

  it("one member added to a group of three leaves four", async () => {
    const toy = new Toy("dir", "people");
    const group = { type: "Group", name: "Team", members: ["urn:x:1", "urn:x:2", "urn:x:3"] } as const;
    toy.put("people", whole("g", group, { same: [identity("g")] }));
    const w = await world([toy]);
    await w.sync();
    toy
      .at("people")
      .script.push([
        { sightings: [{ key: "g", revision: "2", add: { members: ["urn:x:4"] } }], position: { at: 1, generation: 1 } },
      ]);
    await w.sync();
    const [entry] = await w.entries();
    expect(entry?.activity).toMatchObject({ type: "Add", object: { id: "urn:x:4" }, target: { type: "Group", name: "Team" } });
    expect(await w.entries()).toHaveLength(1);
  });

  it("is here again after out, and no mark is left", async () => {
    const { toy, w } = await begun();
    shows(toy, { key: "a", out: true });
    await w.sync();
    shows(toy, { key: "a", revision: "2", add: { flags: ["flagged"] } });
    expect(await w.sync()).toEqual(["Add a →flagged"]);
    expect(await stateOf(w, "a")).toBe("here");
  });
});

describe("8 here, missing or out, reference", () => {
  it("is not fetched with the stored revision, and is with another", async () => {
    const { toy, w } = await begun();
    const revision = (await itemAt(w, "a"))?.revision ?? "";
    shows(toy, { key: "a", revision });
    expect(await w.sync()).toEqual([]);
    expect(toy.calls.some((call) => call.startsWith("fetch"))).toBe(false);
    toy.at("INBOX").items.set("a", changed("a", { flags: ["flagged"] }));
    shows(toy, { key: "a", revision: "9" });
    expect(await w.sync()).toEqual(["Add a →flagged"]);
  });

  it("is fetched while a mark is open, also with the stored revision, and cannot revive what is gone", async () => {
    const { toy, w } = await begun();
    const revision = (await itemAt(w, "a"))?.revision ?? "";
    toy.at("INBOX").items.delete("a");
    shows(toy, { key: "a", gone: true });
    shows(toy, { key: "a", revision });
    expect(await w.sync()).toEqual(["Delete a INBOX→"]);
    expect(toy.calls).toContain("fetch INBOX a");
  });
});

it("9 here, missing or out, here: seen, the mark falls", async () => {
  const { toy, w } = await begun();
  shows(toy, { key: "a", gone: true });
  shows(toy, { key: "a", here: true });
  expect(await w.sync()).toEqual([]);
  expect(await stateOf(w, "a")).toBe("here");
  shows(toy, { key: "a", out: true });
  await w.sync();
  shows(toy, { key: "a", here: true });
  await w.sync();
  expect(await stateOf(w, "a")).toBe("here");
});

describe("10 here or out, gone: marked, then told", () => {
  it.each(["here", "out"])("%s", async (state) => {
    const { toy, w } = await begun();
    if (state === "out") {
      shows(toy, { key: "a", out: true });
      await w.sync();
    }
    toy.drop("INBOX", "a");
    expect(await w.sync()).toEqual(["Delete a INBOX→"]);
    expect(await stateOf(w, "a")).toBe("gone");
  });
});

it("11 here, out: counts as before, nothing told", async () => {
  const { toy, w } = await begun();
  shows(toy, { key: "a", out: true });
  expect(await w.sync()).toEqual([]);
  expect(await stateOf(w, "a")).toBe("out");
});

describe("12 stays", () => {
  it("a second gone of what is missing does not put the mark back", async () => {
    const { toy, w } = await begun();
    toy.at("INBOX").items.delete("a");
    shows(toy, { key: "a", gone: true });
    for (let turn = 0; turn < 3; turn += 1) shows(toy, { key: "a", gone: true });
    expect(await w.sync()).toEqual(["Delete a INBOX→"]);
  });

  it("out of what is missing leaves the mark; out of what is out leaves it out", async () => {
    const { toy, w } = await begun();
    shows(toy, { key: "a", out: true });
    shows(toy, { key: "a", out: true });
    await w.sync();
    await w.sync();
    expect(await stateOf(w, "a")).toBe("out");
    shows(toy, { key: "a", gone: true });
    for (let turn = 0; turn < 3; turn += 1) shows(toy, { key: "a", out: true });
    expect(await w.sync()).toEqual(["Delete a INBOX→"]);
  });
});

describe("13 older than stored", () => {
  it.each<[string, (order: string) => Sighting]>([
    ["whole", (order) => changed("a", { flags: ["old"] }, { order })],
    ["patch", (order) => ({ key: "a", revision: "7", add: { flags: ["old"] }, order })],
    ["gone", (order) => ({ key: "a", gone: true, order })],
  ])("%s tells nothing", async (_, sighting) => {
    const toy = new Toy();
    toy.mail("INBOX", "a", {}, { order: "05" });
    const w = await world([toy]);
    await w.sync();
    shows(toy, sighting("04"));
    expect(await w.sync()).toEqual([]);
    expect(await itemAt(w, "a")).toMatchObject({ state: "here", order: "05" });
    shows(toy, sighting("06"));
    expect(await w.sync()).toHaveLength(1);
  });

  it("takes no mark away", async () => {
    const toy = new Toy();
    toy.mail("INBOX", "a", {}, { order: "05" });
    const w = await world([toy]);
    await w.sync();
    toy.at("INBOX").items.delete("a");
    shows(toy, { key: "a", gone: true, order: "09" });
    shows(toy, changed("a", {}, { order: "05" }));
    expect(await w.sync()).toEqual(["Delete a INBOX→"]);
  });
});

describe("14 settles at once", () => {
  it("final: no further look is made for it", async () => {
    const { toy, w } = await begun();
    const before = toy.calls.length;
    toy.drop("INBOX", "a", { final: true });
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
      { sightings: [changed("a", {})], position: { at: 1, generation: 1 }, listing },
      { sightings: [changed("b", {})], position: { at: 1, generation: 1 } },
      { sightings: [], position: { at: 1, generation: 1 }, listing: { ...listing, last: true } },
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
      toy.move("a", from, to, "a2");
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
    toy.drop("A", "a");
    toy.drop("B", "a");
    toy.mail("C", "a");
    expect(await w.sync()).toEqual(["Move a A→C", "Remove a B→"]);
  });

  it("is no Move into another system", async () => {
    const [one, two] = [new Toy("one"), new Toy("two")];
    one.mail("INBOX", "a", {}, { same: [digest("a")] });
    const w = await world([one, two]);
    await w.sync();
    one.drop("INBOX", "a");
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
