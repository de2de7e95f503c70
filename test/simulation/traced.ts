/** An adapter whose every answer is written down. */

import { type Adapter, type Place, placeOf, type Sighting } from "groupstream";

const briefly = (sighting: Sighting): string => {
  const { key } = sighting;
  if ("gone" in sighting) return `${key} gone${sighting.order ? `@${sighting.order}` : ""}`;
  if ("here" in sighting || "out" in sighting || "malformed" in sighting) return `${key} ${Object.keys(sighting)[1]}`;
  const { revision } = sighting;
  if ("object" in sighting && sighting.object) {
    const { name, edition, flags, reactions } = sighting.object;
    return `${key}#${revision} ${name}${edition ? ` ${edition}` : ""}${flags?.length ? ` [${flags}]` : ""}${reactions?.length ? ` ${reactions.length} reactions` : ""}`;
  }
  if ("set" in sighting || "add" in sighting || "remove" in sighting) {
    const { set, add, remove, order } = sighting as { set?: object; add?: object; remove?: object; order?: string };
    return `${key}#${revision} patch ${JSON.stringify({ ...set, ...(add && { add }), ...(remove && { remove }) })}${order ? `@${order}` : ""}`;
  }
  return `${key}#${revision} ref`;
};

/** @param unreached  called for each item that was asked for its digest and is gone */
export const traced = (
  adapter: Adapter,
  say: (line: string) => void,
  unreached: (place: Place, key: string) => void,
): Adapter => {
  const { changes, fetch, receive } = adapter;
  return {
    ...adapter,
    ...(changes && {
      changes: async function* (collection, since, read, signal) {
        say(`      ${adapter.id}/${collection.id} since ${JSON.stringify(since)} ${read.text}${read.fresh ? " fresh" : ""}`);
        for await (const page of changes(collection, since, read, signal)) {
          const listing = page.listing
            ? ` (listing ${page.listing.id}${page.listing.last ? ` ends, count ${page.listing.count}` : ""})`
            : "";
          say(`      < ${page.sightings.map(briefly).join(" · ")}${listing}`);
          yield page;
        }
      },
    }),
    ...(fetch && {
      fetch: async function* (collection, keys, read, signal) {
        for await (const sighting of fetch(collection, keys, read, signal)) {
          say(`      < fetched ${briefly(sighting)}${read.digest ? " with digest" : ""}`);
          if (read.digest && "gone" in sighting) unreached(placeOf(adapter.id, collection.id), sighting.key);
          yield sighting;
        }
      },
    }),
    ...(receive && {
      receive: (request, to) =>
        receive(request, {
          ring: to.ring,
          keep: (collection, sightings) => {
            say(`      < keeps ${collection}: ${sightings.map(briefly).join(" · ")}`);
            return to.keep(collection, sightings);
          },
        }),
    }),
  };
};
