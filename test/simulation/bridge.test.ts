import type { Adapter, Page, Whole } from "groupstream";
import { expect, test } from "vitest";
import { type BridgeWorld, runBridge } from "./bridge.ts";

/** So many random histories of each world; `run-bridge.ts` runs thousands. */
const seeds = 120;

test.each(["mail and room", "room and room"] as const)(
  "what stands at each end is what the other says, once, in its thread: %s",
  { timeout: 120_000 },
  async (world) => {
    const broken: string[] = [];
    let [deaths, performed] = [0, 0];
    for (let seed = 1; seed <= seeds; seed += 1) {
      const history = await runBridge(world, seed);
      deaths += history.deaths;
      performed += history.performed;
      const [first] = history.broken;
      if (first)
        broken.push(
          `node --conditions=groupstream:source test/simulation/run-bridge.ts "${world}" ${seed}\n    ${first.law} ${first.what}`,
        );
    }
    expect(broken.join("\n")).toBe("");
    // A world in which nothing dies and nothing is made proves nothing.
    expect(deaths).toBeGreaterThan(seeds / 2);
    expect(performed).toBeGreaterThan(2 * seeds);
  },
);

const faults: Readonly<Record<string, { readonly world: BridgeWorld; readonly plant: (adapter: Adapter) => Adapter }>> = {
  "a target that says it is done, and does nothing": {
    world: "mail and room",
    plant: (adapter) => ({
      ...adapter,
      performs: { ...adapter.performs, Create: async () => ({ outcome: "done", digest: "d" }) },
    }),
  },
  "a room that does not say which posts are ours": {
    world: "room and room",
    plant: (adapter) => ({
      ...adapter,
      changes: async function* (...asked) {
        for await (const page of adapter.changes?.(...asked) ?? []) yield anonymous(page);
      },
      performs: Object.fromEntries(
        Object.entries(adapter.performs ?? {}).map(([verb, perform]) => [
          verb,
          async (...asked: Parameters<typeof perform>) => {
            const receipt = await perform(...asked);
            if (receipt.outcome !== "done" || !receipt.stands) return receipt;
            const { stands: _stands, ...rest } = receipt;
            return rest;
          },
        ]),
      ),
      find: async () => "unknown",
    }),
  },
  "a room that posts what it only was to preview": {
    world: "mail and room",
    plant: (adapter) => ({
      ...adapter,
      performs: Object.fromEntries(
        Object.entries(adapter.performs ?? {}).map(([verb, perform]) => [
          verb,
          (command, signal) => {
            const { preview: _preview, ...really } = command;
            return perform(really, signal);
          },
        ]),
      ),
    }),
  },
};

const anonymous = (page: Page): Page => ({
  ...page,
  sightings: page.sightings.map((sighting) => {
    const { mine: _mine, ...rest } = sighting as Whole;
    return rest;
  }),
});

test.each(Object.keys(faults))("planted: %s", { timeout: 120_000 }, async (name) => {
  const { world, plant } = faults[name] as (typeof faults)[string];
  let found = 0;
  for (let seed = 1; seed <= 40 && found === 0; seed += 1) found += (await runBridge(world, seed, plant)).broken.length;
  expect(found).toBeGreaterThan(0);
});
