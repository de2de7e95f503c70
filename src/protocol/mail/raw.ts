/**
 * A raw message → its header fields and the tree of its parts with byte ranges, in one pass and without keeping its bytes.
 *
 * The parsers of npm give decoded contents, all in memory; here only the places are wanted, so that a message of 100 MB
 * costs the memory of a chunk and any part can be streamed later. Only lines that begin with `--` matter: between them
 * the search is a memory search. Enclosed messages are one part; nothing inside of them is scanned.
 */

import { boundaryOf, type PartFacts, partFacts } from "./content-type.ts";
import { type Headers, parseHeaders } from "./headers.ts";
import { DEPTH_LIMIT, PART_LIMIT, type PartNode } from "./structure.ts";

/** A part with its place in the raw message: `start` to `end` (exclusive), bytes as transferred, without its header. */
export interface RawPart extends PartNode {
  readonly size: number;
  readonly start: number;
  readonly end: number;
  readonly children?: readonly RawPart[];
}

/** A message as scanned. */
export interface ScannedMail {
  readonly headers: Headers;
  readonly structure: RawPart;
}

/** A scan in progress: any number of chunks of any size in order, then `end`. */
export interface MailScan {
  /** The next bytes; none of them is kept, so the caller may use their memory again. */
  push(chunk: Uint8Array): void;
  /** No more bytes: the structure that was found. */
  end(): ScannedMail;
}

const HEAD_LIMIT = 2 * 1024 * 1024;
/** Longest line that can be a delimiter: `--`, 250 characters, `--`, transport padding. */
const LINE_LIMIT = 400;
/** Lines that begin like a delimiter and are none, after which the rest is no mail but an attack. */
const MISS_LIMIT = 2_000_000;
const NEWLINE = 0x0a;

interface Open {
  readonly facts: PartFacts;
  readonly part: string;
  readonly depth: number;
  readonly boundary: string | undefined;
  readonly children: RawPart[];
  readonly start: number;
  cut?: "depth" | "count";
}

const close = (node: Open, end: number): RawPart => {
  const range = { start: node.start, end: Math.max(node.start, end), size: Math.max(0, end - node.start) };
  const { facts, part, cut } = node;
  const numbered = part === "" && node.children.length === 0 ? "1" : part;
  if (node.children.length > 0) return { ...facts, part, ...range, children: node.children, ...(cut && { cut }) };
  // A multipart without a single delimiter is what a broken sender made of a plain text (Dovecot shows an empty part).
  const type = facts.type.startsWith("multipart/") && !cut ? "text/plain" : facts.type;
  return { ...facts, type, part: numbered, ...range, ...(cut && { cut }) };
};

