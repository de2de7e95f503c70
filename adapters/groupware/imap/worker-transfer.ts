/**
 * What was read of messages as one JSON text and one block of bytes, to cross from thread to thread. A structured clone of
 * the rows would copy a whole pool for each small buffer and take longer than reading them.
 */

import type { PartNode, ShownText } from "groupstream/protocol/mail";
import type { Raw, Raws } from "./messages.ts";

/** Packed {@link Raws}. */
export interface Packed {
  readonly json: string;
  readonly bytes: ArrayBuffer;
}

/** Where bytes are in the block. */
type Span = readonly [at: number, length: number];

interface PackedRow {
  readonly uid: number;
  readonly size?: number;
  /** ms, or the text of a date that cannot be read. */
  readonly date?: number | string;
  readonly flags?: readonly string[];
  readonly labels?: readonly string[];
  readonly modseq?: string;
  readonly emailId?: string;
  readonly threadId?: string;
  readonly structure?: PartNode;
  readonly text?: ShownText;
  readonly headers?: Span;
  readonly results?: readonly string[];
  readonly parts?: readonly (readonly [node: PartNode, bytes?: Span])[];
}

interface PackedRaws {
  readonly rows: readonly PackedRow[];
  readonly broken: readonly number[];
  readonly silent: readonly number[];
}

export const pack = ({ read, broken, silent }: Raws): Packed => {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const span = (piece: Uint8Array): Span => {
    pieces.push(piece);
    length += piece.byteLength;
    return [length - piece.byteLength, piece.byteLength];
  };
  const rows = [...read].map(([uid, { row, structure, text, enclosed }]): PackedRow => {
    const { size, internalDate, flags, labels, modseq, emailId, threadId, headers } = row;
    return {
      uid,
      ...(size !== undefined && { size }),
      ...(internalDate !== undefined && { date: internalDate instanceof Date ? internalDate.getTime() : internalDate }),
      ...(flags && { flags: [...flags] }),
      ...(labels && { labels: [...labels] }),
      ...(modseq !== undefined && { modseq: modseq.toString() }),
      ...(emailId !== undefined && { emailId }),
      ...(threadId !== undefined && { threadId }),
      ...(structure && { structure }),
      ...(text && { text }),
      ...(headers && { headers: span(headers) }),
      ...(enclosed && {
        results: enclosed.results,
        parts: enclosed.parts.map(({ node, bytes }) => (bytes ? ([node, span(bytes)] as const) : ([node] as const))),
      }),
    };
  });
  const packed: PackedRaws = { rows, broken: [...broken], silent: [...silent] };
  const block = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    block.set(piece, at);
    at += piece.byteLength;
  }
  return { json: JSON.stringify(packed), bytes: block.buffer };
};

/** The bytes of what comes out are views of the block. */
export const unpack = ({ json, bytes }: Packed): Raws => {
  const { rows, broken, silent } = JSON.parse(json) as PackedRaws;
  const piece = ([at, length]: Span): Buffer => Buffer.from(bytes, at, length);
  const read = new Map<number, Raw>();
  for (const { uid, size, date, flags, labels, modseq, emailId, threadId, structure, text, headers, results, parts } of rows) {
    read.set(uid, {
      row: {
        uid,
        ...(size !== undefined && { size }),
        ...(date !== undefined && { internalDate: typeof date === "number" ? new Date(date) : date }),
        ...(flags && { flags: new Set(flags) }),
        ...(labels && { labels: new Set(labels) }),
        ...(modseq !== undefined && { modseq: BigInt(modseq) }),
        ...(emailId !== undefined && { emailId }),
        ...(threadId !== undefined && { threadId }),
        ...(headers && { headers: piece(headers) }),
      },
      ...(structure && { structure }),
      ...(text && { text }),
      ...(parts && {
        enclosed: {
          results: results ?? [],
          parts: parts.map(([node, at]) => ({ node, ...(at && { bytes: piece(at) }) })),
        },
      }),
    });
  }
  return { read, broken: new Set(broken), silent: new Set(silent) };
};
