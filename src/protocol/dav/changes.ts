/**
 * How a DAV collection is read: the engine of calendars and address books alike.
 *
 *   no position ──▶ what one query gives is read ahead, then a listing of the rest
 *   listing of whole items                            sync-collection with the empty token, else PROPFIND; then multiget
 *   listing under way ──▶ the same, after its key     asked anew, so that the position holds no list
 *   token ──▶ sync-collection ──▶ changed: whole when few, references when many; 404: gone
 *               └ refused ──▶ listing of references
 *   ctag as before ──▶ nothing      ctag differs, neither token nor ctag ──▶ listing of references
 *   a day since the last listing, or a token in doubt ──▶ listing of references
 *
 * Token and ctag are always those fetched before what they speak for is read: what changes meanwhile is seen again, never missed.
 */

import type { Page, Position, Read, Sighting } from "../../contract/adapter.ts";
import type { ItemKey, ListingId, Revision } from "../../contract/words.ts";
import { readAhead } from "./ahead.ts";
import { breathing } from "./breathing.ts";
import type { Dav } from "./client.ts";
import type { DiscoveredCollection } from "./collection.ts";
import { type DavItem, type DavResource, davItems } from "./items.ts";
import { changesSince, type Member, membersNow, type Stamp, stampNow } from "./members.ts";
import { ownText } from "./own-text.ts";
import { paged } from "./pages.ts";
import { type DavPosition, mintPosition, parsePosition } from "./position.ts";

/** What an adapter adds to the reading of its collections. */
export interface DavReading {
  /**
   * The sighting of a resource, with its key and revision; `malformed` for what cannot be read. Undefined: an item that this adapter
   * does not show (tasks beside events); a fetch answers `out` for it.
   */
  readonly sightingOf: (resource: DavResource, read: Read) => Sighting | undefined;
  /** A listing's id, new each time. */
  readonly mint: () => ListingId;
}

/** How often everything is listed although tokens say that is not needed, milliseconds. */
const listingEvery = 24 * 60 * 60 * 1_000;
/** More changed items than this are given as references. */
const fewest = 100;

/** Everything that is there, and what will tell changes from now on. */
interface Opened {
  readonly members: ReadonlyMap<ItemKey, Member>;
  readonly stamp: Stamp;
  readonly doubt: boolean;
}

/** What one look needs. */
interface Look {
  readonly dav: Dav;
  readonly collection: DiscoveredCollection;
  readonly reading: DavReading;
  readonly read: Read;
  readonly signal: AbortSignal;
}

const open = async ({ dav, collection, signal }: Look, quiet: boolean): Promise<Opened> => {
  const reported = (): ReturnType<typeof changesSince> => changesSince(dav, collection, "", signal);
  const first = collection.syncs && !quiet ? await reported() : undefined;
  if (first && !first.truncated) return { members: first.members, stamp: { token: first.token }, doubt: first.doubt };
  const stamp = await stampNow(dav, collection, signal);
  // References come from PROPFIND, the second opinion on what sync-collection says; some servers give a token in reports alone.
  const report = first ?? (collection.syncs && quiet && stamp.token === undefined ? await reported() : undefined);
  const { doubt, ...marks } = stamp;
  if (report && !report.truncated)
    return { members: report.members, stamp: { ...marks, token: report.token }, doubt: report.doubt };
  // sabre gives the newest token with a truncated answer: what was cut off would never come. So everything is listed.
  const { members, complete } = await membersNow(dav, collection, signal);
  if (report && !complete)
    return { members: new Map([...members, ...report.members]), stamp: { token: report.token }, doubt: report.doubt };
  return { members, stamp: marks, doubt: doubt === true };
};

/** The sighting an item gives; undefined for what is not shown. */
const seen = (item: DavItem, { reading, read }: Look): Sighting | undefined => {
  if (item.kind === "there") return reading.sightingOf(item.resource, read);
  if (item.kind === "gone") return { key: item.key, gone: true };
  return { key: item.key, revision: item.revision, malformed: { reason: item.reason } };
};

const byKey = (one: Member, other: Member): number => (one.key < other.key ? -1 : 1);

/** Sightings of these, in their order: references where that is enough and the revision is known, else whole. */
const sightingsOf = async function* (look: Look, members: readonly Member[], quiet: boolean): AsyncGenerator<Sighting> {
  const known = new Map(members.map((member) => [member.key, member]));
  const isEnough = ({ revision }: Member): boolean => quiet && revision !== undefined;
  for (let at = 0; at < members.length; ) {
    const first = members[at]!;
    if (isEnough(first)) {
      at += 1;
      yield { key: first.key, revision: first.revision! };
      continue;
    }
    const keys: ItemKey[] = [];
    for (; at < members.length && !isEnough(members[at]!); at += 1) keys.push(members[at]!.key);
    for await (const item of davItems(look.dav, look.collection, keys, look.signal, known)) {
      const sighting = seen(item, look);
      if (sighting) yield sighting;
    }
  }
};

/** What was read before the listing; `given` gains what it showed. */
const ahead = async function* (
  { reading, read, signal }: Look,
  resources: Iterable<DavResource>,
  given: Map<ItemKey, Revision>,
): AsyncGenerator<Sighting> {
  const breathe = breathing();
  for (const resource of resources) {
    signal.throwIfAborted();
    if (given.has(resource.key)) continue;
    given.set(ownText(resource.key), ownText(resource.revision));
    const sighting = reading.sightingOf(resource, read);
    if (sighting) yield sighting;
    await breathe();
  }
};

