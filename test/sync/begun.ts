/** A mailbox that has been read once, and what its next look shows. */

import type { Page, Sighting } from "groupstream";
import { expect } from "vitest";
import { content, hint, note, Toy, whole } from "./toy.ts";
import { type World, world } from "./world.ts";

/** INBOX with one mail `a`, known and told of nothing. */
export const begun = async (toy = new Toy(), options = {}): Promise<{ toy: Toy; w: World }> => {
  toy.mail("INBOX", "a");
  const w = await world([toy], options);
  expect(await w.sync()).toEqual([]);
  return { toy, w };
};
/** What the next look at INBOX shows. */
export const shows = (toy: Toy, ...sightings: Sighting[]): void => {
  const { journal, generation } = toy.at("INBOX");
  toy.at("INBOX").script.push([{ sightings, position: { at: journal.length, generation } } as Page]);
};
export const itemAt = async ({ store }: World, key: string) =>
  (await store.transaction((tx) => tx.items("mail/INBOX", [key])))[0];
export const stateOf = async (w: World, key: string) => (await itemAt(w, key))?.state;
export const changed = (tag: string, over: object, more = {}) =>
  whole(tag, note(tag, over), { same: [content(tag), hint(tag)], ...more });
