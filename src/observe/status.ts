/** How a hub fares: what runs, not what is configured. */

import type { DeliveryState, Failing, Store } from "../store/contract.ts";
import type { Place, ReaderName, SystemId } from "../words.ts";

/** One collection. Times are RFC 3339. */
export interface CollectionStatus {
  readonly place: Place;
  readonly name: string;
  /** When its last look ended well; absent: never. */
  readonly lastLook?: string;
  /** Its first listing has not ended yet. */
  readonly listing: boolean;
  /** Its last listing was implausible: it is asked again. */
  readonly held: boolean;
  readonly failing?: Failing;
}

/** One system. */
export interface SystemStatus {
  readonly id: SystemId;
  readonly kind: string;
  readonly items: number;
  /** Activities told. */
  readonly told: number;
  /** Marks that are not settled. */
  readonly missing: number;
  readonly quarantined: number;
  readonly lastDiscovery?: string;
  readonly failing?: Failing;
  readonly collections: readonly CollectionStatus[];
}

/** Everything a person asks first. */
export interface Status {
  /** The last entry's number. */
  readonly seq: number;
  readonly systems: readonly SystemStatus[];
  readonly readers: readonly { readonly name: ReaderName; readonly seq: number; readonly behind: number }[];
  readonly deliveries: Readonly<Partial<Record<DeliveryState, number>>>;
}

const time = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());

/** Reads the status of a store; works beside a running hub. */
export const statusOf = async (store: Store): Promise<Status> => {
  const seq = await store.lastSeq();
  const systems: SystemStatus[] = [];
  for (const system of await store.systems()) {
    const collections = (await store.collections(system.id)).filter(({ shown }) => shown);
    const last = time(system.finishedAt);
    systems.push({
      id: system.id,
      kind: system.kind,
      ...(await store.counts(system.id)),
      ...(last !== undefined && { lastDiscovery: last }),
      ...(system.failing && { failing: system.failing }),
      collections: collections.map(({ place, name, finishedAt, listing, held, failing }) => {
        const look = time(finishedAt);
        return {
          place,
          name,
          ...(look !== undefined && { lastLook: look }),
          listing: listing !== undefined,
          held: held > 0,
          ...(failing && { failing }),
        };
      }),
    });
  }
  const readers = (await store.readers()).map((reader) => ({ ...reader, behind: seq - reader.seq }));
  return { seq, systems, readers, deliveries: await store.deliveryCounts() };
};
