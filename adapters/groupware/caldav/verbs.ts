/** What an account performs, and what an attempt left. */

import type { Adapter, Perform, Verb } from "groupstream";
import { asReceipt } from "groupstream/protocol/dav";
import type { Account } from "./account.ts";
import { showing } from "./acting.ts";
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

/** What an attempt left. Fails: the system's errors. */
export const findOf =
  (account: Account): NonNullable<Adapter["find"]> =>
  (command, signal) =>
    account.find(command, keyOf(uidOf(command.id)), showing, signal);
