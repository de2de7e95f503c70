/** Trouble: aborts at any moment, cut lines, slow sources, doorbells. */

import { strict as assert } from "node:assert";
import type { Adapter, Collection } from "../../contract/adapter.ts";
import { errorTable, isGroupstreamError } from "../../contract/errors.ts";
import { all, Mirror, never, plainly, shown } from "../mirror.ts";
import { comes, goes } from "./changing.ts";
import { goesOn, listsAll } from "./listing.ts";
import { type AdapterCheck, able, needs, type Stage } from "./stage.ts";

export const aborts = "ends with the signal's reason when it is aborted, at any moment";
export const cuts = "takes a cut line for an error, never for the end";
export const waits = "waits for a source that is slow";
export const rings = "rings for what it shows, and ends when aborted";
export const disposes = "may be disposed twice, and before it was used";

const ignored = Symbol("ignored");

/** Longest that an aborted call may take to end, ms. */
const endsWithin = 5_000;

/** What the work ended with, if it ended soon. */
const endOf = async (work: Promise<unknown>): Promise<unknown> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(ignored), endsWithin);
  });
  try {
    return await Promise.race([work.then(() => undefined), late]);
  } catch (error) {
    return error;
  } finally {
    clearTimeout(timer);
  }
};

type Call = (adapter: Adapter, collection: Collection, signal: AbortSignal) => Promise<unknown>;

const calls = (adapter: Adapter, keys: readonly string[]): Readonly<Record<string, Call>> => ({
  describe: (one, _, signal) => one.describe(signal),
  collections: (one, _, signal) => all(one.collections(signal)),
  ...(adapter.changes && { changes: (one, collection, signal) => all(one.changes!(collection, undefined, plainly, signal)) }),
  ...(adapter.fetch && { fetch: (one, collection, signal) => all(one.fetch!(collection, keys, plainly, signal)) }),
  ...(adapter.watch && { watch: (one, collection, signal) => all(one.watch!([collection], signal)) }),
});

export const troublingChecks: readonly AdapterCheck[] = [
  {
    name: aborts,
    after: [listsAll],
    run: async (stage) => {
      const names = await stage.fill(stage.here, 30);
      const adapter = stage.open();
      const collection = await shown(adapter, stage.here);
      const keys = adapter.changes ? [...(await stage.listed(adapter)).kept.items.keys()] : [];
      for (const [name, call] of Object.entries(calls(adapter, keys))) {
        for (const delay of [-1, 0, 1, 3, 10, 40]) {
          const abort = new AbortController();
          const reason = new Error(`enough of ${name}`);
          if (delay < 0) abort.abort(reason);
          else setTimeout(() => abort.abort(reason), delay);
          const end = await endOf(call(adapter, collection, abort.signal));
          assert.notEqual(end, ignored, `${name} goes on ${endsWithin} ms after it was aborted`);
          // It may have been done before.
          if (end === undefined && delay >= 0 && name !== "watch") continue;
          assert.equal(
            end,
            reason,
            `${name}, aborted ${delay < 0 ? "before it began" : `after ${delay} ms`}, does not end with the signal's reason`,
          );
        }
      }
      if (adapter.changes) stage.shows(await stage.listed(adapter), names, "after looks that were aborted");
    },
  },
  {
    name: cuts,
    after: [listsAll, goesOn],
    skip: needs("many", "cut"),
    run: async (stage) => {
      const names = await stage.fill(stage.here, stage.many);
      const mirror = new Mirror(stage.here);
      try {
        await mirror.look(stage.open(), { between: async (_, index) => void (index === 0 && (await able(stage.world.cut)())) });
      } catch (error) {
        assert(isGroupstreamError(error), `a cut line ends with ${String(error)}, which is no error of the table`);
        assert.equal(errorTable[error.code].damage, "system", `a cut line is ${error.code}`);
        await mirror.look(stage.open());
      }
      stage.shows(mirror, names, "after a listing whose line was cut");
    },
  },
  {
    name: waits,
    after: [listsAll],
    skip: needs("slow"),
    run: async (stage) => {
      const names = await stage.fill(stage.here, 5);
      await able(stage.world.slow)(300);
      const mirror = new Mirror(stage.here);
      await mirror.look(stage.open());
      await able(stage.world.slow)(0);
      stage.shows(mirror, names, "from a slow source");
    },
  },
  {
    name: rings,
    after: [comes, goes, aborts],
    skip: (stage) => (stage.open().watch ? undefined : "the adapter has no watch"),
    run: async (stage) => {
      const adapter = stage.open();
      const collections = await all(adapter.collections(never));
      const ids = collections.map(({ id }) => id);
      const abort = new AbortController();
      const rang: string[] = [];
      const watching = (async () => {
        for await (const id of adapter.watch!(collections, abort.signal)) rang.push(id);
      })();
      await ringsSoon(stage, rang);
      abort.abort(new Error("enough"));
      await endOf(watching);
      for (const id of rang) assert(ids.includes(id), `it rings for ${id}, which it does not show`);
      assert(rang.includes(stage.here), `something came into ${stage.here}, and it did not ring within ten seconds`);
    },
  },
  {
    name: disposes,
    run: async (stage) => {
      const unused = stage.open();
      await unused[Symbol.asyncDispose]();
      await unused[Symbol.asyncDispose]();
      const used = stage.open();
      await all(used.collections(never));
      await used[Symbol.asyncDispose]();
      await used[Symbol.asyncDispose]();
    },
  },
];

/** Lets things come until it rings: the first may be missed, while the line is drawn. */
const ringsSoon = async (stage: Stage, rang: readonly string[]): Promise<void> => {
  for (let attempt = 0; attempt < 20 && rang.length === 0; attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    await stage.world.create(stage.here, stage.content());
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
};
