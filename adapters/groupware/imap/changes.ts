/**
 * One look at a mailbox.
 *
 *   no position            → a listing of everything below UIDNEXT, as of the opening
 *   position in a listing  → the listing goes on, if UIDVALIDITY is the same
 *   qresync                → SELECT (QRESYNC …) has told flags and removals; new messages are fetched
 *   condstore              → FETCH CHANGEDSINCE tells flags; a count that does not add up asks what is still there
 *   plain, or no MODSEQ    → a listing of flags, new messages whole
 *
 * Later arrivals and changes are left to the next look: UIDNEXT and HIGHESTMODSEQ are those of the opening.
 */

import { randomUUID } from "node:crypto";
import type { GroupstreamError, ItemKey, Page, Position, Read, Sighting } from "groupstream";
import { fetchedMail, goneMail, mailKey } from "groupstream/protocol/mail";
import type { MailboxReader, Opening } from "./mailbox.ts";
import { type FlagRow, keyOf, type Mapping, patchOf, uidOf } from "./map.ts";
import { outOf, patchesOf, type Raws, rawsOf, wholesFrom, wholesOf } from "./messages.ts";
import { type Listing, positionOf, type State, stateFrom, stateOf } from "./position.ts";

/** From so many messages on a listing is read aside; below, starting a thread takes longer than it saves. */
const ASIDE_FROM = 1_000;
/** Windows read ahead of the one that is being committed: with one, the other thread waits for this one's leisure. */
const AHEAD = 2;

/** The contract's bounds of a page. */
const PAGE_COUNT = 500;
const PAGE_BYTES = 1024 * 1024;

/** What one look is about. */
export interface Look {
  readonly mailbox: MailboxReader;
  readonly read: Read;
  /** How rows of this mailbox become sightings, once its UIDVALIDITY is known. */
  mapping(validity: string): Mapping;
  /** Reads messages aside, on another connection and thread: for large listings. May fail where `mailbox` would not. */
  aside(validity: string, uids: readonly number[]): Promise<Raws>;
  lost(message: string): GroupstreamError;
}

/** A mail with what it brings, and its UID. */
type UidSightings = readonly [uid: number, sightings: readonly Sighting[]];

const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size));

/** A bound on a sighting's JSON that costs nothing to find: only text and address lists make one large. */
const weigh = (sighting: Sighting): number => {
  const view = "object" in sighting ? sighting.object : undefined;
  if (view?.type !== "Note") return view ? Buffer.byteLength(JSON.stringify(view)) * 1.2 + 400 : 400;
  const people = (view.to?.length ?? 0) + (view.cc?.length ?? 0) + (view.bcc?.length ?? 0);
  const text = Buffer.byteLength(view.text ?? "") + Buffer.byteLength(view.content ?? "");
  return 1_200 + text * 1.15 + (people + (view.attachment?.length ?? 0)) * 120;
};

/** Splits sightings where a page would grow too large. */
const pagesOf = (sightings: readonly UidSightings[]): (readonly UidSightings[])[] => {
  const pages: UidSightings[][] = [];
  let page: UidSightings[] = [];
  let [bytes, count] = [0, 0];
  for (const entry of sightings) {
    const weight = entry[1].reduce((sum, sighting) => sum + weigh(sighting), 0);
    if (page.length > 0 && (count + entry[1].length > PAGE_COUNT || bytes + weight > PAGE_BYTES)) {
      pages.push(page);
      [page, bytes, count] = [[], 0, 0];
    }
    page.push(entry);
    bytes += weight;
    count += entry[1].length;
  }
  if (page.length > 0) pages.push(page);
  return pages;
};

/** Reads whole messages; where many are to come, aside as long as that works. */
const readerOf = (look: Look, mapping: Mapping, many: boolean): ((uids: readonly number[]) => Promise<Raws>) => {
  let aside = many;
  return async (uids) => {
    if (aside) {
      try {
        return await look.aside(mapping.validity, uids);
      } catch {
        // Only a faster way: what is really wrong shows on the reading connection.
        aside = false;
      }
    }
    return rawsOf(look.mailbox, uids, look.read, mapping.invitations !== "off");
  };
};

type Reader = ReturnType<typeof readerOf>;

