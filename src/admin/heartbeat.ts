/** A hub's claim to run: written when it begins, taken away when it ends. What was killed leaves it, and is found silent by it. */

import type { Adapter } from "../contract/adapter.ts";
import type { SystemId } from "../contract/words.ts";
import { newSystem } from "../store/collection.ts";
import type { Store, SystemRecord } from "../store/contract.ts";

/** Says that a hub looks at this system every `poll` ms from now on. */
export const claimSystem = (store: Store, adapter: Pick<Adapter, "id" | "kind">, poll: number, since: number): Promise<void> =>
  store.transaction(async (tx) => {
    const record: SystemRecord = (await tx.system(adapter.id)) ?? newSystem(adapter);
    await tx.write({ systems: [{ ...record, runs: { poll, since } }] });
  });

/** Says that a look at this system goes on. */
export const heartbeat = (store: Store, id: SystemId, page: number): Promise<void> =>
  store.transaction(async (tx) => {
    const record = await tx.system(id);
    if (record?.runs) await tx.write({ systems: [{ ...record, runs: { ...record.runs, page } }] });
  });

/** Takes the claim away; of every system by default, for a hub that has just taken the lock. */
export const releaseClaim = async (store: Store, id?: SystemId): Promise<void> => {
  const claimed = (await store.systems()).filter((system) => system.runs && (id === undefined || system.id === id));
  if (claimed.length === 0) return;
  await store.transaction(async (tx) => {
    for (const { id: one } of claimed) {
      const { runs: _runs, ...rest } = (await tx.system(one)) ?? {};
      if ("id" in rest) await tx.write({ systems: [rest as SystemRecord] });
    }
  });
};
