/** Collections that come, go and are renamed; revisions that save looks; pages. */

import { GroupstreamError } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { note, Toy, whole } from "./toy.ts";
import { closeAll, world } from "./world.ts";

afterEach(closeAll);

const begun = async (toy = new Toy()) => {
  toy.mail("INBOX", "a");
  toy.mail("Archive", "b");
  const w = await world([toy]);
  await w.sync();
  toy.calls.length = 0;
  return { toy, w };
};

describe("a collection", () => {
  it("is known to the adapter once it was found before", async () => {
    const toy = new Toy();
    toy.mail("INBOX", "a");
    const known: (readonly string[])[] = [];
    const adapter = toy.adapter.bind(toy);
    toy.adapter = (over = {}) => {
      const { collections, ...rest } = adapter(over);
      return {
        ...rest,
        collections: (signal, fresh, ids) => {
          known.push([...(ids ?? ["nobody says"])].sort());
          return collections(signal, fresh, ids);
        },
      };
    };
    const w = await world([toy]);
    await w.sync();
    await w.sync();
    expect(known[0]).toEqual([]);
    expect(known.at(-1)).toEqual(["Archive", "INBOX"]);
  });

  it("that vanished takes its items with it", async () => {
    const { toy, w } = await begun();
    toy.hidden.add("Archive");
    expect(await w.sync()).toEqual(["Delete b Archive→"]);
    expect((await w.hub.status()).systems[0]?.collections.map(({ name }) => name)).toEqual(["INBOX"]);
  });

  it("that only one discovery did not show has lost nothing", async () => {
    const { toy, w } = await begun();
    toy.hidden.add("Archive");
    let shown = 0;
    toy.before = (what) => {
      if (what === "collections" && (shown += 1) === 2) toy.hidden.clear();
    };
    expect(await w.sync()).toEqual([]);
    expect((await w.hub.status()).systems[0]).toMatchObject({ items: 2, missing: 0 });
  });

  it("that comes back after it was told as gone is listed and told again", async () => {
    const { toy, w } = await begun();
    toy.hidden.add("Archive");
    await w.sync();
    toy.hidden.clear();
    toy.calls.length = 0;
    expect(await w.sync()).toEqual(["Create b →Archive"]);
    expect(toy.looks("Archive")[0]).toBe("changes Archive list full fresh");
  });

  it("renamed under the same id tells nothing and is known by its new name", async () => {
    const { toy, w } = await begun();
    toy.at("Archive").name = "Old things";
    expect(await w.sync()).toEqual([]);
    expect((await w.hub.status()).systems[0]?.collections.map(({ name }) => name)).toEqual(["INBOX", "Old things"]);
    toy.mail("Archive", "c");
    expect(await w.sync()).toEqual(["Create c →Old things"]);
  });

  it("renamed without an id of its own moves its items", async () => {
    const { toy, w } = await begun();
    toy.hidden.add("Archive");
    toy.folder("Renamed", { items: toy.at("Archive").items });
    expect(await w.sync()).toEqual(["Move b Archive→Renamed"]);
  });

  it("excluded by policy is never asked for", async () => {
    const toy = new Toy("mail", "INBOX", "Private", "Junk", "Drafts");
    toy.folder("Junk", { role: "junk" });
    toy.folder("Drafts", { role: "drafts" });
    const w = await world([toy], { policy: { exclude: ["Private", "role:junk"] } });
    await w.sync();
    expect(toy.calls.filter((call) => call.startsWith("changes"))).toEqual([
      "changes INBOX list none",
      "changes Drafts list none",
    ]);
  });
});