const windowOf = async (
  look: Look,
  uids: readonly number[],
  listing: Listing,
  mapping: Mapping,
  reader: Reader,
): Promise<UidSightings[]> => {
  if (listing.here) return uids.map((uid) => [uid, [{ key: keyOf(mapping.validity, uid), here: true }]]);
  const old = uids.filter((uid) => uid < listing.known);
  const fresh = uids.filter((uid) => uid >= listing.known);
  const patches = old.length > 0 ? await patchesOf(look.mailbox, old, mapping) : [];
  const wholes = fresh.length > 0 ? wholesFrom(fresh, await reader(fresh), mapping) : [];
  return [...patches, ...wholes];
};

/** Goes on with a listing. The next windows are read while the last one is committed. */
async function* list(look: Look, state: State & { readonly listing: Listing }, opening: Opening): AsyncGenerator<Page> {
  const { listing, ...rest } = state;
  const mapping = look.mapping(state.validity);
  const found = opening.exists === 0 ? [] : await look.mailbox.search(`${listing.next}:*`);
  const there = found.filter((uid) => uid >= listing.next && uid < opening.uidNext);
  const uids = there.filter((uid) => uid < state.uidNext);
  const count = opening.exists - (there.length - uids.length);
  const windows = chunks(uids, PAGE_COUNT);
  const whole = uids.filter((uid) => uid >= listing.known).length;
  const reader = readerOf(look, mapping, whole >= ASIDE_FROM);
  const load = (index: number): Promise<UidSightings[]> => {
    const loading = windowOf(look, windows[index] ?? [], listing, mapping, reader);
    loading.catch(() => undefined);
    return loading;
  };
  const ahead = Array.from({ length: AHEAD }, (_, index) => load(index));
  let { seen } = listing;
  const end = (): Pick<Page, "position" | "listing"> => ({
    position: positionOf({ ...rest, exists: seen }),
    listing: { id: listing.id, last: true, count },
  });
  for (let index = 0; index < windows.length; index++) {
    const sightings = (await ahead.shift()) ?? [];
    ahead.push(load(index + AHEAD));
    const pages = pagesOf(sightings);
    for (const [at, page] of pages.entries()) {
      seen += page.length;
      const last = index === windows.length - 1 && at === pages.length - 1;
      const next = (page.at(-1)?.[0] ?? 0) + 1;
      yield {
        sightings: page.flatMap(([, sightings]) => sightings),
        ...(last
          ? end()
          : { position: positionOf({ ...rest, listing: { ...listing, next, seen } }), listing: { id: listing.id } }),
        estimate: Math.max(0, listing.seen + uids.length - seen),
      };
      if (last) return;
    }
  }
  // Nothing is there, or all of the last window went away while it was read.
  yield { sightings: [], ...end(), estimate: 0 };
}

/** UIDs from `first` on, as of the opening. A small span is simply asked for; a large one may be full of holes. */
const arrivals = async (look: Look, first: number, opening: Opening): Promise<number[]> => {
  const span = opening.uidNext - first;
  if (span <= 0) return [];
  if (span <= PAGE_COUNT) return Array.from({ length: span }, (_, index) => first + index);
  return (await look.mailbox.search(`${first}:*`)).filter((uid) => uid >= first && uid < opening.uidNext);
};

