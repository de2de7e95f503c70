/** Objects that hold anything at all: each is read in a process of its own, and the next one is always told. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { DavKind } from "../../src/protocol/dav/names.ts";
import { scriptedDav } from "../adapters/dav/scripted.ts";
import { close } from "../protocol/dav/places.ts";
import { startReader, type Told } from "./process.ts";

/** An object, and whether it is told or held in quarantine. */
export type Objects = Readonly<Record<string, readonly [data: () => string, "told" | "held"]>>;

/** Of a kind: how its keys end, an object that is well, and what is told of one that is there. */
export interface ObjectKind {
  readonly kind: DavKind;
  readonly adapter: "caldav" | "carddav";
  readonly ending: string;
  readonly well: (uid: string, name: string) => string;
  readonly tells?: (told: Told) => boolean;
}

/** A test for each: at most 150 MB above what the process held idle, and 5 s. */
export const readsEach = (objects: Objects, { kind, adapter, ending, well, tells = () => true }: ObjectKind): void => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "groupstream-badinput-"));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));
  afterEach(close);

  it.each(Object.entries(objects))("%s", { timeout: 30_000 }, async (name, [data, becomes]) => {
    const server = await scriptedDav(kind);
    const store = join(dir, `${name.replaceAll(/\W/g, "-")}.db`);
    const reader = await startReader({ store, body: "full", source: { kind: adapter, url: server.url } });
    try {
      expect(reader.idle).toMatchObject({ told: [], failures: [], quarantined: 0 });
      server.items.set(`bad${ending}`, { etag: "1", data: data() });
      server.items.set(`next${ending}`, { etag: "1", data: well("next", "next") });
      server.touch();
      const round = await reader.round();
      if (process.env.LARGE_FIGURES)
        console.log(`${name}: ${((round.peak - reader.idle.rss) / 1e6).toFixed(0)} MB, ${round.ms} ms`);
      expect(round.failures).toEqual([]);
      expect(round.told.filter(tells).map((one) => one.name)).toEqual(becomes === "told" ? ["bad", "next"] : ["next"]);
      expect(round.quarantined).toBe(becomes === "told" ? 0 : 1);
      expect(round.peak - reader.idle.rss).toBeLessThan(150e6);
      expect(round.ms).toBeLessThan(5_000);
      expect((await reader.round()).told).toEqual([]);
    } finally {
      await reader.end();
    }
  });
};
