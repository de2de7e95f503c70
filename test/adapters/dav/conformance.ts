/** The conformance kit on every server of a kind. */

import type { Adapter } from "groupstream";
import { adapterConformance } from "groupstream/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { DavServer, ServerRow } from "./servers.ts";
import { type WorldOf, worldOn } from "./world.ts";

/**
 * Each server waits while its checks read and mint: the servers go side by side, the checks on each one after the other. On a busy
 * machine the longest check takes a minute.
 * @param make  the adapter on a server, as `bob@example.org`
 */
export const conformanceOn = async <Server extends DavServer>(
  adapter: string,
  rows: readonly ServerRow<Server>[],
  of: WorldOf,
  make: (server: Server) => Adapter,
): Promise<void> => {
  const started = await Promise.all(rows.map(async ([name, start]) => [name, await start()] as const));
  for (const [name, server] of started)
    describe.skipIf(!server)(`${adapter} on ${name} ${server?.version}`, { concurrent: true }, () => {
      let begun = 0;
      beforeAll(() => {
        begun = performance.now();
      });
      afterAll(async () => {
        console.log(`the kit on ${name} ${server?.version}: ${Math.round((performance.now() - begun) / 1_000)} s`);
        await server?.stop();
      });
      adapterConformance({
        test: (title, check) => it(title, { timeout: 120_000, concurrent: false }, check),
        title: `on ${name}`,
        world: () => worldOn(server!, of),
        make: () => make(server!),
      });
    });
};
