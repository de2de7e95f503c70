/** What the first listings tell, and what collections found later do. */

import { GroupstreamError } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { note, Toy, whole } from "../toy.ts";
import { closeAll, world } from "../world.ts";

afterEach(closeAll);

const three = (toy = new Toy()): Toy => {
  for (const tag of ["a", "b", "c"]) toy.mail("INBOX", tag, {}, { came: "2026-01-01T00:00:00Z" });
  return toy;
};

describe("the first listings", () => {
  it("are recorded, not told, and read without text", async () => {
    const toy = three();
    const w = await world([toy]);
    expect(await w.sync()).toEqual([]);
    expect((await w.hub.status()).systems[0]).toMatchObject({ items: 3, told: 0 });
    expect(toy.looks("INBOX")).toEqual(["changes INBOX list none"]);
  });

  it("are told whole with history all, with text", async () => {
    const toy = three();
    const w = await world([toy], { history: "all" });
    expect(await w.sync()).toEqual(["Create a →INBOX", "Create b →INBOX", "Create c →INBOX"]);
    expect((await w.entries())[0]?.activity.object).toMatchObject({ content: "<p>a</p>" });
  });

  it("are told from a date on with history since", async () => {
    const toy = three();
    toy.mail("INBOX", "late", {}, { came: "2026-02-02T00:00:00Z" });
    toy.mail("INBOX", "unknown");
    const w = await world([toy], { history: "2026-02-01" });
    expect(await w.sync()).toEqual(["Create late →INBOX"]);
  });

  it("tell what arrived while they were paged, with its text", async () => {
    const toy = three();
    toy.pageSize = 1;
    const w = await world([toy]);
    let pages = 0;
    toy.before = (what) => {
      if (what !== "page INBOX" || (pages += 1) !== 2) return;
      w.clock.advance(1_000);
      toy.mail("INBOX", "news", {}, { came: w.clock.iso() });
    };
    expect(await w.sync()).toEqual(["Create news →INBOX"]);
    expect((await w.entries())[0]?.activity.object).toMatchObject({ name: "news", content: "<p>news</p>" });
  });

  it("stay silent about what a later page shows and cannot say when it came", async () => {
    const toy = three();
    const w = await world([toy]);
    const page = (tags: string[], more: object = {}) => ({
      sightings: tags.map((tag) => whole(tag, note(tag), { same: [] })),
      position: { at: 3, generation: "1" },
      listing: { id: "L", ...more },
    });
    toy.at("INBOX").script.push([page(["a", "b"]), page(["c", "unknown"], { last: true })]);
    expect(await w.sync()).toEqual([]);
  });

  it("end with their last page: what the same look brings after it is told, with text", async () => {
    const toy = three();
    toy.pageSize = 1;
    const w = await world([toy]);
    let pages = 0;
    toy.before = (what) => {
      if (what === "page INBOX" && (pages += 1) === 2) toy.mail("INBOX", "unknown");
    };
    expect(await w.sync()).toEqual(["Create unknown →INBOX"]);
    expect((await w.entries())[0]?.activity.object).toMatchObject({ content: "<p>unknown</p>" });
  });

  it.each(["unreachable", "position-lost"] as const)("broken off by %s stay a baseline", async (code) => {
    const toy = three();
    toy.pageSize = 1;
    const w = await world([toy]);
    let pages = 0;
    toy.before = (what) => {
      if (what === "page INBOX" && (pages += 1) === 2) throw new GroupstreamError(code, "cut");
    };
    const first = await w.sync();
    if (code === "position-lost") toy.lose("INBOX");
    expect([...first, ...(await w.sync()), ...(await w.sync())]).toEqual([]);
    expect((await w.hub.status()).systems[0]).toMatchObject({ items: 3 });
    toy.mail("INBOX", "news");
    expect(await w.sync()).toEqual(["Create news →INBOX"]);
  });

  it("go on where they were after a restart", async () => {
    const toy = three();
    toy.pageSize = 1;
    const w = await world([toy]);
    let pages = 0;
    toy.before = (what) => {
      if (what === "page INBOX" && (pages += 1) === 3) throw new GroupstreamError("unreachable", "cut");
    };
    await w.sync();
    toy.calls.length = 0;
    const again = await w.reopen();
    expect(await again.sync()).toEqual([]);
    expect(toy.looks("INBOX")[0]).toBe("changes INBOX resume none");
  });

  it("end with the first look that ends well where a source never lists", async () => {
    const toy = new Toy("feed", "posts");
    const page = (tag: string, at: number) => [{ sightings: [whole(tag, note(tag))], position: { at, generation: "1" } }];
    toy.at("posts").script.push(page("old", 0), page("new", 0));
    const w = await world([toy]);
    expect(await w.sync()).toEqual([]);
    expect(await w.sync()).toEqual(["Create new →posts"]);
  });

  it("do not silence a second system's news of an object that stands in the first", async () => {
    const [one, two] = [new Toy("one"), new Toy("two")];
    one.mail("INBOX", "a");
    const w = await world([one]);
    await w.sync();
    await w.hub.add(two.adapter());
    two.mail("INBOX", "b");
    expect(await w.sync()).toEqual([]);
    two.mail("INBOX", "c");
    expect(await w.sync()).toEqual(["Create c →INBOX"]);
  });
});

describe("a collection found later", () => {
  const later = async () => {
    const toy = three();
    const w = await world([toy]);
    await w.sync();
    w.clock.advance(60_000);
    await w.sync();
    const looked = w.clock.iso();
    w.clock.advance(60_000);
    toy.folder("New");
    return { toy, w, looked };
  };

  it("is told: what came after the last looks, and what cannot say when", async () => {
    const { toy, w, looked } = await later();
    toy.mail("New", "old", {}, { came: "2026-01-01T00:00:00Z" });
    toy.mail("New", "news", {}, { came: w.clock.iso() });
    toy.mail("New", "unknown");
    toy.mail("New", "since", {}, { came: new Date(Date.parse(looked) + 1_000).toISOString() });
    expect([...(await w.sync())].sort()).toEqual(["Create news →New", "Create since →New", "Create unknown →New"]);
    expect((await w.entries()).every(({ activity }) => (activity.object as { content?: string }).content !== undefined)).toBe(
      true,
    );
  });

  it("is told what moves or is copied into it, however old", async () => {
    const { toy, w } = await later();
    toy.move("INBOX", "a", "New");
    const { key: _key, ...copy } = toy.at("INBOX").items.get("b") as ReturnType<typeof whole>;
    toy.put("New", { ...copy, key: "b2" });
    expect([...(await w.sync())].sort()).toEqual(["Add b →New", "Move a INBOX→New"]);
  });

  it("tells what came before its discovery and after a folder's last look, moved there meanwhile", async () => {
    const { toy, w, looked } = await later();
    // It arrived in INBOX after the last look and was filed at once: nobody ever saw it.
    toy.mail("New", "filed", {}, { came: new Date(Date.parse(looked) + 500).toISOString() });
    expect(await w.sync()).toEqual(["Create filed →New"]);
  });

  it("tells all where a collection was never looked at", async () => {
    const toy = three();
    toy.at("Archive").fails = new GroupstreamError("forbidden", "mail/Archive may not be read");
    const w = await world([toy]);
    await w.sync();
    await w.sync();
    toy.folder("New");
    toy.mail("New", "old", {}, { came: "2026-01-01T00:00:00Z" });
    expect(await w.sync()).toEqual(["Create old →New"]);
  });
});
