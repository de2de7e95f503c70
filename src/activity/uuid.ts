/** UUIDs: of objects version 7 (RFC 9562 section 5.7), so that a store's index grows at its end; of what is named, version 5; of conversations, version 8. */

import { hash, randomUUID } from "node:crypto";

/**
 * A new UUIDv7. The random bits are Node's own, which are drawn for many ids at once: a first pass mints 100,000.
 * @param now  milliseconds since 1970
 */
export const uuidAt = (now: number): string => {
  const time = Math.max(0, Math.floor(now)).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-7${randomUUID().slice(15)}`;
};

/** Namespace and name of one id after another; grown to the longest. */
let scratch = Buffer.alloc(16 * 1024);

/**
 * The UUIDv5 of a name in a namespace that is a UUID (RFC 9562 section 5.5). One is made for every activity: by Node's one-shot
 * hash it takes a third of what the `uuid` package needs; a test holds them equal.
 */
export const uuidNamed = (name: string, namespace: string): string => {
  // A UTF-16 unit takes at most three bytes.
  if (scratch.length < 16 + 3 * name.length) scratch = Buffer.alloc(16 + 3 * name.length);
  scratch.write(namespace.replaceAll("-", ""), "hex");
  const end = 16 + scratch.write(name, 16);
  const hex = hash("sha1", scratch.subarray(0, end), "hex");
  const variant = "89ab"[Number.parseInt(hex.charAt(16), 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** The conversation that this object began: its own UUID as a version 8, which is free to say what it likes (RFC 9562 section 5.8). */
export const contextUuid = (founder: string): string => `${founder.slice(0, 14)}8${founder.slice(15)}`;
