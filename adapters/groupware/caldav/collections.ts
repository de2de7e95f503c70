/** Calendars as collections. */

import type { Collection } from "groupstream";
import type { Account } from "./account.ts";

/**
 * Every calendar there is now. Its revision is its sync-token, else its ctag: equal, nothing in it has changed. It has none while its
 * token is a time that is not over.
 */
export const collectionsOf = async function* (
  account: Account,
  signal: AbortSignal,
  fresh?: boolean,
): AsyncGenerator<Collection> {
  const principal = await account.principal(signal, fresh);
  const owner = account.owner(principal);
  const { readers = [] } = account.options;
  for (const { url, name, owner: owned, syncToken, ctag, unsettled } of await account.calendars(signal)) {
    // Somebody else's calendar that is shared with us is not ours, whatever we may do in it.
    const ours = owned === undefined || principal.url === undefined || owned === principal.url;
    const people = [...new Set([...(ours && owner !== undefined ? [owner] : []), ...readers])];
    const revision = unsettled ? undefined : (syncToken ?? ctag);
    yield {
      id: url,
      name,
      ...(ours && owner !== undefined && { owner }),
      audience: people.length > 0 ? people : "unknown",
      address: url,
      ...(revision !== undefined && { revision }),
    };
  }
};