/** What changed, by MODSEQ: arrivals, then flags, then removals; only the last page moves the MODSEQ on. */
async function* delta(look: Look, state: State & { readonly modseq: string }, opening: Opening): AsyncGenerator<Page> {
  const mapping = look.mapping(state.validity);
  const known = ({ uid }: FlagRow): boolean => uid < state.uidNext;
  const rows =
    opening.delta?.flags ?? (state.uidNext > 1 ? await look.mailbox.changed(`1:${state.uidNext - 1}`, state.modseq) : []);
  const changed = new Map(rows.filter((row) => known(row) && row.flags).map((row) => [row.uid, row]));
  const vanished = (opening.delta?.vanished ?? []).filter((uid) => uid < state.uidNext);

  let now: State = state;
  let arrived = 0;
  let held: readonly UidSightings[] = [];
  const page = (entries: readonly UidSightings[]): Page => ({
    sightings: entries.flatMap(([, sightings]) => sightings),
    position: positionOf(now),
  });
  for (const uids of chunks(await arrivals(look, state.uidNext, opening), PAGE_COUNT)) {
    for (const entries of pagesOf([...(await wholesOf(look.mailbox, uids, mapping))])) {
      if (held.length > 0) yield page(held);
      arrived += entries.length;
      now = { ...now, uidNext: (entries.at(-1)?.[0] ?? 0) + 1, exists: state.exists + arrived };
      held = entries;
    }
  }
  now = { ...now, uidNext: opening.uidNext };
  const patches = [...changed.values()].map((row): UidSightings => {
    const key = keyOf(state.validity, row.uid);
    return [row.uid, mapping.skips?.(row) ? outOf(key) : [patchOf(row, mapping)]];
  });
  const removals = vanished.map((uid): UidSightings => [uid, goneMail(keyOf(state.validity, uid))]);
  const rest = pagesOf([...held, ...patches, ...removals]);

  const removed = state.exists + arrived - opening.exists;
  const addsUp = opening.delta ? removed >= 0 && removed <= vanished.length : removed === 0;
  if (!addsUp) {
    for (const entries of rest) yield page(entries);
    const listing: Listing = { id: randomUUID(), next: 1, seen: 0, known: opening.uidNext, here: true };
    yield* list(look, { ...stateOf(opening), listing }, opening);
    return;
  }
  for (const entries of rest.slice(0, -1)) yield page(entries);
  now = stateOf(opening);
  // An empty page only where there is something new to remember.
  if (rest.length > 0 || JSON.stringify(positionOf(now)) !== JSON.stringify(positionOf(state))) yield page(rest.at(-1) ?? []);
}

/**
 * Brings what the head of this file says. An abort ends it with the signal's reason, the connection dropped.
 * Fails: `position-lost` when UIDVALIDITY changed; `forbidden`; the connection's errors.
 */
export async function* changesOf(look: Look, since: Position | undefined): AsyncGenerator<Page> {
  const { mailbox, read } = look;
  const state = since === undefined ? undefined : stateFrom(since, look.lost);
  const resync = state?.modseq !== undefined && !state.listing ? { validity: state.validity, modseq: state.modseq } : undefined;
  const opening = await mailbox.open(resync, read.fresh === true);
  if (state && state.validity !== opening.validity) throw look.lost("was made anew with another UIDVALIDITY");
  const begin = (known: number): AsyncGenerator<Page> =>
    list(look, { ...stateOf(opening), listing: { id: randomUUID(), next: 1, seen: 0, known } }, opening);
  // The first listing brings what costs little; where text is wanted the core asks for what it does not know by key.
  if (!state) yield* begin(read.text === "none" || read.whole ? 1 : opening.uidNext);
  else if (state.listing) yield* list(look, { ...state, listing: state.listing }, opening);
  else if (state.modseq === undefined || opening.tier === "plain" || (opening.tier === "qresync" && !opening.delta))
    yield* begin(state.uidNext);
  else yield* delta(look, { ...state, modseq: state.modseq }, opening);
}

/** Messages by key: whole, malformed, or gone. A key of another UIDVALIDITY names nothing that is still there. */
export async function* fetchOf(look: Look, keys: readonly ItemKey[]): AsyncGenerator<Sighting> {
  const validity = await look.mailbox.validity();
  const mapping = look.mapping(validity);
  const wanted = new Map<number, ItemKey[]>();
  for (const [mail, asked] of Map.groupBy(new Set(keys), mailKey)) {
    const uid = uidOf(validity, mail);
    if (uid === undefined || !Number.isSafeInteger(uid) || uid < 1) yield* fetchedMail(asked, []);
    else wanted.set(uid, [...(wanted.get(uid) ?? []), ...asked]);
  }
  const uids = [...wanted.keys()].sort((a, b) => a - b);
  for (const window of chunks(uids, PAGE_COUNT)) {
    const found = await wholesOf(look.mailbox, window, mapping);
    // What is out of scope is gone for who asks for the mail.
    for (const uid of window)
      yield* fetchedMail(
        wanted.get(uid) ?? [],
        (found.get(uid) ?? []).flatMap((one) => ("out" in one ? [] : [one])),
      );
  }
}
