/**
 * What the HTML of a reply says about its lines: which are quoted, which are a signature. Works on sanitised HTML, where only
 * elements are left, and on HTML as sent, whose classes and ids name more.
 */

import { Parser } from "htmlparser2";
import type { Mark } from "./lines.ts";

/** Most HTML that is read, in characters and tags; of more only the beginning gives evidence. */
const HTML_LIMIT = 1024 * 1024;
const TAG_LIMIT = 20_000;

const blocks = new Set(
  "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html li main ol p pre section summary table tbody td tfoot th thead tr ul".split(
    " ",
  ),
);
/** Elements whose text is not shown. */
const unshown = new Set(["head", "script", "style", "template", "title", "noscript"]);

type Attributes = Readonly<Record<string, string>>;

const words = (value: string | undefined): readonly string[] => value?.split(/\s+/) ?? [];

/**
 * Classes, ids and names of elements that hold a quotation or introduce one: Gmail, Thunderbird, Yahoo, Proton, Tuta, Outlook
 * for Mac; GMX and web.de have a `div` by name. The `gmail_quote` around is none: answers between quotations are in it.
 */
const quoting = new Set(
  "gmail_attr moz-cite-prefix moz-email-headers-table yahoo_quoted protonmail_quote tutanota_quote OutlookMessageHeader".split(
    " ",
  ),
);
/** After these all is older mail: Outlook (web, phone, new), Zimbra. */
const last = new Set(["divRplyFwdMsg", "appendonsend", "zwchr", "mail-editor-reference-message-container"]);
const signing = new Set(
  "gmail_signature gmail_signature_prefix moz-signature AppleMailSignature Signature ms-outlook-mobile-signature composer_signature tutanota_signature protonmail_signature_block".split(
    " ",
  ),
);

const has = (attributes: Attributes, names: ReadonlySet<string>): boolean =>
  [...words(attributes.class), attributes.id ?? ""].some((name) => names.has(name.replace(/^x_/, "")));

/** Mail programs indent by a `blockquote` without a border: no quotation unless it says so. */
const isIndent = ({ style, type }: Attributes): boolean =>
  type !== "cite" && /border(?:-width)?:\s*(?:none|0)/i.test(style ?? "");

const marksOf = (name: string, attributes: Attributes): Mark | "last" | undefined => {
  // Word, and so Outlook, draws a line above the fields it repeats: the only mark that its replies have.
  if (has(attributes, last) || /border-top:\s*solid #(?:e1e1e1|b5c4df) 1\.0pt/i.test(attributes.style ?? "")) return "last";
  if (has(attributes, quoting) || (name === "div" && attributes.name === "quote")) return "quote";
  if (name === "blockquote") return isIndent(attributes) ? undefined : "quote";
  return has(attributes, signing) ? "signature" : undefined;
};

/** The HTML up to its 20,000th tag: a parser walks up what is open at many a tag. */
const bounded = (html: string): string => {
  let index = -1;
  for (let tags = 0; tags <= TAG_LIMIT; tags++) if ((index = html.indexOf("<", index + 1)) < 0) return html.slice(0, HTML_LIMIT);
  return html.slice(0, Math.min(index, HTML_LIMIT));
};

/** One line as shown, white space collapsed. */
export interface HtmlLine {
  readonly text: string;
  readonly mark: Mark;
}

/** The lines HTML shows, with what each is of; empty lines left out. Never fails. */
export const linesOfHtml = (html: string): HtmlLine[] => {
  const lines: HtmlLine[] = [];
  const open: (Mark | "unshown" | undefined)[] = [];
  const count = { quote: 0, signature: 0, unshown: 0, own: 0 };
  let [text, older, pre] = ["", false, 0];
  const end = (): void => {
    const shown = pre > 0 ? text.trimEnd() : text.replace(/\s+/g, " ").trim();
    const mark = older || count.quote > 0 ? "quote" : count.signature > 0 ? "signature" : "own";
    if (shown.trim() !== "") lines.push({ text: shown, mark });
    text = "";
  };
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        const mark = unshown.has(name) ? "unshown" : marksOf(name, attributes);
        if (blocks.has(name) || name === "br" || mark !== undefined) end();
        if (mark === "last") older = true;
        const counted = mark === "last" ? undefined : mark;
        if (counted !== undefined) count[counted]++;
        if (name === "pre") pre++;
        open.push(counted);
      },
      onclosetag(name) {
        const mark = open.pop();
        if (blocks.has(name) || mark !== undefined) end();
        if (mark !== undefined) count[mark]--;
        if (name === "pre") pre--;
      },
      ontext(data) {
        if (count.unshown > 0) return;
        if (pre === 0) {
          text += data;
          return;
        }
        const [first = "", ...rest] = data.split("\n");
        text += first;
        for (const line of rest) {
          end();
          text = line;
        }
      },
    },
    { decodeEntities: true, lowerCaseTags: true, lowerCaseAttributeNames: true },
  );
  parser.end(bounded(html));
  end();
  return lines;
};

/** The lines as plain text, what is quoted behind `> `. */
export const textOfLines = (lines: readonly HtmlLine[]): { text: string; marks: Mark[] } => ({
  text: lines.map(({ text, mark }) => (mark === "quote" ? `> ${text}` : text)).join("\n"),
  marks: lines.map(({ mark }) => mark),
});

/** Letters and digits: what plain text and HTML of one mail have in common; links, emphasis and wrapping differ. */
const key = (text: string): string => text.replace(/[^\p{L}\p{N}]+/gu, "");

/** Most lines that are looked for, how far ahead in letters, and how many letters of a line. */
const SOUGHT_LINES = 5_000;
const AHEAD = 2_000;
const SOUGHT = 48;

/** For each line of a plain text what the HTML beside it says it is of; `own` where it is not found. */
export const marksBeside = (text: string, lines: readonly HtmlLine[]): Mark[] => {
  const keys = lines.map((line) => key(line.text));
  const letters = keys.join("");
  const starts: number[] = [];
  let total = 0;
  for (const part of keys) {
    starts.push(total);
    total += part.length;
  }
  let [at, line] = [0, 0];
  return text.split(/\r\n|\r|\n/).map((shown, index) => {
    const sought = index < SOUGHT_LINES ? key(shown.slice(0, 4 * SOUGHT)).slice(0, SOUGHT) : "";
    if (sought.length < 2) return "own";
    const found = letters.slice(at, at + AHEAD).indexOf(sought);
    if (found < 0) return "own";
    while (line + 1 < starts.length && (starts[line + 1] ?? total) <= at + found) line++;
    at += found + sought.length;
    return lines[line]?.mark ?? "own";
  });
};
