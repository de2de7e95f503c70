/**
 * Requests: what a person asks of the hub that holds a store. One mechanism for all of them: the hub that holds the lock does it;
 * any other hands it over through the store and waits for the answer, or does it where nobody holds the lock.
 */

import { faultOf, GroupstreamError, isGroupstreamError } from "../contract/errors.ts";
import type { ActivityId, DeliveryId, ItemKey, ObjectId, Place } from "../contract/words.ts";
import type { AdminStore, Store } from "../store/contract.ts";

/**
 * What a person asks of the hub that runs on a store, from another process. It names things and holds no content.
 *
 * retry    a delivery is due now
 * reread   an item in quarantine is read again
 * release  an item is taken out of quarantine unread
 * erase    the content of one activity, or of every activity of an object
 * prune    entries older than `before` (ms) go, past the readers that are named
 */
export type HubRequest =
  | { readonly what: "retry"; readonly delivery: DeliveryId }
  | { readonly what: "reread" | "release"; readonly place: Place; readonly key: ItemKey }
  | { readonly what: "erase"; readonly activity: ActivityId }
  | { readonly what: "erase"; readonly object: ObjectId }
  | { readonly what: "prune"; readonly before: number; readonly past: readonly string[] };

/** How often an answer is looked for, ms. */
const lookEvery = 100;
/** How long the hub that runs may take before it is said not to answer, ms: a large prune takes its time. */
const patience = 120_000;

/** Does a request; resolves with what came of it, plain JSON. */
export type PerformRequest = (request: HubRequest) => Promise<unknown>;

/** What context needs of its hub. */
export interface RequestContext {
  readonly store: Store;
  readonly now: () => number;
  /** Takes the lock. Fails: `store` if another hub has it. */
  readonly own: () => Promise<void>;
  readonly perform: PerformRequest;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

type RequestAnswer = { readonly done: unknown } | { readonly failed: { readonly code: string; readonly message: string } };

/**
 * Does a request, here or in the hub that runs. Resolves with what came of it, within a second where nothing holds that up.
 * Fails: as the request; `store` if the hub that holds the store does not answer.
 */
export const request = async (context: RequestContext, request: HubRequest): Promise<unknown> => {
  const { store, now, sleep, signal } = context;
  const refused = await context.own().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (refused === undefined) return context.perform(request);
  if (!isGroupstreamError(refused) || refused.code !== "store") throw refused;
  const n = await store.ask(request, now());
  try {
    for (let waited = 0; waited < patience; waited += lookEvery) {
      await sleep(lookEvery, signal);
      const text = await store.answerTo(n);
      if (text !== undefined) return outcomeOf(JSON.parse(text) as RequestAnswer);
      // It may have ended meanwhile.
      if (waited % 1_000 === 0 && (await took(context))) return await context.perform(request);
    }
    throw new GroupstreamError("store", `${refused.message}; it did not take this request, and nothing was done`, {
      cause: refused,
    });
  } finally {
    await store.withdraw(n);
  }
};

const took = ({ own }: RequestContext): Promise<boolean> =>
  own().then(
    () => true,
    () => false,
  );

const outcomeOf = (answer: RequestAnswer): unknown => {
  if ("done" in answer) return answer.done;
  throw new GroupstreamError(answer.failed.code as GroupstreamError["code"], answer.failed.message);
};

/** Takes requests of other processes as they come, one after the other, until aborted. Rejects for `store`. */
export const answerRequests = async (store: AdminStore, perform: PerformRequest, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    for (const { n, request } of await store.asked(signal)) {
      const answer: RequestAnswer = await perform(request as HubRequest).then(
        (done) => ({ done: done ?? null }),
        (error: unknown) => ({
          // A store that fails for good will not take the answer either, and that stops the hub.
          failed: isGroupstreamError(error)
            ? { code: error.code, message: error.message }
            : { code: "store", message: `the hub that runs could not do it: ${faultOf(error)}` },
        }),
      );
      await store.answer(n, JSON.stringify(answer));
    }
  }
};
