/** Sightings gathered into pages. Pure. */

import type { Sighting } from "../../contract/sighting.ts";

/** More is no faster, and what a page holds must be kept in memory until it is committed. */
const pageItems = 100;
/** Leaves room below the 1 MiB of a page. */
const pageBytes = 900 * 1024;

/**
 * Sightings in pages of at most 100 and about 900 KiB, a single larger one alone; each page knows whether it is the last. At least one
 * page comes, if an empty one.
 */
export const paged = async function* (
  sightings: AsyncIterable<Sighting> | Iterable<Sighting>,
): AsyncGenerator<{ readonly sightings: readonly Sighting[]; readonly last: boolean }> {
  let page: Sighting[] = [];
  let bytes = 0;
  for await (const sighting of sightings) {
    const size = Buffer.byteLength(JSON.stringify(sighting)) + 1;
    if (page.length >= pageItems || (page.length > 0 && bytes + size > pageBytes)) {
      yield { sightings: page, last: false };
      page = [];
      bytes = 0;
    }
    page.push(sighting);
    bytes += size;
  }
  yield { sightings: page, last: true };
};
