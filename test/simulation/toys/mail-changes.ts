/** One look at a toy folder, in the three tiers of mail servers. */

import { type CollectionId, GroupstreamError, type Page, type Position, type Read, type Sighting } from "groupstream";
import { padded } from "../random.ts";
import type { MailToy } from "./mail.ts";
import type { Folder } from "./mail-words.ts";

interface Place {
  readonly v: number;
  readonly g: number;
  /** Everything up to here is told. */
  readonly modseq: number;
  /** In mid-listing: where it is, what it began with. */
  readonly listing?: { readonly id: string; readonly at: number; readonly next: number };
}

const highest = (folder: Folder): number =>
  Math.max(0, ...[...folder.copies.values()].map(({ modseq }) => modseq), ...folder.vanished.map(({ modseq }) => modseq));

export async function* mailChanges(
  toy: MailToy,
  id: CollectionId,
  since: Position | undefined,
  read: Read,
): AsyncGenerator<Page> {
  const { random, presence } = toy.env;
  const { tier } = toy.options;
  toy.line(`SELECT ${id}`);
  const opened = toy.find(id);
  let place = since as unknown as Place | undefined;
  const validity = opened.validity;
  const generation = opened.generation;
  const still = (): Folder => {
    const folder = toy.find(id);
    if (folder !== opened || folder.validity !== validity)
      throw new GroupstreamError("position-lost", `${toy.id}: ${id} was renumbered; it is listed again`);
    return folder;
  };
  if (place && (place.v !== validity || place.g !== generation))
    throw new GroupstreamError("position-lost", `${toy.id}: ${id} no longer knows this position; it is listed again`);

  // A listing that stands for the changes too must not hide for good what it alone tells: nobody could know.
  const mayLie = tier === "plain" || (place !== undefined && place.listing === undefined);
  const base = { v: validity, g: generation };
  const size = Math.max(1 + random.int(4), Math.floor(opened.copies.size / 4));

  /** Everything below the UID that is next at the opening; later arrivals belong to the changes after it. */
  async function* list(begin: Place, how: "whole" | "patch" | "here"): AsyncGenerator<Page> {
    let { at } = begin.listing as { at: number };
    const { id: listing, next } = begin.listing as { id: string; next: number };
    const partial = mayLie || opened.partial?.until === "fresh" ? opened.partial : undefined;
    const shown =
      partial && !(partial.until === "fresh" && read.fresh)
        ? Math.floor(opened.copies.size * partial.share)
        : Number.POSITIVE_INFINITY;
    if (partial && (partial.until === "once" || read.fresh)) delete opened.partial;
    let given = 0;
    for (;;) {
      const folder = still();
      const uids = [...folder.copies.keys()].filter((uid) => uid >= at && uid < next).sort((a, b) => a - b);
      const now = uids.slice(0, Math.min(size, Math.max(0, shown - given)));
      given += now.length;
      const last = now.length === uids.length || given >= shown;
      const sightings = now.map((uid): Sighting => {
        const copy = folder.copies.get(uid);
        const key = toy.key(folder, uid);
        if (!copy) return { key, gone: true };
        if (how === "here") return { key, here: true };
        if (how === "patch")
          return {
            key,
            revision: toy.revision(copy),
            set: { flags: [...copy.flags] },
            ...(tier !== "plain" && { order: padded(copy.modseq) }),
          };
        return toy.whole(folder, uid, copy, read);
      });
      at = (now.at(-1) ?? next) + 1;
      const position = { ...base, modseq: begin.modseq, ...(!last && { listing: { id: listing, at, next } }) };
      const count = shown < Number.POSITIVE_INFINITY ? given : [...folder.copies.keys()].filter((uid) => uid < next).length;
      yield { sightings, position: position as unknown as Position, listing: { id: listing, ...(last && { last, count }) } };
      if (last) return;
      toy.line(`list ${id} goes on`);
    }
  }

  const opening = (modseq: number): Place => ({
    ...base,
    modseq,
    listing: { id: `${id} ${presence.tick()}`, at: 0, next: opened.next },
  });
  if (!place) {
    presence.opens(toy.place(opened));
    // Text is read in the changes after a listing; flags alone are listed again.
    yield* list(opening(highest(opened)), read.text === "none" || random.chance(0.5) ? "whole" : "patch");
    return;
  }
  if (place.listing) {
    // A listing that was broken off: plain servers have no other look, the rest goes on with changes below.
    yield* list(place, tier === "counted" ? "here" : "patch");
    if (tier !== "delta") return;
    toy.line(`changes ${id}`);
    place = { ...base, modseq: place.modseq };
  }
  if (tier === "plain") return yield* list(opening(0), "patch");

  const upTo = highest(still());
  for (let from = place.modseq; ; ) {
    const folder = still();
    const changed = [
      ...[...folder.copies]
        .filter(([, copy]) => copy.modseq > from && copy.modseq <= upTo)
        .map(([uid, copy]) => ({ modseq: copy.modseq, uid, copy })),
      ...(tier === "delta"
        ? folder.vanished
            .filter(({ modseq }) => modseq > from && modseq <= upTo)
            .map(({ uid, modseq }) => ({ modseq, uid, copy: undefined }))
        : []),
    ].sort((a, b) => a.modseq - b.modseq);
    const now = changed.slice(0, size);
    const done = now.length === changed.length;
    from = done ? upTo : (now.at(-1)?.modseq ?? upTo);
    const sightings = now.map(
      ({ uid, copy }): Sighting => (copy ? toy.whole(folder, uid, copy, read) : { key: toy.key(folder, uid), gone: true }),
    );
    place = { ...base, modseq: from };
    if (sightings.length > 0 || done) yield { sightings, position: place as unknown as Position };
    if (done) break;
    toy.line(`changes ${id} go on`);
  }
  if (tier === "counted") {
    toy.line(`SEARCH ${id}`);
    yield* list(opening(place.modseq), "here");
  }
}
