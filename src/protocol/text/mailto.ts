/** `mailto:` ids (RFC 6068). Pure, and without the parsers that reading mail takes. */

import { domainToASCII } from "node:url";
import type { ActorId } from "../../contract/words.ts";

const asciiDomain = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;
const literalDomain = /^\[(?:\d{1,3}(?:\.\d{1,3}){3}|ipv6:[0-9a-f:.]{2,45})\]$/;
const plainAddress = /^[A-Za-z0-9!$'*+_~.-]+@[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;
const plainLocal = /^[A-Za-z0-9!$'*+_~.-]+$/;

/** RFC 6068 §2: what may not stand in a `mailto:` as it is. Letters beyond ASCII stay: the id is an IRI. */
const reserved = /[^A-Za-z0-9!$'*+_~.\-\u{a0}-\u{10ffff}]/gu;
const escaped = (local: string): string => {
  if (plainLocal.test(local)) return local;
  return local.replace(reserved, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
};

/**
 * The `mailto:` id of an address: local part as written, domain in lower case and ASCII (IDNA), what RFC 6068 §2 reserves
 * percent-encoded. Undefined for what is no address: without a local part or a domain, with control characters, longer than
 * 320 characters.
 */
export const mailtoOf = (address: string): ActorId | undefined => {
  const text = address.trim();
  if (text.length <= 320 && plainAddress.test(text)) return `mailto:${text}`;
  const at = text.lastIndexOf("@");
  if (at < 1 || at === text.length - 1 || text.length > 320 || !text.isWellFormed()) return undefined;
  let local = text.slice(0, at);
  if (local.startsWith('"') && local.endsWith('"') && local.length > 2) local = local.slice(1, -1).replace(/\\(.)/g, "$1");
  // A second @, white space or brackets: the rest of something that was not understood. RFC 5322 wants such a local part quoted.
  if (local === "" || /[\0-\x1f\x7f-\x9f<>,;:()[\]\u2028\u2029\u202a-\u202e\u2066-\u2069]/.test(local)) return undefined;
  let domain = text.slice(at + 1).toLowerCase();
  if (domain.endsWith(".")) domain = domain.slice(0, -1);
  if (!asciiDomain.test(domain) && !literalDomain.test(domain)) {
    domain = /[\0- \x7f<>()[\],;:"\\@/?#%]/.test(domain) ? "" : domainToASCII(domain);
    if (!asciiDomain.test(domain)) return undefined;
  }
  return `mailto:${escaped(local)}@${domain}`;
};
