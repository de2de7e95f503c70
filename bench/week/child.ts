/** The process that is killed: a hub on every account of the week. */

import { caldav } from "groupstream/adapters/caldav";
import { obey, type Stored } from "../crash/obey.ts";
import type { Account } from "./servers.ts";

/** What the hub of a week rests on. */
export interface WeekSettings extends Stored {
  readonly accounts: readonly Account[];
}

obey<WeekSettings>(({ accounts }) => ({
  systems: accounts.map((account) => caldav({ ...account, allow: "private", timeout: 20_000 })),
}));
