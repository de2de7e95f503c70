/** How a hub fares: what runs, not what is configured. */

import { type ErrorCode, errorTable } from "../contract/errors.ts";
import type { Place, ReaderName, SystemId } from "../contract/words.ts";
import type { CollectionRecord, DeliveryState, Failing, Heartbeat, Store, SystemRecord } from "../store/contract.ts";

/** A failure that lasts. Times are RFC 3339. */
export interface Trouble {
  readonly code: ErrorCode;
  /** What failed and on what. */
  readonly message: string;
  /** What a person can do. */
  readonly remedy: string;
  readonly since: string;
  readonly attempts: number;
  /** Not tried before; absent where it is not tried again without a person. */
  readonly nextTry?: string;
}

/** One collection. Times are RFC 3339. */
export interface CollectionStatus {
  readonly place: Place;
  readonly name: string;
  /** When its last look ended well; absent: never. */
  readonly lastLook?: string;
  /** Seconds since then. */
  readonly lag?: number;
  /**
   * A hub claims to run, and for three of its intervals no look at this collection has ended well and no page of its system was
   * committed. A hub that was killed still claims to run, one that was ended does not.
   */
  readonly silent: boolean;
  /** Activities seen here first that the log holds. */
  readonly told: number;
  readonly quarantined: number;
  /** Its first listing has not ended yet. */
  readonly listing: boolean;
  /** Its last listing was implausible: it is asked again. */
  readonly held: boolean;
  readonly failing?: Trouble;
}

/** One system. */
export interface SystemStatus {
  readonly id: SystemId;
  readonly kind: string;
  readonly items: number;
  /** Activities of it that the log holds. */
  readonly told: number;
  /** Marks that are not settled. */
  readonly missing: number;
  readonly quarantined: number;
  readonly lastDiscovery?: string;
  /** As a collection's: no discovery has ended well for three intervals. */
  readonly silent: boolean;
  /** A hub claims to look again and again, this many seconds apart. */
  readonly interval?: number;
  readonly failing?: Trouble;
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

/** Rounds that may be missed before somebody should look. */
const intervals = 3;

/** Whether nothing has been heard of something for three intervals of a hub that claims to run. Pure. */
export const isSilent = (runs: Heartbeat | undefined, last: number | undefined, now: number): boolean =>
  runs !== undefined && now - Math.max(last ?? 0, runs.since, runs.page ?? 0) > intervals * runs.poll;

const time = (ms: number): string => new Date(ms).toISOString();

const troubleOf = ({ code, message, since, attempts, next }: Failing): Trouble => {
  const { remedy, human, damage } = errorTable[code];
  return {
    code,
    message,
    remedy,
    since: time(since),
    attempts,
    ...(!(human && damage === "system") && { nextTry: time(next) }),
  };
};

const collectionStatus = (
  { place, name, finishedAt, first, listing, held, failing }: CollectionRecord,
  { runs }: SystemRecord,
  counted: { readonly told: number; readonly quarantined: number },
  now: number,
): CollectionStatus => ({
  place,
  name,
  ...(finishedAt !== undefined && { lastLook: time(finishedAt), lag: Math.max(0, Math.round((now - finishedAt) / 1000)) }),
  // One that was never looked at and needs no first look belongs to a system that only takes.
  silent: (finishedAt !== undefined || first !== "done") && isSilent(runs, finishedAt, now),
  ...counted,
  listing: listing !== undefined,
  held: held > 0,
  ...(failing && { failing: troubleOf(failing) }),
});

/** Reads the status of a store; works beside a running hub. @param now  ms */
export const statusOf = async (store: Store, now: number): Promise<Status> => {
  const seq = await store.lastSeq();
  const systems: SystemStatus[] = [];
  for (const system of await store.systems()) {
    const { id, kind, finishedAt, runs, failing } = system;
    const { toldAt, ...counts } = await store.counts(id);
    const told = new Map(toldAt.map((at) => [at.place, at.told]));
    const quarantine = await store.quarantine(id);
    const collections = (await store.collections(id)).filter(({ shown }) => shown);
    systems.push({
      id,
      kind,
      ...counts,
      ...(finishedAt !== undefined && { lastDiscovery: time(finishedAt) }),
      silent: isSilent(runs, finishedAt, now),
      ...(runs && { interval: runs.poll / 1000 }),
      ...(failing && { failing: troubleOf(failing) }),
      collections: collections.map((record) => {
        const quarantined = quarantine.filter(({ place }) => place === record.place).length;
        return collectionStatus(record, system, { told: told.get(record.place) ?? 0, quarantined }, now);
      }),
    });
  }
  const readers = (await store.readers()).map((reader) => ({ ...reader, behind: seq - reader.seq }));
  return { seq, systems, readers, deliveries: await store.deliveryCounts() };
};

/** What asks for a person: a collection or system that is silent, a failure no time mends, a collection that is held. Pure. */
export const needsPerson = ({ systems }: Status): boolean =>
  systems.some(
    ({ silent, failing, collections }) =>
      silent ||
      (failing && errorTable[failing.code].human) ||
      collections.some((one) => one.silent || one.held || (one.failing && errorTable[one.failing.code].human)),
  );
