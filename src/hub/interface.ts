/** What a hub offers: its public face. */

import type { Admin } from "../admin/index.ts";
import type { Explained } from "../bridge/explain.ts";
import type { Submission } from "../bridge/request.ts";
import type { Submitted } from "../bridge/submit.ts";
import type { Adapter, Manifest } from "../contract/adapter.ts";
import type { ReaderName, SystemId } from "../contract/words.ts";
import type { SystemLine } from "../sync/round.ts";
import type { Entry } from "./log.ts";

/** One running groupstream. Methods may be called at the same time; writing ones are done one after the other. */
export interface Hub extends Admin, AsyncDisposable {
  /**
   * One round: a discovery and the looks that are due, more where marks ask for them, then what is due for delivery.
   * Resolves with a line per system, also for those that failed; rejects only for `misconfigured`, `store` and abort.
   */
  sync(options?: { readonly signal?: AbortSignal; readonly systems?: readonly SystemId[] }): Promise<readonly SystemLine[]>;
  /** Watches, syncs and delivers until aborted; resolves then. Rejects for `misconfigured` and `store`. */
  run(options: { readonly signal: AbortSignal; readonly onLine?: (line: SystemLine) => void }): Promise<void>;
  /** Entries with `seq` above `after` (default 0), in order, without gaps; with `follow` for ever, until aborted. */
  activities(options?: {
    readonly after?: number;
    readonly follow?: boolean;
    readonly signal?: AbortSignal;
  }): AsyncIterable<Entry>;
  /** The log from where this reader left off. At least once: its place moves when the loop asks for the next entry. */
  reader(name: ReaderName, options?: { readonly follow?: boolean; readonly signal?: AbortSignal }): AsyncIterable<Entry>;
  /** What a live system can give and take. */
  describe(system: SystemId, options?: { readonly signal?: AbortSignal }): Promise<Manifest>;
  /** What each route carries in full, what it degrades and how, and what cannot cross: as the live systems say. */
  explain(options?: { readonly signal?: AbortSignal }): Promise<readonly Explained[]>;
  /** Hands a call from outside to a system's adapter. What it keeps is committed before this resolves. */
  receive(system: SystemId, request: Request): Promise<Response>;
  /**
   * The bytes behind a `groupstream:content/…` URL, or the raw form of what is in quarantine, streamed from the source.
   * Fails: `forbidden` where nothing has them any more; `misconfigured` for another URL; the system's errors.
   */
  content(url: string, options?: { readonly signal?: AbortSignal }): Promise<ReadableStream<Uint8Array>>;
  /**
   * Does what an application asks, at once: answer, pass on, file, flag, react, accept. Resolves with what was done where, or why
   * not; `preview` shows the native command and what would be lost, without doing it. A person's act is done only where the
   * collection is that person's own. Fails: `misconfigured` for an object, system or collection nobody knows.
   */
  submit(request: Submission, options?: { readonly preview?: boolean; readonly signal?: AbortSignal }): Promise<Submitted>;
  /** Adds a system, also while running. Fails: `misconfigured`. */
  add(system: Adapter): Promise<void>;
  /** Takes a system out, also while running. With `forget` all that is stored of it is removed; its log entries stay. */
  remove(system: SystemId, options?: { readonly forget?: boolean }): Promise<void>;
  /** Ends what runs, closes systems and the store. Safe to call twice. */
  close(): Promise<void>;
}
