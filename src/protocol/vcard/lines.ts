/**
 * Content lines of vCards: RFC 6350 §3.2 and §3.3, with the line breaks that vCard 2.1 and careless writers leave inside of a value.
 */

/** One logical line: unfolded, without its line end. */
export interface CardLine {
  /** The physical line it begins in, from 1. */
  readonly number: number;
  /** Empty where the line is longer than the limit. */
  readonly text: string;
  readonly tooLong: boolean;
}

const softly = /;(?:encoding=)?"?quoted-printable"?(?:;|$)/i;
const asBase64 = /;(?:encoding=)?(?:b|base64)(?:;|$)/i;
const base64Line = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * The logical lines in their order, empty ones left out. Besides folding (a line that begins with a space or tab goes on the one before) two
 * breaks of vCard 2.1 are read: a quoted-printable value goes on after `=` at the end of a line, and base64 goes on without any
 * indentation, as Outlook and old phones write it.
 *
 * @param limit  most characters of a logical line; a longer one is given without its text
 */
export function* logicalLines(text: string, limit: number): Generator<CardLine> {
  let [number, begun, size] = [0, 0, 0];
  let first: string | undefined;
  let more: string[] = [];
  let [quotedPrintable, base64] = [false, false];
  const take = (): CardLine => {
    const text = size > limit || first === undefined ? "" : more.length === 0 ? first : first + more.join("");
    return { number: begun, text, tooLong: size > limit };
  };

  for (let start = 0; start < text.length; ) {
    let end = text.indexOf("\n", start);
    if (end < 0) end = text.length;
    const physical = text.slice(start, text.charCodeAt(end - 1) === 0x0d && end > start ? end - 1 : end);
    start = end + 1;
    number++;

    const softBreak = quotedPrintable && (more.at(-1) ?? first ?? "").endsWith("=");
    const folded = physical.startsWith(" ") || physical.startsWith("\t");
    if (first !== undefined && (softBreak || folded || (base64 && base64Line.test(physical)))) {
      const piece = folded && !softBreak ? physical.slice(1) : physical;
      if (softBreak && more.length > 0) more.push(more.pop()!.slice(0, -1));
      else if (softBreak) first = first.slice(0, -1);
      size += piece.length;
      if (size <= limit) more.push(piece);
      continue;
    }
    if (first !== undefined) yield take();
    const blank = physical.trim() === "";
    [first, size, begun] = [blank ? undefined : physical.trimStart(), physical.length, number];
    if (more.length > 0) more = [];
    const head = blank ? "" : physical.slice(0, Math.max(0, Math.min(physical.indexOf(":"), 1_000)));
    quotedPrintable = softly.test(head);
    base64 = asBase64.test(head);
  }
  if (first !== undefined) yield take();
}
