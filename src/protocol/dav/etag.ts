/** Entity tags as servers write them, RFC 9110 section 8.8.3. Pure. */

/**
 * The opaque part of an entity tag: without quotes, `W/`, and the suffix that Apache's mod_deflate and nginx's gzip put on.
 * Compared as it is written an item would change with the compression of the answer. Undefined where nothing is left.
 */
export const opaqueEtag = (written: string | undefined): string | undefined => {
  const bare = written
    ?.trim()
    .replace(/^W\//i, "")
    .replace(/^"(.*)"$/s, "$1")
    .replace(/[-;](?:gzip|br|deflate)$/, "");
  return bare === undefined || bare === "" ? undefined : bare;
};

/** For `If-Match`: in quotes, which some servers (Kerio) leave out. */
export const quotedEtag = (etag: string): string => `"${opaqueEtag(etag) ?? ""}"`;

/** True for a tag that stands for these very octets. */
export const isStrongEtag = (written: string | undefined): boolean =>
  opaqueEtag(written) !== undefined && !/^\s*W\//i.test(written ?? "");
