/** UUIDs: of objects version 7 (RFC 9562 section 5.7), so that a store's index grows at its end; of what is named, version 5. */

import { randomUUID } from "node:crypto";
import { v5 } from "uuid";

/**
 * A new UUIDv7. The random bits are Node's own, which are drawn for many ids at once: a first pass mints 100,000.
 * @param now  milliseconds since 1970
 */
export const uuidAt = (now: number): string => {
  const time = Math.max(0, Math.floor(now)).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-7${randomUUID().slice(15)}`;
};

/** The UUIDv5 of a name in a namespace that is a UUID. Given as bytes: the library reads text by regular expressions, twice. */
export const uuidNamed = (name: string, namespace: string): string =>
  v5(Buffer.from(name), Buffer.from(namespace.replaceAll("-", ""), "hex"));
