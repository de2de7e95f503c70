/** Which object a new item is about, and which conversation. Items are assigned once, at first sight. Pure. */

import type { Evidence, Whole } from "../../contract/adapter.ts";
import { systemOf } from "../../contract/words.ts";
import type { Item, ObjectRecord, RowNo } from "../../store/contract.ts";
import { directName, everywhere, evidenceKey, refNames, refsOf, scopeOf } from "../../store/references.ts";
import { hasDigest } from "./item-rows.ts";
import type { LoadedPage } from "./load.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** Partners asked at most: beyond these a Message-ID is no identity but a flood. */
const partnersAtMost = 5;

/**
 * The object that equal identity or content names; undefined: a new one. Where evidence names several (copies recorded apart
 * in a baseline), the one that lost an item in this system, then one that has one here, each by the system's own evidence
 * first; then the strongest. An object whose item merely has another key now (a flip) has lost nothing.
 */
export const assign = (loaded: LoadedPage, work: UnitOfWork, whole: Whole): ObjectRecord | undefined => {
  if (!loaded.rules.join) return undefined;
  const system = systemOf(loaded.look.collection.place);
  const namedBy = (evidence: readonly Evidence[]): readonly (ObjectRecord | undefined)[] =>
    evidence
      .map((one) => work.holder(one, system))
      .map((n) => (n === undefined ? undefined : work.object(n)))
      .filter((object) => object?.type === whole.object.type);
  const strong = (whole.same ?? []).filter(({ weight }) => weight !== "hint");
  // Most of what is new is known by nobody.
  if (strong.every((one) => work.holder(one, system) === undefined)) return undefined;
  const near = namedBy([...strong].sort((a, b) => Number(a.within !== "system") - Number(b.within !== "system")));
  const here = (object: ObjectRecord | undefined, lost: boolean): boolean => {
    const items = object ? work.presentItems(object.n) : [];
    const own = items.filter((item) => item.role === "own" && systemOf(item.place) === system);
    if (!lost) return own.length > 0;
    const stays = new Set(own.filter(({ state }) => state !== "missing").map(({ place }) => place));
    return own.some(({ place, state }) => state === "missing" && !stays.has(place));
  };
  return near.find((object) => here(object, true)) ?? near.find((object) => here(object, false)) ?? namedBy(strong)[0];
};

/**
 * Partners by hint alone: who must be read with digest before a new item is another object.
 * `self`: the new item too. Neither: everything was asked, they differ or cannot be had.
 */
export const partnersOf = (
  loaded: LoadedPage,
  work: UnitOfWork,
  whole: Whole,
): { readonly ask: readonly Item[]; readonly self: boolean } => {
  const system = systemOf(loaded.look.collection.place);
  const partners = (whole.same ?? [])
    .filter(({ weight }) => weight === "hint")
    .flatMap((hint) => {
      const name = evidenceKey(scopeOf(hint, system));
      return [...(loaded.hints.get(name) ?? []), ...work.hinted(name)];
    })
    .filter((n) => work.object(n)?.type === whole.object.type)
    .map((n) => work.presentItems(n).filter((item) => item.role === "own"))
    .filter((items) => items.length > 0)
    .slice(0, partnersAtMost);
  if (partners.length === 0) return { ask: [], self: false };
  const ask = partners
    .filter((items) => !items.some(({ digested }) => digested))
    .map((items) => items.find(({ state }) => state === "here") ?? (items[0] as Item));
  const self = !hasDigest(whole) && !loaded.fetched.digested.has(whole.key);
  return { ask: ask.filter((item) => !loaded.fetched.partners.has(item.n)), self };
};

/** The conversation of a new object: its parents', or one that already named it; undefined: its own. */
export const threadOf = (loaded: LoadedPage, work: UnitOfWork, whole: Whole): RowNo | undefined => {
  const system = systemOf(loaded.look.collection.place);
  const refs = refsOf(whole.object);
  for (const ref of refs) {
    const name = directName(ref, system);
    // What it answers may have come with the same page.
    const paged = "collection" in ref && ref.collection === loaded.look.collection.id ? work.item(ref.key)?.object : undefined;
    const n = (name === undefined ? undefined : loaded.named.get(name)) ?? paged;
    const object = n === undefined ? undefined : work.object(n);
    if (object) return object.thread;
  }
  const named = (name: string): RowNo | undefined => {
    const thread = loaded.threads.get(name) ?? work.threadNamed(name);
    if (thread !== undefined) return thread;
    const n = loaded.hints.get(name)?.[0] ?? work.hinted(name)[0];
    return n === undefined ? undefined : work.object(n)?.thread;
  };
  for (const name of refNames(refs, system)) {
    const thread = named(name);
    if (thread !== undefined) return thread;
  }
  for (const one of whole.same ?? []) {
    const thread = one.weight === "hint" ? named(evidenceKey(scopeOf(one, system))) : undefined;
    if (thread !== undefined) return thread;
  }
  return undefined;
};

/** Books the conversation under every name that is not an object yet, so that a parent that comes later joins it. */
export const rememberThread = (loaded: LoadedPage, work: UnitOfWork, whole: Whole, thread: RowNo): void => {
  const system = systemOf(loaded.look.collection.place);
  const refs = refsOf(whole.object);
  if (refs.length === 0) return;
  const own = new Set((whole.same ?? []).filter(({ weight }) => weight === "hint").map(({ id }) => id));
  for (const ref of refs) {
    if (!("evidence" in ref) || own.has(ref.evidence)) continue;
    const known = refNames([ref], system).some(
      (name) => loaded.hints.has(name) || loaded.threads.has(name) || work.hinted(name).length > 0,
    );
    if (!known) work.thread(everywhere(ref.evidence), thread);
  }
};
