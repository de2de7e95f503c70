/** One look at a toy calendar. */

import { GroupstreamError, type Page, type Position, type Sighting } from "groupstream";
import type { Env } from "../world.ts";
import { type Calendar, type Entry, wholeOf } from "./calendar-words.ts";

/** What a look needs of the calendar's system. */
export interface Looked {
  readonly id: string;
  readonly env: Env;
  /** False: what changed is referred to by ETag and fetched by the core. */
  readonly wholes: boolean;
  /** The number of the last change. */
  readonly change: number;
  line(what: string): void;
  place(calendar: Calendar): string;
}

export async function* calendarChanges(toy: Looked, calendar: Calendar, since: Position | undefined): AsyncGenerator<Page> {
  toy.line(`REPORT ${calendar.owner}`);
  const place = since as { g: number; upTo: number } | undefined;
  if (place && place.g !== calendar.generation)
    throw new GroupstreamError("position-lost", `${toy.id}: the sync-token is too old; it is listed again`);
  const generation = calendar.generation;
  const upTo = toy.change;
  const shows = (href: string, entry: Entry): Sighting =>
    toy.wholes ? wholeOf(href, entry) : { key: href, revision: String(entry.etag) };
  if (!place) {
    toy.env.presence.opens(toy.place(calendar));
    const id = `${calendar.owner} ${toy.env.presence.tick()}`;
    // Its order is not stable: the position of every page begins again.
    const hrefs = [...calendar.entries.keys()];
    while (hrefs.length > 2) {
      const now = hrefs.splice(0, 2);
      const sightings = now.map((href): Sighting => {
        const entry = calendar.entries.get(href);
        return entry ? shows(href, entry) : { key: href, gone: true };
      });
      yield { sightings, position: { g: -1, upTo: 0 }, listing: { id } };
      toy.line(`list ${calendar.owner} goes on`);
    }
    const rest = hrefs.flatMap((href): Sighting[] => {
      const entry = calendar.entries.get(href);
      return entry ? [shows(href, entry)] : [];
    });
    yield { sightings: rest, position: { g: generation, upTo }, listing: { id, last: true } };
    return;
  }
  const changed = [...calendar.entries]
    .filter(([, { change }]) => change > place.upTo && change <= upTo)
    .map(([href, entry]) => shows(href, entry));
  const gone = calendar.gone
    .filter(({ href, change }) => change > place.upTo && !calendar.entries.has(href))
    .map(({ href }) => href);
  yield {
    sightings: [...changed, ...[...new Set(gone)].map((key): Sighting => ({ key, gone: true }))],
    position: { g: generation, upTo },
  };
}
