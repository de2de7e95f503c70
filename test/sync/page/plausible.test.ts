/** Losses that are asked for again before they are believed. */

import { GroupstreamError } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { implausible } from "../../../src/sync/page/plausible.ts";
import { Toy } from "../toy.ts";
import { closeAll, world } from "../world.ts";

afterEach(closeAll);

const full = async (count = 40, toy = new Toy()) => {
  for (let i = 0; i < count; i += 1) toy.mail("INBOX", `m${i}`);
  const w = await world([toy]);
  await w.sync();
  const all = new Map(toy.at("INBOX").items);
  const show = (some: number) => {
    toy.at("INBOX").items = new Map([...all].slice(0, some));
    toy.at("INBOX").count = some;
  };
  return { toy, w, show };
};

it.each<[number, number, number, boolean]>([
  [20, 20, 0.5, false],
  [21, 21, 0.5, true],
  [21, 42, 0.5, false],
  [22, 42, 0.5, true],
  [0, 0, 0.5, false],
  [30, 200, 0.1, true],
  [20, 200, 0.1, false],
])("%i of %i at a share of %d: %s", (losing, standing, share, expected) => {
  expect(implausible(losing, standing, share)).toBe(expected);
});

describe("a listing that has lost most", () => {
  it("is held and asked again on a new connection; told only when that and its count agree", async () => {
    const { toy, w, show } = await full();
    show(5);
    toy.lose("INBOX");
    toy.calls.length = 0;
    const seqs: [string, number][] = [];
    toy.before = async (what) => void seqs.push([what, await w.store.lastSeq()]);
    const told = await w.sync();
    expect(told.every((line) => line.startsWith("Delete"))).toBe(true);
    expect(told).toHaveLength(35);
    const [first, second] = toy.looks("INBOX").filter((call) => call.includes("list"));
    expect([first, second]).toEqual(["changes INBOX list full", "changes INBOX list full fresh"]);
  });

  it("says nothing where the new connection shows all again", async () => {
    const { toy, w, show } = await full();
    show(0);
    toy.lose("INBOX");
    toy.before = (what) => {
      if (what === "open INBOX" && toy.looks("INBOX").some((call) => call.endsWith("fresh"))) show(40);
    };
    expect(await w.sync()).toEqual([]);
    expect((await w.hub.status()).systems[0]).toMatchObject({ items: 40, missing: 0 });
  });

  it("stays held, and shown, while the count disagrees", async () => {
    const { toy, w, show } = await full();
    show(5);
    toy.at("INBOX").count = 40;
    toy.lose("INBOX");
    const [line] = await w.hub.sync();
    expect(line?.held).toEqual(["mail/INBOX"]);
    expect(await w.told()).toEqual([]);
    expect((await w.hub.status()).systems[0]?.collections[0]).toMatchObject({ place: "mail/INBOX", held: true });
    show(40);
    expect(await w.sync()).toEqual([]);
    expect((await w.hub.status()).systems[0]?.collections[0]).toMatchObject({ held: false });
  });

  it("stays held over a restart, and the next look is a fresh listing", async () => {
    const { toy, w, show } = await full();
    show(5);
    toy.lose("INBOX");
    let listings = 0;
    toy.before = (what) => {
      if (what === "open INBOX" && (listings += 1) > 2) throw new GroupstreamError("unreachable", "the line is cut");
    };
    await w.hub.sync();
    expect(await w.told()).toEqual([]);
    toy.before = () => undefined;
    toy.calls.length = 0;
    const again = await w.reopen();
    expect(await again.sync()).toHaveLength(35);
    expect(toy.looks("INBOX")[0]).toBe("changes INBOX list full fresh");
  });

  it("is asked again by a listing, also where the look that held it did not get to its end", async () => {
    const { toy, w, show } = await full();
    show(5);
    toy.lose("INBOX");
    toy.before = (what) => {
      if (what === "close INBOX") throw new GroupstreamError("unreachable", "the line is cut");
    };
    await w.hub.sync();
    toy.before = () => undefined;
    toy.calls.length = 0;
    show(40);
    expect(await w.sync()).toEqual([]);
    expect(toy.looks("INBOX")[0]).toBe("changes INBOX list full fresh");
    expect((await w.hub.status()).systems[0]?.collections[0]).toMatchObject({ held: false });
  });

  it("is judged by objects: what stands elsewhere too is not lost", async () => {
    const toy = new Toy();
    for (let i = 0; i < 40; i += 1) {
      toy.mail("INBOX", `m${i}`);
      toy.mail("Archive", `m${i}`);
    }
    const w = await world([toy]);
    await w.sync();
    toy.at("INBOX").items.clear();
    toy.lose("INBOX");
    toy.calls.length = 0;
    expect(await w.sync()).toHaveLength(40);
    expect(toy.calls.some((call) => call.endsWith("fresh"))).toBe(false);
  });

  it("is judged by the manifest's share", async () => {
    const toy = new Toy();
    toy.manifest = { ...toy.manifest, plausible: 0.1 };
    const { w, show } = await full(200, toy);
    show(170);
    toy.lose("INBOX");
    toy.calls.length = 0;
    expect(await w.sync()).toHaveLength(30);
    expect(toy.looks("INBOX").some((call) => call.endsWith("fresh"))).toBe(true);
  });
});

describe("a discovery that has lost most", () => {
  it("is held, asked again with fresh, and believed the second time", async () => {
    const { toy, w } = await full();
    toy.hidden.add("INBOX");
    toy.calls.length = 0;
    const [line] = await w.hub.sync();
    expect(toy.calls.filter((call) => call.startsWith("collections")).slice(0, 2)).toEqual(["collections", "collections fresh"]);
    expect(line?.told).toBe(40);
    expect(await w.told()).toHaveLength(40);
  });

  it("tells nothing where the second one shows them again", async () => {
    const { toy, w } = await full();
    toy.hidden.add("INBOX");
    toy.before = (what) => {
      if (what === "collections" && toy.calls.includes("collections fresh")) toy.hidden.clear();
    };
    expect(await w.sync()).toEqual([]);
    expect((await w.hub.status()).systems[0]).toMatchObject({ items: 40, missing: 0 });
  });
});
