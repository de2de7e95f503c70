/** When a mark settles, and what is told then. */

import { GroupstreamError } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { note, Toy, whole } from "./toy.ts";
import { closeAll, world } from "./world.ts";

afterEach(closeAll);

const forbidden = new GroupstreamError("forbidden", "mail/Archive may not be read; ask for permission");
const unreachable = new GroupstreamError("unreachable", "mail/Archive: the line is cut; it is tried again");

describe("a mark", () => {
  it("settles only after a discovery and looks that opened after it, asked for twice for an object's last item", async () => {
    const toy = new Toy();
    toy.mail("INBOX", "a");
    const w = await world([toy]);
    await w.sync();
    toy.remove("INBOX", "a");
    toy.calls.length = 0;
    const seqs: number[] = [];
    toy.before = async (what) => {
      if (what.startsWith("collections")) seqs.push(await w.store.lastSeq());
    };
    expect(await w.sync()).toEqual(["Delete a INBOX→"]);
    const round = ["collections", "changes INBOX delta full", "changes Archive delta full"];
    expect(toy.calls).toEqual([...round, ...round, ...round]);
    expect(new Set(seqs)).toEqual(new Set([0]));
  });

  it("is asked for once where another item of the object stands", async () => {
    const toy = new Toy();
    toy.mail("INBOX", "a");
    toy.mail("Archive", "a");
    const w = await world([toy]);
    await w.sync();
    toy.remove("INBOX", "a");
    toy.calls.length = 0;
    expect(await w.sync()).toEqual(["Remove a INBOX→"]);
    expect(toy.looks("INBOX")).toHaveLength(2);
  });

  it("becomes a Move where the mail turns up while the looks go round", async () => {
    const toy = new Toy();
    toy.mail("Archive", "a");
    const w = await world([toy]);
    await w.sync();
    toy.remove("Archive", "a");
    let opened = 0;
    toy.before = (what) => {
      // It lands in INBOX after INBOX was looked at a second time: only the second asking can see it.
      if (what === "open Archive" && (opened += 1) === 2) toy.mail("INBOX", "a");
    };
    expect(await w.sync()).toEqual(["Move a Archive→INBOX"]);
  });

  it("becomes a Move into a folder that was not there yet", async () => {
    const toy = new Toy();
    toy.mail("INBOX", "a");
    const w = await world([toy]);
    await w.sync();
    toy.folder("New");
    toy.move("INBOX", "a", "New");
    expect(await w.sync()).toEqual(["Move a INBOX→New"]);
  });

  it("tells nothing where whereabouts stay the same: every key changes, no mail does", async () => {
    const toy = new Toy();
    for (const tag of ["a", "b", "c"]) toy.mail("INBOX", tag, { flags: ["flagged"] });
    const w = await world([toy]);
    await w.sync();
    const { items } = toy.at("INBOX");
    toy.at("INBOX").items = new Map([...items].map(([key, sighting]) => [`2.${key}`, { ...sighting, key: `2.${key}` }]));
    toy.lose("INBOX");
    expect(await w.sync()).toEqual([]);
    expect((await w.hub.status()).systems[0]).toMatchObject({ items: 3, missing: 0 });
  });

  it("tells nothing of a duplicate that goes", async () => {
    const toy = new Toy();
    toy.mail("INBOX", "a");
    toy.mail("INBOX", "a", {}, { key: "twin" });
    const w = await world([toy]);
    await w.sync();
    toy.remove("INBOX", "twin");
    expect(await w.sync()).toEqual([]);
    expect((await w.hub.status()).systems[0]).toMatchObject({ items: 1, missing: 0 });
  });

  it("of a label whose bearer goes tells one Delete", async () => {
    const toy = new Toy("mail", "All");
    toy.mail("All", "a", { labels: ["Red", "Blue"] });
    const w = await world([toy]);
    await w.sync();
    toy.remove("All", "a");
    expect(await w.sync()).toEqual(["Delete a All→"]);
  });
});

describe("a collection that cannot be read", () => {
  it("holds a settlement for an hour at most; then it is told with that loss", async () => {
    const toy = new Toy();
    toy.mail("INBOX", "a");
    const w = await world([toy]);
    await w.sync();
    toy.at("Archive").fails = unreachable;
    toy.remove("INBOX", "a");
    for (let turn = 0; turn < 6; turn += 1) {
      expect(await w.sync()).toEqual([]);
      w.clock.advance(599_000);
    }
    expect(await w.sync()).toEqual([]);
    w.clock.advance(7_000);
    const told = [...(await w.sync()), ...(await w.sync())];
    expect(told).toEqual(["Delete a INBOX→"]);
    expect((await w.entries())[0]?.activity["groupstream:losses"]).toEqual([
      { field: "target", reason: "mail/Archive could not be read, so it may be there" },
    ]);
  });

  it("holds nothing once it can be read again: a Move without loss", async () => {
    const toy = new Toy();
    toy.mail("INBOX", "a");
    const w = await world([toy]);
    await w.sync();
    toy.at("Archive").fails = unreachable;
    toy.move("INBOX", "a", "Archive");
    expect(await w.sync()).toEqual([]);
    delete toy.at("Archive").fails;
    expect(await w.sync()).toEqual(["Move a INBOX→Archive"]);
    expect((await w.entries())[0]?.activity).not.toHaveProperty("groupstream:losses");
  });

  it("is shown while forbidden, and does not take its own items for gone", async () => {
    const toy = new Toy();
    toy.mail("Archive", "kept");
    const w = await world([toy]);
    await w.sync();
    toy.at("Archive").fails = forbidden;
    toy.lose("Archive");
    toy.mail("INBOX", "b");
    const [line] = await w.hub.sync();
    expect(line?.failures).toMatchObject([{ place: "mail/Archive", code: "forbidden" }]);
    expect(await w.told()).toEqual(["Create b →INBOX"]);
    expect((await w.hub.status()).systems[0]?.collections).toContainEqual(
      expect.objectContaining({ place: "mail/Archive", failing: expect.objectContaining({ code: "forbidden" }) }),
    );
  });

  it("keeps the marks of its own items although others are proven without it", async () => {
    const toy = new Toy();
    toy.mail("Archive", "kept");
    const w = await world([toy]);
    await w.sync();
    // One discovery shows nothing of it; then it is there again and may not be read.
    toy.hidden.add("Archive");
    let shown = 0;
    toy.before = (what) => {
      if (what === "collections" && (shown += 1) === 2) {
        toy.hidden.clear();
        toy.at("Archive").fails = forbidden;
      }
    };
    expect(await w.sync()).toEqual([]);
    delete toy.at("Archive").fails;
    expect(await w.sync()).toEqual([]);
    expect((await w.hub.status()).systems[0]).toMatchObject({ items: 1, missing: 0 });
  });
});

describe("at once", () => {
  it("goes what is gone in a system that cannot be looked at", async () => {
    const toy = new Toy("inbox", "posts");
    const kept: ((...sightings: Parameters<Toy["put"]>[1][]) => Promise<void>)[] = [];
    const adapter = toy.adapter({
      changes: undefined,
      fetch: undefined,
      receive: async (_request, { keep }) => {
        kept.push((...sightings) => keep("posts", sightings));
        await keep("posts", [whole("p", note("p"))]);
        return new Response(null, { status: 202 });
      },
    });
    const w = await world([adapter]);
    await w.hub.receive("inbox", new Request("http://localhost/"));
    expect(await w.told()).toEqual(["Create p →posts"]);
    await kept[0]?.({ key: "p", gone: true });
    expect(await w.told()).toEqual(["Delete p posts→"]);
  });
});
