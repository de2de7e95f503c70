/** Items that a server of another kind gives, put in the place of items that Dovecot gives. Shared by OBJECTID and Gmail. */

import { hash } from "node:crypto";
import { type FetchArgs, itemOf, type Row, textOf } from "../wire.ts";

/** Where the thread of a message is found: its first ancestor's Message-ID, else its own. */
const THREAD = "HEADER.FIELDS (REFERENCES IN-REPLY-TO MESSAGE-ID)";
/** Dovecot's own id of a message: stable over COPY and MOVE, of mailboxes over RENAME. */
export const GUID = "X-GUID";

const upper = (item: string): string => item.toUpperCase();

/** True if any of these items is asked for. */
export const asksFor = (args: FetchArgs, wanted: readonly string[]): boolean =>
  args.items.some((item) => wanted.includes(upper(item)));

/** Exchanges items of a FETCH for those that Dovecot knows. */
export const exchanged = (args: FetchArgs, instead: Readonly<Record<string, string>>): FetchArgs => ({
  ...args,
  items: [...new Set(args.items.map((item) => instead[upper(item)] ?? item))],
});

export const threadItem = `BODY.PEEK[${THREAD}]`;

/** The Message-ID that names the thread of a row that was asked for {@link threadItem}. */
export const threadOf = (row: Row): string | undefined => {
  const headers = itemOf(row, `BODY[${THREAD}]`);
  if (headers === undefined) return undefined;
  const unfolded = textOf(headers).replace(/\r\n[ \t]+/g, " ");
  const field = (name: string): string | undefined => new RegExp(`^${name}:.*?(<[^>\\s]+>)`, "im").exec(unfolded)?.[1];
  return field("References") ?? field("In-Reply-To") ?? field("Message-ID");
};

/** A row without what was only asked for to make the items of. */
export const strippedOf = (row: Row): Row => ({
  ...row,
  items: row.items.filter(([name]) => upper(name) !== GUID && upper(name) !== `BODY[${THREAD}]`),
});

/** An unsigned number of 63 bits, always the same for the same text. */
export const numberOf = (text: string): string => (BigInt(`0x${hash("sha256", text, "hex").slice(0, 16)}`) >> 1n).toString();

/** An id of the letters that RFC 8474 section 7 allows. */
export const idOf = (kind: string, text: string): string => `${kind}${hash("sha256", text, "hex").slice(0, 24)}`;