/**
 * A listing of everything.
 * @param since  undefined: nothing is known; else what is under way goes on, or references are listed
 */
const listing = async function* (look: Look, since: DavPosition | undefined): AsyncGenerator<Page> {
  // What was broken off while it read ahead begins again, without that: a line that never holds so long comes to an end, too.
  const broken = since?.listing?.after === "";
  const under = broken ? undefined : since?.listing;
  const quiet = under ? under.quiet === true : since !== undefined && !broken;
  const id = under?.id ?? look.reading.mint();
  const given = new Map<ItemKey, Revision>();
  const resources = since === undefined ? await readAhead(look.dav, look.collection, look.signal) : [];
  const listed = look.dav.now();
  const opening = open(look, quiet);
  // It is awaited below, or nobody wants to know any more.
  opening.catch(() => undefined);
  for await (const { sightings } of paged(ahead(look, resources, given))) {
    if (sightings.length === 0) continue;
    yield { sightings, position: mintPosition({ v: 1, listed, listing: { id, after: "" } }), listing: { id } };
  }
  const { members, stamp, doubt } = await opening;
  // What went in between was shown, and no token tells it any more: the next look lists.
  const missed = [...given.keys()].some((key) => !members.has(key));
  // A listing that goes on keeps what was fetched when it opened.
  const base: DavPosition = under
    ? { ...since, v: 1, listed: since?.listed ?? listed }
    : { v: 1, listed: missed ? 0 : listed, ...stamp, ...(doubt && { doubt: true as const }) };
  const { listing: _, ...done } = base;
  const isGiven = ({ key, revision }: Member): boolean => revision !== undefined && given.get(key) === revision;
  const isLeft = (member: Member): boolean => !isGiven(member) && (under === undefined || member.key > under.after);
  const left = [...members.values()].filter(isLeft).sort(byKey);
  let shown = 0;
  let after = under?.after ?? "";
  // What went since the listing opened is left out of it; the next look says that it is gone.
  for await (const { sightings, last } of paged(sightingsOf(look, left, quiet))) {
    shown += sightings.length;
    after = sightings.at(-1)?.key ?? after;
    yield {
      sightings: sightings.filter((one) => !("gone" in one)),
      position: mintPosition(last ? done : { ...done, listing: { id, after, ...(quiet && { quiet: true as const }) } }),
      listing: { id, ...(last && { last: true as const }) },
      estimate: last ? 0 : Math.max(left.length - shown, 0),
    };
  }
};

const delta = async function* (look: Look, since: DavPosition, token: string): AsyncGenerator<Page> {
  const report = await changesSince(look.dav, look.collection, token, look.signal);
  if (!report) return yield* listing(look, since);
  const changed = [...report.members.values()].sort(byKey);
  if (changed.length === 0 && report.gone.size === 0 && report.token === token) return;
  const { doubt: _, ...rest } = since;
  const done: DavPosition = { ...rest, token: report.token, ...(report.doubt && { doubt: true as const }) };
  const all = async function* (): AsyncGenerator<Sighting> {
    for (const key of report.gone) yield { key, gone: true };
    yield* sightingsOf(look, changed, changed.length > fewest && look.read.whole !== true);
  };
  // Only the last page moves on: what is broken off before is told again, which tells nothing.
  for await (const { sightings, last } of paged(all())) yield { sightings, position: mintPosition(last ? done : since) };
};

/**
 * One look at a collection, for `Adapter.changes`: pages of at most 100 sightings and 1 MiB. Without a position everything whole, in
 * any order; what changes meanwhile perhaps twice, the later sighting the newer one. With one what changed since, in two requests for
 * up to a hundred changes where the server syncs; nothing is yielded where nothing changed.
 * Fails: `position-lost` for a position of another version; `forbidden`; the system's errors. A token the server does not honour any
 * more is no failure: everything is listed by references.
 * @param collection  as it was found; its own token and ctag are not used, they may be old
 */
export const davChanges = async function* (
  dav: Dav,
  collection: DiscoveredCollection,
  since: Position | undefined,
  reading: DavReading,
  read: Read,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  signal.throwIfAborted();
  const look: Look = { dav, collection, reading, read, signal };
  const position = since === undefined ? undefined : parsePosition(since, dav.system, collection.url);
  if (position === undefined || position.listing) return yield* listing(look, position);
  const overdue = dav.now() - position.listed >= listingEvery || dav.now() < position.listed;
  if (overdue || position.doubt) return yield* listing(look, position);
  if (position.token !== undefined && collection.syncs) return yield* delta(look, position, position.token);
  if (position.ctag !== undefined && (await stampNow(dav, collection, signal)).ctag === position.ctag) return;
  yield* listing(look, position);
};

/**
 * What these keys are now, for `Adapter.fetch`: each once, in the order asked: whole, malformed, gone, or `out` where the adapter
 * does not show it. Fails: the system's errors.
 */
export const davFetch = async function* (
  dav: Dav,
  collection: DiscoveredCollection,
  keys: readonly ItemKey[],
  reading: DavReading,
  read: Read,
  signal: AbortSignal,
): AsyncGenerator<Sighting> {
  signal.throwIfAborted();
  for await (const item of davItems(dav, collection, keys, signal)) {
    const key = item.kind === "there" ? item.resource.key : item.key;
    yield seen(item, { dav, collection, reading, read, signal }) ?? { key, out: true };
  }
};
