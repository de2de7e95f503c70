/** What a person sees of a hub and has done to it, also from another process. */

import type { ParsedRoute } from "../bridge/routes.ts";
import { GroupstreamError } from "../contract/errors.ts";
import type { ActivityId, DeliveryId, ItemKey, ObjectId, Place, SystemId } from "../contract/words.ts";
import { type Delivery, type DeliveryFilter, deliveriesOf } from "../observe/deliveries.ts";
import { type Quarantined, quarantineOf } from "../observe/quarantine.ts";
import type { Reports } from "../observe/reports.ts";
import { type Status, statusOf } from "../observe/status.ts";
import { type Why, whyOf } from "../observe/why.ts";
import { erase } from "./erase.ts";
import { type Pruned, prune } from "./prune.ts";
import { type HubRequest, type PerformRequest, type RequestContext, request } from "./requests.ts";
import { release, reread, retry } from "./retry.ts";

export type { Pruned } from "./prune.ts";

/**
 * What a person sees of a hub and asks of it. All of it works beside another hub that runs on the same store: what only reads
 * reads, what changes something is handed to the hub that runs, which takes it within a second, or is done here where none does.
 */
export interface Admin {
  /** How everything fares now. */
  status(): Promise<Status>;
  /**
   * How an activity came and why it went or did not go where, by its id or its number in the log; undefined if the log does not
   * hold it. Ids, types and places, no content.
   */
  why(activity: ActivityId | number): Promise<Why | undefined>;
  /** Deliveries, lowest `seq` first. */
  deliveries(filter?: DeliveryFilter): Promise<readonly Delivery[]>;
  /** What could not be read, by place and key, with a URL of its raw form. */
  quarantine(system?: SystemId): Promise<readonly Quarantined[]>;
  /**
   * Makes a delivery that is waiting, refused or given up due now, whatever its target's circuit says; one that was refused or given
   * up gets all its attempts again. In its thread it goes before what is open there; what went after it is not sent again.
   * Fails: `misconfigured` if there is none of this id, if it is done or under way, or if it was not to be sent at all.
   */
  retry(delivery: DeliveryId): Promise<void>;
  /** Has an item in quarantine read again: at once where a hub runs, else by the next sync. Fails: `misconfigured` if none is. */
  reread(place: Place, key: ItemKey): Promise<void>;
  /** Takes an item out of quarantine unread; it comes back if the source shows it anew. Fails: `misconfigured` if none is. */
  release(place: Place, key: ItemKey): Promise<void>;
  /**
   * Erases the content of one activity, or of every activity of an object, in place: `seq`, `id` and `type` stay, its readers see a
   * Tombstone. No file of the store holds the old text when this resolves. What the source itself shows of the object is kept as
   * long as the source shows it. Resolves with how many entries were erased.
   * Fails: `misconfigured` if there is no such activity or object in the log.
   */
  erase(what: ActivityId | { readonly object: ObjectId }): Promise<number>;
  /**
   * Removes entries written before a time (ms), with their deliveries. Stops before what the slowest reader or route has not passed,
   * unless that is named in `past`, and before a delivery that is open; the newest entry stays. Numbers are never given again.
   */
  prune(what: { readonly before: number; readonly past?: readonly string[] }): Promise<Pruned>;
  /**
   * Writes a whole copy of the store to a path that does not exist yet, while everything goes on.
   * Fails: `store`; nothing is left of a copy that failed.
   */
  backup(path: string): Promise<void>;
}

/** What looking after a hub needs of it. */
export interface AdminContext extends Omit<RequestContext, "perform"> {
  readonly routes: readonly ParsedRoute[];
  /** The canonical id of the object of this UUID. */
  readonly objectIri: (uuid: string) => ObjectId;
  /** A delivery to this target is due: its circuit is closed and the worker woken. */
  readonly due: (target: Place) => void;
  /** Asks for a look. */
  readonly ring: (place: Place) => void;
  /** Told of what was done. */
  readonly reports: Pick<Reports, "request">;
}

/** Does what is asked in a hub that holds the lock. */
export const performRequests =
  (context: AdminContext): PerformRequest =>
  async (request) => {
    const outcome = await performed(context, request);
    context.reports.request(request, outcome);
    return outcome;
  };

const performed = async (context: AdminContext, request: HubRequest): Promise<unknown> => {
  switch (request.what) {
    case "retry":
      return retry(context, request.delivery);
    case "reread":
      return reread(context, request.place, request.key);
    case "release":
      return release(context, request.place, request.key);
    case "erase":
      return erase(context, request);
    case "prune":
      return prune(context, request.before, request.past);
  }
};

export const adminOf = (admin: AdminContext): Admin => {
  const { store, routes, now } = admin;
  const context = { ...admin, perform: performRequests(admin) };
  return {
    status: () => statusOf(store, now()),
    why: (activity) => whyOf(store, routes, activity),
    deliveries: (filter = {}) => deliveriesOf(store, filter),
    quarantine: (system) => quarantineOf(store, system),
    retry: async (delivery) => void (await request(context, { what: "retry", delivery })),
    reread: async (place, key) => void (await request(context, { what: "reread", place, key })),
    release: async (place, key) => void (await request(context, { what: "release", place, key })),
    erase: async (what) =>
      Number(
        await request(
          context,
          typeof what === "string" ? { what: "erase", activity: what } : { what: "erase", object: what.object },
        ),
      ),
    prune: async ({ before, past = [] }) => {
      if (!Number.isFinite(before))
        throw new GroupstreamError("misconfigured", "prune: before must be a time in milliseconds since 1970");
      return (await request(context, { what: "prune", before, past })) as Pruned;
    },
    backup: (path) => store.backup(path),
  };
};
