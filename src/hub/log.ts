/** Reading the log: entries in commit order, each once, without gaps. */

import type { Activity } from "../activity/activity.ts";
import type { LogStore } from "../store/contract.ts";

/** One entry of the log: an ActivityStreams 2.0 document and its number in commit order. */
export interface Entry {
  readonly seq: number;
  readonly activity: Activity;
}

/** Entries read from the store at once. */
const readAtOnce = 200;

/**
 * Entries with `seq` above `from`.
 * @param follow  go on for ever; ends quietly when aborted
 * @param moved   awaited when the consumer asks for the entry after this one
 */
export async function* readLog(
  store: LogStore,
  from: number,
  follow: boolean,
  signal: AbortSignal,
  moved?: (seq: number) => Promise<void>,
): AsyncIterable<Entry> {
  let at = from;
  for (;;) {
    if (follow && signal.aborted) return;
    signal.throwIfAborted();
    const entries = await store.entries(at, readAtOnce);
    for (const { seq, activity } of entries) {
      yield { seq, activity: JSON.parse(activity) as Activity };
      at = seq;
      await moved?.(seq);
    }
    if (entries.length > 0) continue;
    if (!follow) return;
    try {
      await store.changed(at, signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
  }
}
