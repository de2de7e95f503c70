/** The part of the store's contract for looking after a store: what a person sees of it and has done to it. */

import type { Json } from "../contract/adapter.ts";
import type { Place, SystemId } from "../contract/words.ts";
import type { QuarantineRecord, RequestRecord } from "./records.ts";

/** Looking after a store: what a person sees of it and has done to it. */
export interface AdminStore {
  /** Items that stand, open marks, quarantined keys and the log's entries of a system; these also by the first of their places. */
  counts(system: SystemId): Promise<{
    readonly items: number;
    readonly missing: number;
    readonly quarantined: number;
    readonly told: number;
    readonly toldAt: readonly { readonly place: Place; readonly told: number }[];
  }>;
  /** What could not be read, by place and key. */
  quarantine(system?: SystemId): Promise<readonly QuarantineRecord[]>;
  /**
   * Puts another document in the place of each of these entries; the rest of them stays. When it resolves, no file of the
   * store holds the old ones any more: not in free pages, not in what was to be written. Fails: `store`.
   */
  erase(entries: readonly { readonly seq: number; readonly activity: string }[]): Promise<void>;
  /**
   * Removes the entries up to `upTo`, but never the newest, and their deliveries, as thoroughly as `erase` does. Numbers are
   * never given again. Resolves with how many entries went.
   */
  prune(upTo: number): Promise<number>;
  /**
   * Writes a whole, usable copy to a path that must not exist yet, readable for its owner alone; works beside a running hub,
   * which goes on meanwhile. Fails: `store`; nothing is left of a copy that failed.
   */
  backup(path: string): Promise<void>;
  /** Asks the hub that runs on this store, `at` ms; resolves with the request's number. */
  ask(request: Json, at: number): Promise<number>;
  /** Requests without an answer, oldest first, as soon as there is one, also of another process; rejects with the signal's reason. */
  asked(signal: AbortSignal): Promise<readonly RequestRecord[]>;
  /** Books the answer to a request; nothing if it was withdrawn. */
  answer(n: number, answer: string): Promise<void>;
  /** The answer to a request; undefined while there is none. */
  answerTo(n: number): Promise<string | undefined>;
  /** Takes a request and its answer away. */
  withdraw(n: number): Promise<void>;
  /** Removes all that is known of a system; its log entries stay. */
  forget(system: SystemId): Promise<void>;
  /** A value of the store's own settings (`base`), set once. */
  setting(name: string, value?: string): Promise<string | undefined>;
  /**
   * The right to sync and deliver on this store, until disposed or the process dies.
   * Fails: `store` naming the holder, if another has it.
   */
  lock(holder: string): Promise<AsyncDisposable>;
}
