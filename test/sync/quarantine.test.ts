/** Items that could not be read, and mappings that became better. */

import { afterEach, describe, expect, it } from "vitest";
import { note, Toy, whole } from "./toy.ts";
import { closeAll, world } from "./world.ts";

afterEach(closeAll);

const bad = (key: string, revision = "1") => ({ key, revision, malformed: { reason: "its date cannot be read", part: "raw" } });

describe("an item that cannot be read", () => {
  it("is kept with its raw form's place, counted and shown; the rest of the page goes on", async () => {
    const toy = new Toy();
    const w = await world([toy]);
    await w.sync();
    toy.put("INBOX", bad("q"));
    toy.mail("INBOX", "a");
    expect(await w.sync()).toEqual(["Create a →INBOX"]);
    expect(await w.store.quarantine("mail")).toMatchObject([
      { place: "mail/INBOX", key: "q", reason: "its date cannot be read", part: "raw", since: w.clock.now(), tries: 1 },
    ]);
    expect((await w.hub.status()).systems[0]).toMatchObject({ quarantined: 1, items: 1 });
  });

  it("is told and released when it is seen readable", async () => {
    const toy = new Toy();
    const w = await world([toy]);
    await w.sync();
    toy.put("INBOX", bad("q"));
    await w.sync();
    toy.put("INBOX", whole("q", note("q"), { revision: "2" }));
    expect(await w.sync()).toEqual(["Create q →INBOX"]);
    expect(await w.store.quarantine()).toEqual([]);
  });

  it("is asked for again by a new mapping, though the source does not repeat it", async () => {
    const toy = new Toy();
    const w = await world([toy]);
    await w.sync();
    toy.put("INBOX", bad("q"));
    await w.sync();
    toy.calls.length = 0;
    await w.sync();
    expect(toy.calls.some((call) => call.startsWith("fetch"))).toBe(false);
    toy.manifest = { ...toy.manifest, mapping: 2 };
    toy.at("INBOX").items.set("q", whole("q", note("q")));
    const again = await w.reopen();
    expect(await again.sync()).toEqual(["Create q →INBOX"]);
    expect(await again.store.quarantine()).toEqual([]);
  });

  it("is released when the source has forgotten it", async () => {
    const toy = new Toy();
    const w = await world([toy]);
    await w.sync();
    toy.put("INBOX", bad("q"));
    await w.sync();
    toy.at("INBOX").script.push([{ sightings: [{ key: "q", out: true }], position: { at: 1, generation: "1" } }]);
    expect(await w.sync()).toEqual([]);
    expect(await w.store.quarantine()).toEqual([]);
  });

  it("is asked for again when listed with another revision, not with the same", async () => {
    const toy = new Toy();
    const w = await world([toy]);
    await w.sync();
    toy.put("INBOX", bad("q"));
    await w.sync();
    const shows = (revision: string) =>
      toy.at("INBOX").script.push([{ sightings: [{ key: "q", revision }], position: { at: 1, generation: "1" } }]);
    toy.at("INBOX").items.set("q", whole("q", note("q"), { revision: "2" }));
    shows("1");
    expect(await w.sync()).toEqual([]);
    shows("2");
    expect(await w.sync()).toEqual(["Create q →INBOX"]);
  });

  it("is released when it goes", async () => {
    const toy = new Toy();
    const w = await world([toy]);
    await w.sync();
    toy.put("INBOX", bad("q"));
    await w.sync();
    toy.remove("INBOX", "q");
    expect(await w.sync()).toEqual([]);
    expect(await w.store.quarantine()).toEqual([]);
  });

  it("that was readable before keeps standing with its old view", async () => {
    const toy = new Toy();
    toy.mail("INBOX", "a");
    const w = await world([toy]);
    await w.sync();
    toy.put("INBOX", bad("a", "2"));
    expect(await w.sync()).toEqual([]);
    toy.lose("INBOX");
    expect(await w.sync()).toEqual([]);
    expect((await w.hub.status()).systems[0]).toMatchObject({ items: 1, missing: 0, quarantined: 1 });
  });
});

describe("another mapping", () => {
  it("replaces views of the same revision silently, and compares the others", async () => {
    const toy = new Toy();
    toy.put("INBOX", whole("a", note("  a  "), { revision: "1", same: [] }));
    toy.put("INBOX", whole("b", note("  b  "), { revision: "1", same: [] }));
    const w = await world([toy]);
    await w.sync();
    toy.manifest = { ...toy.manifest, mapping: 2 };
    toy.at("INBOX").items.set("a", whole("a", note("a"), { revision: "1", same: [] }));
    toy.at("INBOX").items.set("b", whole("b", note("changed"), { revision: "2", same: [] }));
    const again = await w.reopen();
    expect(await again.sync()).toEqual(["Update changed [name]"]);
    const [item] = await again.store.transaction((tx) => tx.items("mail/INBOX", ["a"]));
    expect(item).toMatchObject({ mapping: 2, view: { name: "a" } });
  });

  it("reads again once, not for ever", async () => {
    const toy = new Toy();
    toy.mail("INBOX", "a");
    const w = await world([toy]);
    await w.sync();
    toy.manifest = { ...toy.manifest, mapping: 2 };
    const again = await w.reopen();
    await again.sync();
    toy.calls.length = 0;
    await again.sync();
    expect(toy.calls.filter((call) => call.startsWith("fetch"))).toEqual([]);
  });

  it("is fetched for a patch of an item another mapping made", async () => {
    const toy = new Toy();
    toy.mail("INBOX", "a");
    const w = await world([toy]);
    await w.sync();
    toy.manifest = { ...toy.manifest, mapping: 2 };
    toy.at("INBOX").items.set("a", whole("a", note("a", { flags: ["flagged"] }), { revision: "2" }));
    toy
      .at("INBOX")
      .script.push([
        { sightings: [{ key: "a", revision: "2", add: { flags: ["flagged"] } }], position: { at: 1, generation: "1" } },
      ]);
    const again = await w.reopen();
    expect(await again.sync()).toEqual(["Add a →flagged"]);
  });
});