/** The scan of `scanMail`, chunk by chunk; holds no more than one header block and one chunk. */
export const mailScan = (): MailScan => {
  const stack: Open[] = [];
  let delimiters = new Map<string, number>();
  let root: { headers: Headers; part: RawPart | undefined } | undefined;
  /** What still waits for more bytes is at the beginning of it: always the same memory, new pieces of 100 MB are not freed in time. */
  let work: Buffer = Buffer.alloc(0);
  let waiting = 0;
  let offset = 0;
  let mode: "head" | "body" | "done" = "head";
  /** Where the header block begins that is being read. */
  let head = 0;
  let parts = 0;
  let misses = 0;

  const remap = (): void => {
    delimiters = new Map();
    for (const [level, node] of stack.entries()) {
      if (node.boundary === undefined) continue;
      delimiters.set(`--${node.boundary}`, level);
      delimiters.set(`--${node.boundary}--`, ~level);
    }
  };

  const pop = (end: number): void => {
    const node = close(stack.pop()!, end);
    const parent = stack.at(-1);
    if (parent) parent.children.push(node);
    else if (root) root.part = node;
  };

  /** A header block ended: the part whose body begins at `start` is open. */
  const opened = (block: Uint8Array, start: number): void => {
    const headers = parseHeaders(block);
    const parent = stack.at(-1);
    const facts = partFacts(headers, parent?.facts.type === "multipart/digest");
    const number = parent ? `${parent.children.length + 1}` : "";
    const part = parent && parent.part !== "" ? `${parent.part}.${number}` : number;
    const depth = stack.length + 1;
    const boundary = boundaryOf(facts);
    const tooDeep = boundary !== undefined && depth >= DEPTH_LIMIT;
    root ??= { headers, part: undefined };
    stack.push({
      facts,
      part,
      depth,
      boundary: tooDeep ? undefined : boundary,
      children: [],
      start,
      ...(tooDeep && { cut: "depth" as const }),
    });
    remap();
    parts++;
    mode = delimiters.size === 0 ? "done" : "body";
  };

  /** A delimiter of the open multipart at `level`: what was open inside of it ended at `end`; `next` follows the line. */
  const delimited = (level: number, last: boolean, end: number, next: number): void => {
    while (stack.length > level + 1) pop(end);
    const node = stack[level]!;
    // After the last delimiter comes an epilogue, until one of a multipart around it.
    if (last) stack[level] = { ...node, boundary: undefined };
    remap();
    if (!last && parts >= PART_LIMIT) {
      node.cut = "count";
      mode = "done";
    } else if (last) mode = delimiters.size === 0 ? "done" : "body";
    else {
      mode = "head";
      head = next;
    }
  };

  /** The level a line delimits, `~level` for a last one, undefined for any other line. */
  const levelOf = (buffer: Buffer, from: number, to: number): number | undefined =>
    to - from > LINE_LIMIT ? undefined : delimiters.get(buffer.toString("latin1", from, to).trimEnd());

  /** Goes on to the next delimiter, or to where more bytes are needed. The byte before `at` is there and ends a line. */
  const throughBody = (buffer: Buffer, at: number, final: boolean): number => {
    const found = buffer.indexOf("\n--", at - 1, "latin1");
    if (found < 0) return Math.max(at, buffer.length - 1);
    const line = found + 1;
    const newline = buffer.indexOf(NEWLINE, line);
    if (newline < 0 && !final && buffer.length - line <= LINE_LIMIT) return line;
    const stop = newline < 0 ? buffer.length : newline;
    const level = levelOf(buffer, line, stop);
    if (level === undefined) {
      if (++misses > MISS_LIMIT) {
        stack.at(-1)!.cut = "count";
        mode = "done";
      }
      return line + 1;
    }
    const next = Math.min(stop + 1, buffer.length);
    delimited(level < 0 ? ~level : level, level < 0, offset + (buffer[found - 1] === 0x0d ? found - 1 : found), offset + next);
    return next;
  };

  /** Goes on by one line of a header block. */
  const throughHead = (buffer: Buffer, at: number, final: boolean): number => {
    const begin = head - offset;
    const newline = buffer.indexOf(NEWLINE, at);
    const tooLong = (newline < 0 ? buffer.length : newline) - begin > HEAD_LIMIT;
    if (newline < 0 && !final && !tooLong) return at;
    const stop = newline < 0 ? buffer.length : newline;
    // A part without an empty line has no body, and the delimiter counts.
    if (stack.length > 0 && buffer[at] === 0x2d && levelOf(buffer, at, stop) !== undefined) {
      opened(buffer.subarray(begin, at), offset + at);
      return at;
    }
    const next = Math.min(stop + 1, buffer.length);
    const empty = stop === at || (stop === at + 1 && buffer[at] === 0x0d);
    if (empty || newline < 0 || tooLong) opened(buffer.subarray(begin, next), offset + next);
    return next;
  };

  let at = 0;
  const feed = (chunk: Uint8Array, final: boolean): void => {
    const length = waiting + chunk.byteLength;
    if (length > work.length) work = Buffer.concat([work.subarray(0, waiting)], 2 * length);
    work.set(chunk, waiting);
    const buffer = work.subarray(0, length);
    while (mode !== "done") {
      const before = mode;
      const next = mode === "head" ? throughHead(buffer, at, final) : throughBody(buffer, at, final);
      const stuck = next === at && mode === before;
      at = next;
      if (stuck) break;
    }
    // Of a header block everything is wanted, of a body the two bytes before a line that waits for its end.
    const keep = mode === "done" ? buffer.length : mode === "head" ? head - offset : Math.max(0, at - 2);
    work.copyWithin(0, keep, length);
    waiting = length - keep;
    offset += keep;
    at -= keep;
  };

  return {
    push: (chunk) => {
      if (mode === "done") offset += chunk.byteLength;
      else feed(chunk, false);
    },
    end: () => {
      if (mode !== "done") feed(new Uint8Array(0), true);
      const length = offset + waiting;
      if (!root) opened(new Uint8Array(0), length);
      while (stack.length > 0) pop(length);
      return { headers: root!.headers, structure: root!.part! };
    },
  };
};

/**
 * The header fields and parts of a raw message. Never fails: what is broken is a part as it stands. Parts nested deeper than
 * 100 and parts beyond the first 1,000 stay inside of a part marked `cut`.
 */
export const scanMail = (bytes: Uint8Array): ScannedMail => {
  const scan = mailScan();
  scan.push(bytes);
  return scan.end();
};

/** The bytes of a part as transferred: a view on `bytes`, no copy. */
export const partBytes = (bytes: Uint8Array, part: RawPart): Uint8Array => bytes.subarray(part.start, part.end);

/** The part with this number, or undefined. */
export const partOf = (root: RawPart, part: string): RawPart | undefined => {
  if (root.part === part && part !== "") return root;
  const child = root.children?.find((one) => part === one.part || part.startsWith(`${one.part}.`));
  return child && partOf(child, part);
};
