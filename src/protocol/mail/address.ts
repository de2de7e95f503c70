/**
 * Address lists: RFC 5322 §3.4 with groups, comments, quoted strings and encoded words → parties.
 *
 * The parsing is postal-mime's; what is here decides which of its answers may be believed.
 */

import type { addressParser } from "postal-mime";
import type { Loss, Party } from "../../contract/view.ts";
import { lazily } from "../text/lazily.ts";
import { mailtoOf } from "../text/mailto.ts";
import { decodeWords } from "./headers.ts";

const parser = lazily<{ readonly addressParser: typeof addressParser }>("postal-mime");

/** Most parties kept of one field: mail to more is mail to a list. */
const PARTY_LIMIT = 1_000;
/** Most characters of a field that are read: about 1,000 long addresses. */
const FIELD_LIMIT = 128 * 1024;

/** An unquoted name or address that needs no grammar: none of the specials of RFC 5322 §3.2.3 but the dot. */
const plainPhrase = /^[^"(),:;<>@[\]\\]*$/;

/** One address, bare or in angle brackets, with a plain or simply quoted name; undefined where a grammar is needed. */
const simpleParty = (raw: string): Party | undefined => {
  const open = raw.indexOf("<");
  if (open < 0) {
    const id = raw.includes("=?") ? undefined : mailtoOf(raw);
    return id === undefined ? undefined : { id };
  }
  const id = raw.endsWith(">") ? mailtoOf(raw.slice(open + 1, -1)) : undefined;
  if (id === undefined) return undefined;
  let name = raw.slice(0, open).trim();
  if (name.startsWith('"')) {
    if (name.length < 2 || name.indexOf('"', 1) !== name.length - 1 || name.includes("\\")) return undefined;
    name = name.slice(1, -1);
  } else if (!plainPhrase.test(name)) return undefined;
  const shown = decodeWords(name);
  return shown === "" ? { id } : { id, name: shown };
};

/** Nearly every list there is, without a grammar: this runs three times for each message. Undefined: not one of those. */
const simpleList = (raw: string): Party[] | undefined => {
  if (raw.length > 4_000 || raw.includes("(") || raw.includes("\\")) return undefined;
  const found = new Map<string, Party>();
  let start = 0;
  while (start <= raw.length) {
    let comma = raw.indexOf(",", start);
    const quote = raw.indexOf('"', start);
    if (quote >= 0 && (comma < 0 || quote < comma)) {
      const closing = raw.indexOf('"', quote + 1);
      if (closing < 0) return undefined;
      comma = raw.indexOf(",", closing);
    }
    const end = comma < 0 ? raw.length : comma;
    const party = simpleParty(raw.slice(start, end).trim());
    if (party === undefined) return undefined;
    if (!found.has(party.id)) found.set(party.id, party);
    start = end + 1;
  }
  return [...found.values()];
};

/** Cut at a separator, so that no half address is left at the end. */
const bounded = (raw: string): string => {
  if (raw.length <= FIELD_LIMIT) return raw;
  const head = raw.slice(0, FIELD_LIMIT);
  return head.slice(0, Math.max(0, head.lastIndexOf(",")));
};

/**
 * The parties of an address field in their order, each address once, and what could not be carried: an address that cannot
 * be read is left out, never guessed; of more than 1,000 parties the first 1,000 are kept, of a longer field the first
 * 128 Ki characters. Groups are flattened. An address inside of an encoded word is no address (RFC 2047 §5).
 *
 * @param field  the name for the losses: `to`
 */
export const readParties = (raw: string, field: string): { parties: Party[]; losses: Loss[] } => {
  const simple = simpleList(raw);
  if (simple) return { parties: simple, losses: [] };

  const text = bounded(raw);
  const parties = new Map<string, Party>();
  let unread = 0;
  let beyond = 0;
  const hasWords = text.includes("=?");
  for (const { address, name } of parser().addressParser(text, { flatten: true })) {
    // `undisclosed-recipients` and friends: a name alone names nobody.
    if (address === undefined || address === "") {
      if (name) unread++;
      continue;
    }
    const route = address.startsWith("@") ? address.slice(address.indexOf(":") + 1) : address;
    const id = hasWords && !text.includes(route) && !text.includes('"') ? undefined : mailtoOf(route);
    if (id === undefined) unread++;
    else if (parties.size >= PARTY_LIMIT) beyond++;
    else if (!parties.has(id)) {
      const shown = name ? decodeWords(name) : "";
      parties.set(id, shown === "" ? { id } : { id, name: shown });
    }
  }
  const losses: Loss[] = [];
  if (unread > 0)
    losses.push({ field, reason: `${unread} of the addresses could not be read and ${unread === 1 ? "is" : "are"} left out.` });
  if (beyond > 0 || text.length < raw.length)
    losses.push({ field, reason: `Only the first ${parties.size} of very many addresses are kept.` });
  return { parties: [...parties.values()], losses };
};

/** The parties of an address field as {@link readParties} reads them, without its losses. */
export const parties = (raw: string): Party[] => readParties(raw, "to").parties;
