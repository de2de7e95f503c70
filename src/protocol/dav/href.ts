/**
 * One form for the addresses of a server. Pure.
 *
 * Servers write the same resource absolute or relative, with or without the port, as `%40` or `@`: compared as they are written a
 * resource is deleted and made anew. In the normal form every segment is decoded and encoded again; `%2F` and what is no UTF-8 stays.
 */

/** RFC 3986 section 3.3, pchar, but for the colon: a key never looks like an address of its own. */
const encodeSegment = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(/%(?:24|26|2B|2C|3B|3D|40)/g, decodeURIComponent);

/** A segment in its one form. Bytes that are no UTF-8 stay as they are, with upper-case digits. */
const normaliseSegment = (segment: string): string => {
  try {
    return encodeSegment(decodeURIComponent(segment));
  } catch {
    return segment.replace(/%[0-9a-f]{2}/gi, (one) => one.toUpperCase()).replaceAll(":", "%3A");
  }
};

const normalPath = (url: URL): string => url.pathname.split("/").map(normaliseSegment).join("/") + url.search;

/**
 * The full address of an href, in the one form; undefined where it is none, or neither http nor https. User, password and fragment
 * are dropped. An href that differs from `base` in the scheme alone is of `base`: servers behind a proxy do not know that they speak TLS.
 * @param base  the address the href was read at
 */
export const normaliseHref = (href: string, base: string): string | undefined => {
  if (!URL.canParse(href, base)) return undefined;
  const [url, from] = [new URL(href, base), new URL(base)];
  if (url.protocol !== "https:" && url.protocol !== "http:") return undefined;
  const origin = url.hostname === from.hostname && url.protocol !== from.protocol ? from.origin : url.origin;
  return origin + normalPath(url);
};

/** The address of a collection: with a slash at its end. */
export const collectionHref = (href: string, base: string): string | undefined => {
  const url = normaliseHref(href, base);
  return url === undefined || url.endsWith("/") ? url : `${url}/`;
};

/** A name that is its own normal form, as nearly all are: a listing has thousands, and taking addresses apart takes longer than their XML. */
const plainName = /^(?!\.{1,2}$)[\w.~!*'()$&+,;=@-]+$/;

/** The path of a collection, from its normalised address. */
const pathOfCollection = (collection: string): string => collection.slice(collection.indexOf("/", "https://".length));

/**
 * An item's key: its path below the collection where it is below it, else the absolute path, else (another host) the address.
 * Undefined where the href is none, or is the collection itself.
 * @param collection  normalised, with its slash
 */
export const keyOfHref = (href: string, collection: string): string | undefined => {
  const path = pathOfCollection(collection);
  const name = href.startsWith(path) ? href.slice(path.length) : "";
  if (plainName.test(name)) return name;
  const url = normaliseHref(href, collection);
  if (url === undefined || url === collection || `${url}/` === collection) return undefined;
  const below = url.startsWith(collection) ? url.slice(collection.length) : undefined;
  if (below !== undefined && !below.startsWith("/") && !below.startsWith("?")) return below;
  const { origin } = new URL(collection);
  return url.startsWith(`${origin}/`) ? url.slice(origin.length) : url;
};

/** The address of an item by its key; the inverse of `keyOfHref`. A key that no href has still gives an address below the collection. */
export const hrefOfKey = (key: string, collection: string): string => {
  if (/^https?:\/\//.test(key)) return key;
  return key.startsWith("/") ? new URL(collection).origin + key : collection + key;
};

/** The path of an item by its key, as it is written into requests. */
export const pathOfKey = (key: string, collection: string): string => {
  if (plainName.test(key)) return pathOfCollection(collection) + key;
  const { pathname, search } = new URL(hrefOfKey(key, collection));
  return pathname + search;
};

/** True for a key of another host, which no report of the collection's tells. */
export const isElsewhere = (key: string, collection: string): boolean =>
  /^https?:\/\//.test(key) && new URL(key).origin !== new URL(collection).origin;
