/** Records → what adapters and newcomers see of them. Pure. */

import type { Adapter, Collection } from "../contract/adapter.ts";
import type { CollectionRecord, SystemRecord } from "./records.ts";

/** The collection as its adapter knows it, without the revision. */
export const collectionFrom = (record: CollectionRecord): Collection => ({
  id: record.id,
  name: record.name,
  audience: record.audience,
  ...(record.role !== undefined && { role: record.role as NonNullable<Collection["role"]> }),
  ...(record.owner !== undefined && { owner: record.owner }),
  ...(record.address !== undefined && { address: record.address }),
});

/** A system that was never discovered. */
export const newSystem = ({ id, kind }: Pick<Adapter, "id" | "kind">): SystemRecord => ({
  id,
  kind,
  discovered: false,
  held: 0,
  mapping: 0,
});
