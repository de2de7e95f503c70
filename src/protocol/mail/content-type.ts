/** The fields that say what a part is: RFC 2045 §5–7, RFC 2183, RFC 2231. */

import type libmime from "libmime";
import { cleanLine } from "../text/characters.ts";
import { lazily } from "../text/lazily.ts";
import type { Headers } from "./headers.ts";
import { bareId, fileName, type PartNode } from "./structure.ts";

const mime = lazily<{ readonly default: typeof libmime }>("libmime");

/** Most of one field that is read, in characters; a longer one is a flood of continuations. */
const FIELD_LIMIT = 16 * 1024;
const BOUNDARY_LIMIT = 250;

const structured = (raw: string | undefined): { value: string; params: Readonly<Record<string, string>> } => {
  if (raw === undefined) return { value: "", params: {} };
  const { value, params } = mime().default.parseHeaderValue(raw.slice(0, FIELD_LIMIT), { stripComments: true });
  return { value: value.trim().toLowerCase(), params };
};

/** A whole `type/subtype` of RFC 2045 tokens. */
const mediaType = /^[a-z0-9!#$%&'*+.^_`{|}~-]{1,127}\/[a-z0-9!#$%&'*+.^_`{|}~-]{1,127}$/;

/** What a part says about itself, by its header fields. */
export type PartFacts = Omit<PartNode, "part" | "size" | "children" | "cut">;

/**
 * What the header fields of a part say it is. Without a Content-Type that can be read it is `text/plain` (RFC 2045 §5.2),
 * inside of multipart/digest `message/rfc822` (RFC 2046 §5.1.5).
 */
export const partFacts = (headers: Headers, inDigest = false): PartFacts => {
  const type = structured(headers.get("content-type"));
  const disposition = structured(headers.get("content-disposition"));
  const encoding = cleanLine((headers.get("content-transfer-encoding") ?? "").split(/[\s;(]/, 1)[0] ?? "", 40).toLowerCase();
  const id = bareId(headers.get("content-id")?.slice(0, 998));
  const filename = fileName(disposition.params, type.params);
  const known = mediaType.test(type.value) ? type.value : inDigest ? "message/rfc822" : "text/plain";
  return {
    type: known,
    params: type.params,
    ...(disposition.value !== "" && { disposition: disposition.value }),
    ...(filename !== undefined && { filename }),
    ...(encoding !== "" && { encoding }),
    ...(id !== undefined && id !== "" && { id }),
  };
};

/** The boundary of a multipart that can be one (RFC 2046 §5.1.1). */
export const boundaryOf = ({ type, params }: PartFacts): string | undefined => {
  if (!type.startsWith("multipart/")) return undefined;
  const boundary = params.boundary?.trimEnd();
  return boundary && boundary.length <= BOUNDARY_LIMIT ? boundary : undefined;
};
