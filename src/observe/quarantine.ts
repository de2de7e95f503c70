/** What could not be read, and how a person gets at it. */

import type { ItemKey, Place, SystemId } from "../contract/words.ts";
import type { AdminStore, QuarantineRecord } from "../store/contract.ts";

/** One item that could not be read. It is read again when it changes, and after an upgrade that may read it. */
export interface Quarantined {
  readonly place: Place;
  readonly key: ItemKey;
  /** Why, in one sentence, without content. */
  readonly reason: string;
  /** When that was first found, RFC 3339. */
  readonly since: string;
  /** How often it was tried. */
  readonly tries: number;
  /** A URL for `Hub.content`: the item's raw form. Absent where the system can give none. */
  readonly raw?: string;
}

const rawUrl = (place: Place, key: ItemKey, part: string): string =>
  `groupstream:quarantine/${[place, key, part].map(encodeURIComponent).join("/")}`;

const shown = ({ place, key, reason, since, tries, part }: QuarantineRecord): Quarantined => ({
  place,
  key,
  reason,
  since: new Date(since).toISOString(),
  tries,
  ...(part !== undefined && { raw: rawUrl(place, key, part) }),
});

/** What waits in quarantine, by place and key; works beside a running hub. */
export const quarantineOf = async (store: AdminStore, system?: SystemId): Promise<readonly Quarantined[]> =>
  (await store.quarantine(system)).map(shown);
