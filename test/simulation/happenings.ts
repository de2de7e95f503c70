/** What must have happened in the histories of a world: laws that hold where nothing happens prove nothing. */

import type { WorldName } from "./worlds.ts";

/** By name: how it shows in a trace. */
const shows = {
  "a process dies before a transaction": /the process died \(before a transaction\)/,
  "a process dies inside a transaction": /the process died \(inside a transaction\)/,
  "a process dies after a commit": /the process died \(after a commit\)/,
  "a process dies while a source answers": /the process died \(\w+ (?!receives)\w+/,
  "a position is lost": / since \{.*\} \w+( fresh)?\n(?:.*\n){1,3}?.* since undefined/,
  "every key is another one": /flips UIDVALIDITY/,
  "a listing goes on that was broken off": / since \{.*"listing":\{/,
  "a listing is held": /\(\S+ is held\)/,
  "a look is fresh": / since .* fresh$/m,
  "a source changes while it is read": /^ {4}> (?!.*(?:hides|cut|loses|flips|forgets|throttles))/m,
  "what is absent is asked for by key": /< fetched \S+ gone$/m,
  "a partner is read with digest": /with digest/,
  "a collection cannot be read": /may not be read/,
  "a collection is found later": /(?:creates|is given|opens) \w+/,
  "a mark falls or stays open over a sync": /: open [1-9]/,
  "a parcel comes twice": /a parcel will come twice/,
} as const satisfies { readonly [what: string]: RegExp };

type Happening = keyof typeof shows;

const deaths = [
  "a process dies before a transaction",
  "a process dies inside a transaction",
  "a process dies after a commit",
] as const satisfies readonly Happening[];
const looks = [
  ...deaths,
  "a process dies while a source answers",
  "a position is lost",
  "a source changes while it is read",
] as const;

const happens: { readonly [world in WorldName]: readonly Happening[] } = {
  mail: [
    ...looks,
    "every key is another one",
    "a listing goes on that was broken off",
    "a listing is held",
    "a look is fresh",
    "what is absent is asked for by key",
    "a partner is read with digest",
    "a collection cannot be read",
    "a collection is found later",
    "a mark falls or stays open over a sync",
  ],
  calendar: [...looks, "a look is fresh"],
  delta: [...looks, "a listing goes on that was broken off", "what is absent is asked for by key"],
  directory: [...looks, "a listing is held", "a look is fresh"],
  chat: [...looks, "a collection is found later"],
  push: [...deaths, "a parcel comes twice"],
  all: [...looks, "every key is another one", "a listing goes on that was broken off", "a parcel comes twice"],
};

/** Editions that a trace shows after a newer one of the same thing: copies that lag behind. */
const lagging = (trace: string): number => {
  const newest = new Map<string, string>();
  let count = 0;
  for (const [, name = "", edition = ""] of trace.matchAll(/#\S+ (\S+) (\d{10}(?: \d{10})?)/g)) {
    const known = newest.get(name) ?? "";
    if (edition < known) count += 1;
    else newest.set(name, edition);
  }
  return count;
};

/** In how many of these traces each thing of this world happened. */
export class Happenings {
  readonly counts = new Map<string, number>();
  readonly #world: WorldName;

  constructor(world: WorldName) {
    this.#world = world;
    for (const what of happens[world]) this.counts.set(what, 0);
    if (world === "calendar" || world === "push") this.counts.set("a copy lags behind", 0);
  }

  read(lines: readonly string[]): void {
    // What comes after has no troubles.
    const trace = lines.slice(0, lines.indexOf("quiet now")).join("\n");
    for (const what of happens[this.#world]) if (shows[what].test(trace)) this.#add(what);
    if (this.counts.has("a copy lags behind") && lagging(trace) > 0) this.#add("a copy lags behind");
  }

  #add(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}
