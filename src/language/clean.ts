/** Text of strangers made fit to stand inside a sentence: one line, no hidden characters, short, escaped. Pure. */

/**
 * Controls; what reorders text (RFC 9839 section 4, Unicode TR 36 "bidirectional text spoofing"), so that a name cannot change
 * how the rest of the sentence reads; what cannot be seen; halves of characters. The joiners U+200C and U+200D and
 * the selector U+FE0F stay: Persian and emoji need them.
 */
const hidden =
  /[[\p{Cc}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\u2028\u2029\ufff9-\ufffb]--[\u200c\u200d\ufe0f]]/gv;

/** More marks than any script stacks on one letter. */
const stacked = /(\p{M}{4})\p{M}+/gu;

const plainAscii = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/;

/** One line without controls, bidirectional marks, invisible characters and doubled white space; may be empty. */
export const clean = (text: string): string =>
  plainAscii.test(text)
    ? text
    : text.replace(/\s+/gu, " ").replace(hidden, "").replace(stacked, "$1").replace(/ {2,}/g, " ").trim();

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Text as HTML: AS2 reads `summary` as HTML (AS2 Vocabulary, summary). */
export const escaped = (text: string): string =>
  /[&<>]/.test(text) ? text.replace(/[&<>]/g, (character) => escapes[character] ?? "") : text;

/** The text of a summary again: undoes {@link escaped}. */
export const unescaped = (html: string): string =>
  html.includes("&") ? html.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&") : html;

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

/**
 * Clean text that takes at most `most` UTF-16 units once escaped; what is longer ends in `…`. Never cuts inside a character as
 * people see it.
 */
export const short = (text: string, most: number): string => {
  // Twice as much as fits is read: enough to drop what is hidden, and no 10 MB subject is searched through.
  const whole = text.length <= most * 2;
  const line = clean(whole ? text : text.slice(0, most * 2));
  if (whole && line.length <= most && escaped(line).length <= most) return line;
  let [cut, length] = [0, 0];
  while (cut < line.length && (length += escapes[line.charAt(cut)]?.length ?? 1) < most) cut += 1;
  // The segmenter is slow and not needed between letters of ASCII.
  if (!plainAscii.test(line.slice(Math.max(cut - 1, 0), cut + 1))) cut = graphemes.segment(line).containing(cut)?.index ?? cut;
  return `${line.slice(0, cut).trimEnd()}…`;
};
