/** Which bytes of a message its text takes, and what may be kept of them: the same for every source that can read ranges. */

import type { Read } from "../../contract/adapter.ts";
import { decodePart } from "./part.ts";
import { chooseText, type PartNode } from "./structure.ts";
import { type ShownText, shownOf, textOf } from "./text.ts";

/** Bytes read of a text part: for a preview of plain text, of HTML (whose head is style), and at most. */
const PLAIN_PREVIEW = 8 * 1024;
const HTML_PREVIEW = 32 * 1024;
/** 1 MiB of text, encoded by base64. */
const TEXT_BYTES = 1_440_000;

/** One text part to read, and how much of it. */
export interface TextWant {
  readonly node: PartNode;
  /** Bytes as transferred, from its beginning. */
  readonly bytes: number;
}

/**
 * Which bytes the text takes: none for `none`; of a preview the first 8 KiB of plain text, or 32 KiB of HTML where that is the
 * text; else at most 1,440,000 bytes of each.
 */
export const textWants = (structure: PartNode | undefined, read: Pick<Read, "text" | "digest">): TextWant[] => {
  if (!structure || (read.text === "none" && !read.digest)) return [];
  const { plain, html } = chooseText(structure);
  if (read.text === "full" || read.digest) return [plain, html].flatMap((node) => (node ? [{ node, bytes: TEXT_BYTES }] : []));
  const wants: TextWant[] = [];
  if (plain) wants.push({ node: plain, bytes: PLAIN_PREVIEW });
  // "This mail can only be read in a browser": the HTML is the text then.
  const stub = plain?.size !== undefined && html?.size !== undefined && plain.size * 10 < html.size;
  if (html && (!plain || stub)) wants.push({ node: html, bytes: HTML_PREVIEW });
  return wants;
};

/** Text parts by part number, as transferred. */
export type TextBytes = ReadonlyMap<string, Uint8Array>;

/** What of the bytes that {@link textWants} asked for may be kept; nothing where none were wanted. */
export const readText = (structure: PartNode | undefined, bytes: TextBytes, read: Pick<Read, "text" | "digest">): ShownText => {
  if (!structure || (read.text === "none" && !read.digest)) return {};
  const wants = textWants(structure, read);
  const decoded = (type: string): string | undefined => {
    const want = wants.find(({ node }) => node.type === type);
    const part = want && bytes.get(want.node.part);
    return want && part ? decodePart(part, want.node) : undefined;
  };
  const [plain, html] = [decoded("text/plain"), decoded("text/html")];
  const whole = textOf({ ...(plain !== undefined && { plain }), ...(html !== undefined && { html }) });
  // A server may be wrong about the size: what fills its bound may go on behind it.
  const cut = wants.some(({ node, bytes: limit }) => (node.size ?? 0) > limit || (bytes.get(node.part)?.length ?? 0) >= limit);
  return shownOf(whole, read, cut);
};
