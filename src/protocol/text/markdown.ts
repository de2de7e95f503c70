/**
 * CommonMark 0.31 with the strikethrough and tables of GFM, as chat suites read it.
 *
 * Data is escaped by backslashes (CommonMark §2.4). What suites make of text beside it, calls of persons and rooms, has no
 * escape all of them know: a zero width space stands behind the `@`, `#`, `~` or `:` there.
 */

import { pieces, shownAddress } from "./links.ts";
import { treeOf } from "./tree.ts";
import { BREAK, type Dialect, type DialectOptions, type Node, nodesOf, textOfNodes, write } from "./write.ts";

const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;

/** An address with nothing in it that means something here: as it is, or the same (RFC 3986 §6.2.2.2). Undefined for what is none. */
const destination = (href: string): string | undefined => {
  if (!URL.canParse(href)) return undefined;
  const { href: whole, protocol, host } = new URL(href);
  if (!/^(?:https?|mailto):$/.test(protocol)) return undefined;
  if (
    /^(?:https?:\/\/|mailto:)(?:[a-z0-9:/.?=%#+,@-]|&(?![#a-z0-9]+;)|(?<=[a-z0-9])_(?=[a-z0-9]))+$/i.test(href) &&
    !/\/.*@/.test(href)
  )
    return href;
  const from = protocol === "mailto:" ? protocol.length : whole.indexOf(host, protocol.length) + host.length;
  const rest = whole
    .slice(from)
    .replace(/[\\`*~[\]()<>|"'{}^$\s]/g, percent)
    .replace(/(?<![a-z0-9])_|_(?![a-z0-9])/gi, percent)
    .replace(/&(#?[a-z0-9]+);/gi, "&$1%3B");
  return whole.slice(0, from) + (protocol === "mailto:" ? rest : rest.replace(/@/g, percent));
};

const special = /[\\`*_[\]<>|~]|&(?=[#a-z0-9])|\$(?=\$)|(?<=\$)\$/gi;

/**
 * Calls: `@channel`, `@**all**`, `#room`, `~room`, `<!here>`, `:name:`, not within a word or an address; `~` also there, since
 * its backslash ends the word. At the end of a text what is called may follow in a style of its own.
 */
const calls = /(?<![\p{L}\p{N}._+-])(?:@(?=\S|$)|#(?=[\p{L}*]|$)|:(?=[a-z+-][a-z0-9_+-]{0,99}:))|~(?=\p{L}|$)|<(?=!|$)/giu;

/** What begins a block at the beginning of a line: heading, list, rule, underline, fence. */
const blockStart = /^(\s*)([#+=-])|^(\s*\d{1,9})([.)])/;

const escapeText = (text: string): string =>
  text.replace(calls, (call) => call + BREAK).replace(special, (character) => `\\${character}`);

interface Surrounding {
  /** The last character in front; empty at the beginning of the line. */
  readonly before: string;
  /** The characters that may follow: what a style begins with, and its text where the style is left out. None at the end. */
  readonly after: readonly string[];
}

/** Data at a place in a line. Addresses in it stand as they are: suites link them to what they show. */
const data = (text: string, { after }: Surrounding, atStart: boolean): string => {
  const safe = pieces(text)
    .map((piece) => (piece.link ? destination(piece.text) : undefined) ?? escapeText(piece.text))
    .join("");
  // In front of a link it would make an image of it.
  const escaped = after.includes("[") ? safe.replace(/!$/, "\\!") : safe;
  return atStart
    ? escaped.replace(blockStart, (_, a = "", b = "", c = "", d = "") => (b ? `${a}\\${b}` : `${c}\\${d}`))
    : escaped;
};

/** A code span (§6.1): a fence longer than any within. */
const codeSpan = (text: string): string => {
  const runs = text.match(/`+/g)?.map((run) => run.length) ?? [];
  const fence = "`".repeat(Math.max(0, ...runs.slice(0, 1_000)) + 1);
  const pad = /^`|`$|^ .* $/.test(text) ? " " : "";
  return fence + pad + text + pad + fence;
};

// Parsers look at halves of characters beyond U+FFFF: those count as what opens nothing.
const isOpen = (character: string): boolean => character === "" || (character.length === 1 && /[\s\p{P}\p{S}]/u.test(character));
const isPunctuation = (character: string): boolean => character.length > 1 || /[\p{P}\p{S}\p{Cs}]/u.test(character);

const delimiters = { strong: "**", em: "_", strike: "~~" } as const;

/**
 * Between delimiters where they can open and close (§6.2, left- and right-flanking); undefined where they would stand as they
 * are. `_` never opens within a word.
 */
const span = (inner: string, kind: keyof typeof delimiters, { before, after }: Surrounding): string | undefined => {
  const delimiter = delimiters[kind];
  if (inner === "" || /^\s|\s$/.test(inner) || before === delimiter[0] || after.includes(delimiter.charAt(0))) return undefined;
  if (inner.startsWith(delimiter[0]!) || inner.endsWith(delimiter[0]!)) return undefined;
  const strict = kind === "em";
  if ((strict || isPunctuation(inner[0] ?? "")) && !isOpen(before)) return undefined;
  if ((strict || isPunctuation(inner.at(-1) ?? "")) && !after.every(isOpen)) return undefined;
  return delimiter + inner + delimiter;
};

const lastOf = (text: string, before: string): string => (text === "" ? before : ([...text.slice(-2)].at(-1) ?? ""));

/** What a node may begin with, as written. */
const firstOf = (node: Node | undefined, after: readonly string[]): readonly string[] => {
  if (node === undefined) return after;
  if (node.kind === "text") {
    const first = String.fromCodePoint(node.run.text.codePointAt(0) ?? 32);
    return [/[*_~]/.test(first) ? "\\" : first, ...(node.run.style.code ? ["`"] : [])];
  }
  return [node.kind === "link" ? "[" : delimiters[node.kind].charAt(0), ...firstOf(node.children[0], after)];
};

const nodesText = (
  nodes: readonly Node[],
  place: Surrounding,
  atStart: boolean,
  mentions: DialectOptions["mentions"],
): string => {
  let out = "";
  nodes.forEach((node, index) => {
    const here = { before: lastOf(out, place.before), after: firstOf(nodes[index + 1], place.after) };
    out += nodeText(node, here, atStart && out === "", mentions);
  });
  return out;
};

const linkText = (
  node: Node & { kind: "link" },
  place: Surrounding,
  atStart: boolean,
  mentions: DialectOptions["mentions"],
): string => {
  const to = destination(node.href);
  const shown = textOfNodes(node.children).trim();
  const text = (): string => nodesText(node.children, place, atStart, mentions);
  if (to === undefined) return text();
  if (shown === "" || shown === node.href || shown === to) return to;
  if (shown === shownAddress(node.href)) return `[${escapeText(shown)}](${to})`;
  // A text that is itself an address, of somewhere else perhaps: both are shown.
  if (/:\/\/|^www\./i.test(shown)) return `${text()} (${to})`;
  return `[${nodesText(node.children, { before: "[", after: ["]"] }, false, mentions)}](${to})`;
};

const nodeText = (node: Node, place: Surrounding, atStart: boolean, mentions: DialectOptions["mentions"]): string => {
  if (node.kind === "text") {
    const { text, style, mention } = node.run;
    const native = mention === undefined ? undefined : mentions?.get(mention);
    if (native !== undefined) return native;
    // A bar would end the cell of a table even in code.
    return style.code && place.before !== "`" && !place.after.includes("`") && !text.includes("|")
      ? codeSpan(text)
      : data(text, place, atStart);
  }
  if (node.kind === "link") return linkText(node, place, atStart, mentions);
  const delimiter = delimiters[node.kind].charAt(0);
  const inner = nodesText(node.children, { before: delimiter, after: [delimiter] }, false, mentions);
  return span(inner, node.kind, place) ?? nodesText(node.children, place, atStart, mentions);
};

const fenced = (text: string): string[] => {
  const longest = Math.max(2, ...(text.match(/^\s*`{3,}/gm) ?? []).slice(0, 1_000).map((run) => run.trim().length));
  const fence = "`".repeat(longest + 1);
  return [fence, ...text.split("\n"), fence];
};

const markdown: Dialect = {
  line: (line, mentions) => nodesText(nodesOf(line), { before: "", after: [] }, true, mentions),
  heading: (text, level) => `${"#".repeat(level)} ${text.replace(/#+$/, (hashes) => `\\${hashes}`)}`,
  pre: fenced,
  rule: "---",
  lineEnd: "  ",
  preAtStart: false,
  table: (rows) => {
    const columns = Math.max(...rows.map((row) => row.length));
    const written = rows.map((row) => `| ${Array.from({ length: columns }, (_, index) => row[index] ?? "").join(" | ")} |`);
    return [...written.slice(0, 1), `|${" --- |".repeat(columns)}`, ...written.slice(1)];
  },
};

/**
 * Sanitised HTML as CommonMark, with `~~strike~~` and tables of GFM. Data never becomes markup, HTML, an image or an entity,
 * and calls nobody: `@channel`, `@all`, `<!here>`, `#room`, `:name:` get a zero width space (U+200B). Links to http, https and
 * mailto stay links; an address in the text stands as it is, so that a suite links it to what it shows; a link whose text is
 * another address is written as both. A style that could not be read back there is left out. Never fails; reads the first 524,288
 * characters or 20,000 tags.
 */
export const markdownOf = (html: string, options: DialectOptions = {}): string => write(treeOf(html), markdown, options);
