/** The case table at the head of src/sync/page/reconcile.ts, through a hub: 7 to 13. */

import type { Sighting } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { begun, changed, itemAt, shows, stateOf } from "../begun.ts";
import { identity, Toy, whole } from "../toy.ts";
import { closeAll, world } from "../world.ts";

afterEach(closeAll);

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
        { sightings: [{ key: "g", revision: "2", add: { members: ["urn:x:4"] } }], position: { at: 1, generation: "1" } },
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
    toy.remove("INBOX", "a");
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
