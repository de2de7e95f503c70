/** What an account performs, and what an attempt left. */

import type { Adapter, Command, Found, Perform, Verb } from "groupstream";
import type { Account } from "./account.ts";
import { asReceipt, foundAt } from "./acting.ts";
import { type Answering, answer } from "./answering.ts";
import { remove, update } from "./changing.ts";
import { create } from "./creating.ts";
import { keyOf, uidOf } from "./own.ts";

type Taking = Answering | "Create" | "Update" | "Delete";

/** Everything a calendar takes. Answers only in the name of who is invited. */
export const verbsOf = (account: Account): Readonly<Record<Taking, Perform>> => {
  const answering =
    (verb: Answering): Perform =>
    (command, signal) =>
      asReceipt(signal, () => answer(account, verb, command, signal));
  return {
    Create: (command, signal) => asReceipt(signal, () => create(account, command, signal)),
    Update: (command, signal) => asReceipt(signal, () => update(account, command, signal)),
    Delete: (command, signal) => asReceipt(signal, () => remove(account, command, signal)),
    Accept: answering("Accept"),
    TentativeAccept: answering("TentativeAccept"),
    Reject: answering("Reject"),
  } satisfies Partial<Record<Verb, Perform>>;
};

/**
 * What an attempt left: of a `Create` the resource of its name, in the calendar it should stand in or in any; `absent` where there is none. Of what
 * changes an item nothing can be told: it is asked for again. Fails: the system's errors.
 */
export const findOf =
  (account: Account): NonNullable<Adapter["find"]> =>
  async ({ id, verb, collection, item }: Command, signal): Promise<Found | "absent" | "unknown"> => {
    if (verb === "Create") {
      const places = collection ? [await account.calendar(collection.id, signal)] : await account.calendars(signal);
      for (const place of places) {
        const found = await foundAt(account, place, keyOf(uidOf(id)), signal);
        if (found) return found;
      }
      return "absent";
    }
    if (verb !== "Delete" || !item) return "unknown";
    const found = await foundAt(account, await account.calendar(item.collection, signal), item.key, signal);
    return found ? "absent" : { collection: item.collection, sighting: { key: item.key, gone: true } };
  };
