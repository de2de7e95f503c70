/** What an account performs, and what an attempt left. */

import type { Adapter, Perform, Verb } from "groupstream";
import { asReceipt } from "groupstream/protocol/dav";
import type { Account } from "./account.ts";
import { keyOf } from "./own.ts";
import { create, remove, showing, update } from "./writing.ts";

/** Everything an address book takes. */
export const verbsOf = (account: Account): Readonly<Record<"Create" | "Update" | "Delete", Perform>> =>
  ({
    Create: (command, signal) => asReceipt(signal, () => create(account, command, signal)),
    Update: (command, signal) => asReceipt(signal, () => update(account, command, signal)),
    Delete: (command, signal) => asReceipt(signal, () => remove(account, command, signal)),
  }) satisfies Partial<Record<Verb, Perform>>;

/** What an attempt left. Fails: the system's errors. */
export const findOf =
  (account: Account): NonNullable<Adapter["find"]> =>
  (command, signal) =>
    account.find(command, keyOf(command.id), showing, signal);
