/** `groupstream run`: watches, tells and delivers until Ctrl-C. */

import type { Hub } from "../../hub/hub.ts";
import type { SystemLine } from "../../sync/round.ts";
import { type Command, loaded, opened } from "../call.ts";
import { exit, troubleIn } from "../failure.ts";
import type { Output } from "../output.ts";

export const run: Command = async (call) => {
  const { out, words, signal } = call;
  const { options } = await loaded(call);
  // A bar while everything is read for the first time; later looks are short and would only flicker.
  const read = new Set<string>();
  const progress: Output["progress"] = (step) => void (read.size < options.systems.length && out.progress(step));
  await using hub = await opened(options, { ...out, progress });
  const { seq } = await hub.status();
  out.say(words.watching(options.systems.map(({ id }) => id).join(", ")));
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  const telling = follow(hub, seq, both, out);
  let needed = false;
  const said = new Map<string, string>();
  try {
    await hub.run({
      signal,
      onLine: (line) => {
        out.settle();
        read.add(line.system);
        if (line.told > 0 || line.failures.length > 0) out.record("system", line);
        // The same trouble every minute is said once.
        const trouble = JSON.stringify([line.failures, line.held]);
        if (said.get(line.system) !== trouble) needed = troubleIn(line, out, words) || (needed && !well(line));
        said.set(line.system, trouble);
      },
    });
  } finally {
    ended.abort();
    await telling;
  }
  out.say(words.stopping);
  return needed ? exit.person : exit.well;
};

const well = ({ failures, held }: SystemLine): boolean => failures.length === 0 && held.length === 0;

/** Prints entries as they come, until aborted. */
export const follow = async (hub: Hub, after: number, signal: AbortSignal, out: Output): Promise<void> => {
  try {
    for await (const entry of hub.activities({ after, follow: true, signal })) {
      out.settle();
      out.entry(entry);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
};