describe("Collection.revision", () => {
  const revised = async () => {
    const toy = new Toy();
    toy.at("INBOX").revision = "1";
    toy.at("Archive").revision = "1";
    return begun(toy);
  };

  it("equal: no look; another one: a look, of that collection alone", async () => {
    const { toy, w } = await revised();
    expect(await w.sync()).toEqual([]);
    expect(toy.calls).toEqual(["collections"]);
    toy.at("INBOX").revision = "2";
    toy.mail("INBOX", "c");
    toy.calls.length = 0;
    expect(await w.sync()).toEqual(["Create c →INBOX"]);
    expect(toy.calls.filter((call) => call.startsWith("changes"))).toEqual(["changes INBOX delta full"]);
  });

  it("equal counts as looked at, so marks elsewhere settle", async () => {
    const { toy, w } = await revised();
    toy.remove("INBOX", "a");
    toy.at("INBOX").revision = "2";
    expect(await w.sync()).toEqual(["Delete a INBOX→"]);
    expect(toy.looks("Archive")).toEqual([]);
  });

  it.each(["that can be asked by key", "that cannot"])(
    "does not prove what a listing failed to show: it is asked for again, of a source %s",
    async (ability) => {
      const toy = new Toy();
      toy.at("INBOX").revision = "1";
      toy.at("Archive").revision = "1";
      toy.mail("INBOX", "a");
      const w = await world([toy.adapter(ability === "that cannot" ? { fetch: undefined } : {})]);
      await w.sync();
      const kept = toy.at("INBOX").items;
      toy.at("INBOX").items = new Map();
      toy.at("INBOX").revision = "2";
      toy.lose("INBOX");
      toy.fetched = (key) => kept.get(key);
      toy.before = (what) => {
        if (what === "close INBOX") toy.at("INBOX").items = kept;
      };
      expect(await w.sync()).toEqual([]);
      expect((await w.hub.status()).systems[0]).toMatchObject({ items: 1, missing: 0 });
    },
  );

  it("is not stored by a look that took up a listing opened earlier", async () => {
    const toy = new Toy("mail", "INBOX");
    toy.at("INBOX").revision = "1";
    for (const tag of ["a", "b", "c"]) toy.mail("INBOX", tag);
    toy.pageSize = 1;
    const w = await world([toy]);
    let pages = 0;
    toy.before = (what) => {
      if (what === "page INBOX" && (pages += 1) === 2) throw new GroupstreamError("unreachable", "cut");
    };
    await w.sync();
    // What comes behind the listing waits for the look after it; that one does not get to its end.
    const abort = new AbortController();
    toy.before = (what) => {
      if (what === "open INBOX" && toy.looks("INBOX").length === 3) abort.abort();
    };
    await expect(w.hub.sync({ signal: abort.signal })).rejects.toThrow();
    toy.before = () => undefined;
    const kinds = () => toy.looks("INBOX").map((call) => call.split(" ")[2]);
    expect(kinds()).toEqual(["list", "resume", "delta"]);
    await w.sync();
    expect(kinds()).toEqual(["list", "resume", "delta", "delta"]);
    await w.sync();
    expect(toy.looks("INBOX")).toHaveLength(4);
  });

  it("is stored by the look that follows one which took up a listing", async () => {
    const toy = new Toy("mail", "INBOX");
    toy.at("INBOX").revision = "1";
    for (const tag of ["a", "b"]) toy.mail("INBOX", tag);
    toy.pageSize = 1;
    const w = await world([toy]);
    let pages = 0;
    toy.before = (what) => {
      if (what === "page INBOX" && (pages += 1) === 2) throw new GroupstreamError("unreachable", "cut");
    };
    await w.sync();
    toy.before = () => undefined;
    await w.sync();
    await w.sync();
    expect(toy.looks("INBOX").map((call) => call.split(" ")[2])).toEqual(["list", "resume", "delta"]);
  });

  it.each([
    ["another mapping", (toy: Toy): void => void (toy.manifest = { ...toy.manifest, mapping: 2 }), {}],
    ["another policy", (): void => undefined, { policy: { behaviour: true } }],
    [
      "an item in quarantine",
      (toy: Toy): void => toy.put("INBOX", { key: "q", revision: "1", malformed: { reason: "no date" } }),
      {},
    ],
  ] as const)("equal does not save the look for %s", async (what, change, options) => {
    const { toy, w } = await revised();
    change(toy);
    if (what.includes("quarantine")) {
      toy.at("INBOX").revision = "2";
      await w.sync();
    }
    toy.calls.length = 0;
    const again = await w.reopen([toy], options);
    await again.sync();
    expect(toy.looks("INBOX")).toHaveLength(1);
  });
});

describe("pages", () => {
  it("of 500 are committed one by one: the next is asked for when the last one is in", async () => {
    const toy = new Toy("mail", "INBOX");
    for (let i = 0; i < 1_200; i += 1) toy.mail("INBOX", `m${i}`);
    const w = await world([toy]);
    const there: number[] = [];
    toy.before = async (what) => {
      if (what === "page INBOX") there.push((await w.store.counts("mail")).items);
    };
    expect(await w.sync()).toEqual([]);
    expect(there).toEqual([0, 500, 1_000]);
    expect((await w.store.counts("mail")).items).toBe(1_200);
  });

  it("with several sightings of a key: the last one wins", async () => {
    const { toy, w } = await begun();
    toy.at("INBOX").script.push([
      {
        sightings: [whole("c", note("c", { flags: ["x"] }), { same: [] }), whole("c", note("c", { flags: [] }), { same: [] })],
        position: { at: 1, generation: "1" },
      },
    ]);
    expect(await w.sync()).toEqual(["Create c →INBOX"]);
  });

  it("after a lost position are compared quietly", async () => {
    const { toy, w } = await begun();
    toy.mail("INBOX", "c");
    toy.remove("INBOX", "a");
    toy.lose("INBOX");
    expect([...(await w.sync())].sort()).toEqual(["Create c →INBOX", "Delete a INBOX→"]);
    toy.lose("INBOX");
    toy.lose("Archive");
    expect(await w.sync()).toEqual([]);
  });
});
