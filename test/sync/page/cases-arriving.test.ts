/** The case table at the head of src/sync/page/reconcile.ts, through a hub: 1 to 6. */

import type { Sighting } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { begun, changed, itemAt, shows, stateOf } from "../begun.ts";
import { identity, note, Toy, whole } from "../toy.ts";
import { closeAll, world } from "../world.ts";

afterEach(closeAll);

describe("1 unknown or gone, whole: new", () => {
  it("is told, with its text", async () => {
    const { toy, w } = await begun();
    toy.mail("INBOX", "b");
    expect(await w.sync()).toEqual(["Create b →INBOX"]);
    expect((await w.entries())[0]?.activity.object).toMatchObject({ type: "Note", name: "b", content: "<p>b</p>" });
  });

  it("comes back after it was told as gone", async () => {
    const { toy, w } = await begun();
    toy.remove("INBOX", "a");
    expect(await w.sync()).toEqual(["Delete a INBOX→"]);
    toy.mail("INBOX", "a", {}, { same: [] });
    expect(await w.sync()).toEqual(["Create a →INBOX"]);
  });

  it("does not come back with an order that is not greater (13)", async () => {
    const { toy, w } = await begun();
    toy.mail("INBOX", "b", {}, { order: "05" });
    await w.sync();
    toy.remove("INBOX", "b", { order: "07" });
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
    toy.at("INBOX").script.push([{ sightings: [changed("a", {})], position: { at: 1, generation: "1" } }]);
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
