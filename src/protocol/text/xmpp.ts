/**
 * Message Styling (XEP-0393): `*strong*`, `_emphasis_`, `~strike~`, `` `code` ``, fenced blocks and `>` quotations.
 *
 * It has no escape. A directive opens a span only at the beginning of a line, behind white space or behind another opening
 * directive, and in front of something that is no white space (§5.2): a zero width space in front of it takes that away.
 */

import { shownAddress } from "./links.ts";
import { treeOf } from "./tree.ts";
import { BREAK, type Dialect, type DialectOptions, type Node, nodesOf, textOfNodes, write } from "./write.ts";

const directives = { strong: "*", em: "_", strike: "~" } as const;

/** What stands in front: nothing or white space, an opening directive of ours, or anything else. */
type Before = "open" | "closed";

const beforeEnd = (text: string, before: Before): Before => (text === "" ? before : /\s$/.test(text) ? "open" : "closed");

/** Data in which no directive opens a span and no line is a quotation. */
const data = (text: string, before: Before, atStart: boolean): string => {
  const calm = text.replace(/(^|\s)([*_~`])/g, (whole, space: string, directive: string, index: number) =>
    index === 0 && space === "" && before === "closed" ? whole : space + BREAK + directive,
  );
  return atStart && calm.startsWith(">") ? BREAK + calm : calm;
};

interface Surrounding {
  readonly before: Before;
  /** Nothing stands in front on this line. */
  readonly atStart: boolean;
  /** The first character behind; empty at the end of the line. */
  readonly after: string;
}

const firstOf = (nodes: readonly Node[], after: string): string => textOfNodes(nodes).charAt(0) || after;

const nodesText = (nodes: readonly Node[], place: Surrounding, mentions: DialectOptions["mentions"]): string => {
  let [out, before] = ["", place.before];
  nodes.forEach((node, index) => {
    const next = nodes[index + 1];
    const after = next ? firstOf([next], place.after) : place.after;
    const text = nodeText(node, { before, atStart: place.atStart && out === "", after }, mentions);
    before = beforeEnd(text, before);
    out += text;
  });
  return out;
};

const isWord = (character: string): boolean => /[\p{L}\p{N}]/u.test(character);

/** Between directives; undefined where the dialect could not read it back: then the text stands without the style. */
const span = (inner: string, directive: string, { before, after }: Surrounding): string | undefined =>
  before === "open" && inner !== "" && !/^\s|\s$/.test(inner) && !inner.includes(directive) && !isWord(after)
    ? directive + inner + directive
    : undefined;

const nodeText = (node: Node, place: Surrounding, mentions: DialectOptions["mentions"]): string => {
  if (node.kind === "text") {
    const { text, style, mention } = node.run;
    const native = mention === undefined ? undefined : mentions?.get(mention);
    if (native !== undefined) return native;
    return (style.code && span(text, "`", place)) || data(text, place.before, place.atStart);
  }
  if (node.kind !== "link") {
    const inner = nodesText(node.children, { before: "open", atStart: false, after: "" }, mentions);
    return span(inner, directives[node.kind], place) ?? nodesText(node.children, place, mentions);
  }
  const address = shownAddress(node.href);
  const shown = textOfNodes(node.children).trim();
  if (shown === "") return address;
  const text = nodesText(node.children, { ...place, after: " " }, mentions);
  return shown === address || shown === node.href ? text : `${text} (${address})`;
};

const xmpp: Dialect = {
  line: (line, mentions) => nodesText(nodesOf(line), { before: "open", atStart: true, after: "" }, mentions),
  heading: (text) => text,
  // A line that is indented before its marks is code to XEP-0393 (section 5.1.2), and an end to those who read Markdown.
  pre: (text) => ["```", ...text.split("\n").map((line) => (/^[> ]*```/.test(line) ? BREAK + line : line)), "```"],
  rule: "---",
  lineEnd: "",
  preAtStart: true,
  table: (rows) => rows.map((row) => row.join(" | ").trimEnd()),
};

/**
 * Sanitised HTML in Message Styling (XEP-0393). Text that looks like styling, a quotation or a command (`/me `) gets a zero
 * width space (U+200B) and stays text; a style the dialect cannot say there (within a word, over its own directive) is left
 * out. Links as `text (address)`, lists and tables as in plain text. Never fails; reads the first 524,288 characters or 20,000
 * tags.
 */
export const xmppOf = (html: string, options: DialectOptions = {}): string => {
  const text = write(treeOf(html), xmpp, options);
  // XEP-0245: the beginning of a message alone makes it an action of the sender.
  return text.startsWith("/me ") ? BREAK + text : text;
};
