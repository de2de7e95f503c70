/** Wires the bridge to the hub: what routing and delivering need of it, reading included. */

import { type Naming, objectIri } from "../activity/compose.ts";
import type { Breaker } from "../bridge/breaker.ts";
import type { ParsedRoute } from "../bridge/routes.ts";
import type { RoutingContext } from "../bridge/routing.ts";
import type { WorkerContext } from "../bridge/worker.ts";
import type { Adapter, Manifest, Read } from "../contract/adapter.ts";
import type { ActorId, Place, SystemId } from "../contract/words.ts";
import { systemOf } from "../contract/words.ts";
import type { Reports } from "../observe/reports.ts";
import { splitReply } from "../protocol/mail/reply/index.ts";
import type { Store } from "../store/contract.ts";
import type { SyncContext } from "../sync/context.ts";
import { foldedOf } from "../sync/page/fold.ts";
import { type AnsweredDelivery, bookAnswers, bookable } from "../sync/receipt.ts";
import { reread } from "../sync/reread.ts";
import { batched } from "./batch.ts";
import { partOf } from "./content.ts";

/** What the wiring needs of its hub. */
export interface BridgeNeeds {
  readonly store: Store;
  readonly systems: ReadonlyMap<SystemId, Adapter>;
  readonly routes: readonly ParsedRoute[];
  readonly describe: (id: SystemId, signal: AbortSignal) => Promise<Manifest>;
  readonly contextOf: (id: SystemId, signal: AbortSignal) => Promise<SyncContext>;
  readonly person: (id: ActorId) => ActorId;
  /** How much of the text may be read: files go with all of it. */
  readonly text: Read["text"];
  readonly naming: Naming;
  readonly breakers: Map<Place, Breaker>;
  readonly reports: Reports;
  readonly now: () => number;
  readonly random: () => number;
}

/** An answer that is to be booked. */
interface Booking {
  readonly answered: AnsweredDelivery;
  readonly signal: AbortSignal;
}

/** What routes and the worker are run with. */
export const wireBridge = ({
  store,
  systems,
  routes,
  describe,
  contextOf,
  person,
  text,
  naming,
  breakers,
  reports,
  now,
  random,
}: BridgeNeeds): { readonly routing: RoutingContext; readonly delivering: WorkerContext } => {
  const desks = new Map<SystemId, (one: Booking) => Promise<void>>();
  /** Where answers of a system are booked, those of a busy room together. */
  const deskOf = (id: SystemId): ((one: Booking) => Promise<void>) => {
    const desk =
      desks.get(id) ??
      batched<Booking>(
        async (some) => {
          const [{ signal }] = some as readonly [Booking];
          const answers = some.map(({ answered }) => answered);
          await bookAnswers(await contextOf(id, signal), answers, signal);
        },
        (waiting) => bookable(waiting.map(({ answered }) => answered)),
      );
    desks.set(id, desk);
    return desk;
  };
  return {
    routing: { store, routes, now, person },
    delivering: {
      store,
      adapter: (id) => systems.get(id),
      now,
      random,
      breakers,
      failures: new Map(),
      roots: new Map(),
      reports,
      routes,
      manifest: ({ id }, signal) => describe(id, signal),
      takes: async (id, verb, signal) => (await describe(id, signal)).takes[verb],
      fold: foldedOf,
      person,
      ...(text === "full" && { open: (items, part, signal) => partOf((id) => systems.get(id), { items, part }, signal) }),
      split: splitReply,
      link: (uuid) => (naming.base ? objectIri(naming, uuid) : undefined),
      reread: async (item, signal) => reread(await contextOf(systemOf(item.place), signal), item, signal),
      keep: batched((deliveries) => store.transaction((tx) => tx.write({ deliveries }))),
      book: ({ id }, answered, signal) => deskOf(id)({ answered, signal }),
    },
  };
};
