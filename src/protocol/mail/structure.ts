/**
 * The parts of a message and what they are for: RFC 2045–2046, RFC 2387, numbered as IMAP does (RFC 3501 §6.4.5).
 */

import type { FilePart, Loss } from "../../contract/view.ts";
import { cleanLine } from "../text/characters.ts";
import { decodeWords } from "./headers.ts";

/** Deepest part that is looked at, and most parts of one message: real mail stays below 10 and 200. */
export const DEPTH_LIMIT = 100;
export const PART_LIMIT = 1_000;

/** One part of a message. */
export interface PartNode {
  /** Part number: `2.1`; of a message without parts `1`; of the outermost multipart the empty string. */
  readonly part: string;
  /** Lower-case `type/subtype`. */
  readonly type: string;
  /** Parameters of Content-Type by lower-case name, values as written. */
  readonly params: Readonly<Record<string, string>>;
  /** Lower case: `attachment`, `inline`. */
  readonly disposition?: string;
  /** Decoded. */
  readonly filename?: string;
  /** Content-Transfer-Encoding, lower case. */
  readonly encoding?: string;
  /** Bytes as transferred. */
  readonly size?: number;
  /** Content-ID without angle brackets. */
  readonly id?: string;
  readonly children?: readonly PartNode[];
  /** Set by a scanner that stopped here: parts nested deeper, or further ones, are left inside of it. */
  readonly cut?: "depth" | "count";
}

/** The parts that are the text of a message. */
export interface TextParts {
  readonly plain?: PartNode;
  readonly html?: PartNode;
}

const isBody = (node: PartNode): boolean =>
  node.disposition !== "attachment" && (node.type === "text/plain" || node.type === "text/html");

/** A Content-ID without its angle brackets. */
export const bareId = (raw: string | undefined): string | undefined => {
  const id = raw?.trim();
  return id?.startsWith("<") && id.endsWith(">") ? id.slice(1, -1).trim() : id;
};

/** The root of multipart/related: the part named by `start`, or the first (RFC 2387 §3.2). */
const relatedRoot = (node: PartNode): PartNode | undefined => {
  const start = bareId(node.params.start);
  return (start && node.children?.find((child) => child.id === start)) || node.children?.[0];
};

const textIn = (node: PartNode, depth: number): TextParts => {
  if (depth > DEPTH_LIMIT) return {};
  if (!node.children || node.type === "message/rfc822") {
    if (!isBody(node)) return {};
    return node.type === "text/html" ? { html: node } : { plain: node };
  }
  if (node.type === "multipart/related") {
    const root = relatedRoot(node);
    return root ? textIn(root, depth + 1) : {};
  }
  const children = node.children.slice(0, PART_LIMIT);
  if (node.type === "multipart/alternative") {
    // RFC 2046 §5.1.4: the last is the richest, so of each form the last one counts.
    let { plain, html }: TextParts = {};
    for (const child of children) {
      const found = textIn(child, depth + 1);
      plain = found.plain ?? plain;
      html = found.html ?? html;
    }
    return { ...(plain && { plain }), ...(html && { html }) };
  }
  // mixed, signed, report and unknown ones (RFC 2046 §5.1.7): the first part with text is the text.
  for (const child of children) {
    const found = textIn(child, depth + 1);
    if (found.plain || found.html) return found;
  }
  return {};
};

/**
 * The parts that are read as the text, of each form one: from multipart/alternative the last of each, from
 * multipart/related its root, else the first that has any. A part with disposition `attachment` and what is inside of an
 * enclosed message is no text. Both absent: the message has no text.
 */
export const chooseText = (root: PartNode): TextParts => textIn(root, 1);

interface Walk {
  readonly files: PartNode[];
  parts: number;
  tooDeep: boolean;
  tooMany: boolean;
}

const collect = (node: PartNode, text: TextParts, inAlternative: boolean, depth: number, walk: Walk): void => {
  walk.parts++;
  if (walk.parts > PART_LIMIT) {
    walk.tooMany = true;
    return;
  }
  if (node.cut === "depth" || depth > DEPTH_LIMIT) walk.tooDeep = true;
  if (node.cut === "count") walk.tooMany = true;
  if (node.children && node.type !== "message/rfc822" && depth <= DEPTH_LIMIT) {
    const alternative = node.type === "multipart/alternative";
    for (const child of node.children) {
      if (walk.parts > PART_LIMIT) return;
      collect(child, text, alternative || (inAlternative && node.type === "multipart/related"), depth + 1, walk);
    }
    return;
  }
  if (node === text.plain || node === text.html || (node.type.startsWith("multipart/") && !node.cut)) return;
  // Another rendering of the same text (text/enriched, text/x-amp-html, watch-html) is no file; an invitation is.
  if (inAlternative && node.type.startsWith("text/") && node.type !== "text/calendar" && node.disposition !== "attachment")
    return;
  walk.files.push(node);
};

const fileOf = (node: PartNode): FilePart => {
  const name = node.filename ? cleanLine(node.filename, 255) : "";
  return {
    part: node.part === "" ? "1" : node.part,
    ...(name !== "" && { name }),
    mediaType: /^[a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127}$/.test(node.type) ? node.type : "application/octet-stream",
    ...(node.size !== undefined && node.size >= 0 && { size: node.size }),
  };
};

/** {@link filesOf} and {@link structureLosses} in one walk. */
export const readFiles = (root: PartNode): { files: FilePart[]; losses: Loss[] } => {
  if (!root.children && isBody(root)) return { files: [], losses: [] };
  const walk: Walk = { files: [], parts: 0, tooDeep: false, tooMany: false };
  collect(root, chooseText(root), false, 1, walk);
  const losses: Loss[] = [];
  if (walk.tooDeep)
    losses.push({ field: "attachment", reason: `Parts nested deeper than ${DEPTH_LIMIT} are not listed one by one.` });
  if (walk.tooMany) losses.push({ field: "attachment", reason: `Parts beyond the first ${PART_LIMIT} are not listed.` });
  return { files: walk.files.map(fileOf), losses };
};

/**
 * The files of a message in the order of its parts: what is neither its text nor another rendering of it. Inline images,
 * enclosed messages (as one file) and further text parts are files. At most 1,000 parts are looked at, 100 deep; what that
 * leaves out is told by {@link structureLosses}.
 */
export const filesOf = (root: PartNode): FilePart[] => readFiles(root).files;

/** What the limits of {@link filesOf} leave out; empty for nearly every message. */
export const structureLosses = (root: PartNode): Loss[] => readFiles(root).losses;

/** A file name as it may stand in Content-Disposition `filename` or Content-Type `name`: decoded, one line, or undefined. */
export const fileName = (
  disposition: Readonly<Record<string, string>>,
  type: Readonly<Record<string, string>>,
): string | undefined => {
  const raw = disposition.filename ?? type.name;
  if (raw === undefined) return undefined;
  const name = decodeWords(raw);
  return name === "" ? undefined : cleanLine(name, 255);
};
