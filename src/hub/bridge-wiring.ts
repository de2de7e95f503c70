/** Carrying: what routing and delivering need of the hub, put together. */

import { type Naming, objectIri } from "../activity/compose.ts";
import type { Breaker } from "../bridge/breaker.ts";
import type { ParsedRoute } from "../bridge/routes.ts";
import type { Routing } from "../bridge/routing.ts";
import type { Delivering } from "../bridge/worker.ts";
import type { Adapter, Manifest, Read } from "../contract/adapter.ts";
import type { ActorId, Place, SystemId } from "../contract/words.ts";
import { systemOf } from "../contract/words.ts";
import type { Reports } from "../observe/reports.ts";
import { splitReply } from "../protocol/mail/reply/index.ts";
import type { Store } from "../store/contract.ts";
import type { Surroundings } from "../sync/context.ts";
import { foldedOf } from "../sync/page/snapshot.ts";
import { type Answered, book, bookable } from "../sync/receipt.ts";
import { reread } from "../sync/reread.ts";
import { together } from "./batch.ts";
import { partOf } from "./content.ts";

/** What carrying needs of its hub. */
export interface Carried {
  readonly store: Store;
  readonly systems: ReadonlyMap<SystemId, Adapter>;
  readonly routes: readonly ParsedRoute[];
  readonly describe: (id: SystemId, signal: AbortSignal) => Promise<Manifest>;
  readonly around: (id: SystemId, signal: AbortSignal) => Promise<Surroundings>;
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
  readonly answered: Answered;
  readonly signal: AbortSignal;
}

/** What routes and the worker are run with. */
export const carryingOf = ({
  store,
  systems,
  routes,
  describe,
  around,
  person,
  text,
  naming,
  breakers,
  reports,
  now,
  random,
}: Carried): { readonly routing: Routing; readonly delivering: Delivering } => {
  const desks = new Map<SystemId, (one: Booking) => Promise<void>>();
  /** Where answers of a system are booked, those of a busy room together. */
  const deskOf = (id: SystemId): ((one: Booking) => Promise<void>) => {
    const desk =
      desks.get(id) ??
      together<Booking>(
        async (some) => {
          const [{ signal }] = some as readonly [Booking];
          const answers = some.map(({ answered }) => answered);
          await book(await around(id, signal), answers, signal);
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
      reread: async (item, signal) => reread(await around(systemOf(item.place), signal), item, signal),
      keep: together((deliveries) => store.transaction((tx) => tx.write({ deliveries }))),
      book: ({ id }, answered, signal) => deskOf(id)({ answered, signal }),
    },
  };
};
