/** Plain text: no markup at all, so nothing is escaped. */

import { shownAddress } from "./links.ts";
import { treeOf } from "./tree.ts";
import { type Dialect, type DialectOptions, type Node, nodesOf, textOfNodes, write } from "./write.ts";

const nodeText = (node: Node, mentions: DialectOptions["mentions"]): string => {
  if (node.kind === "text") return (node.run.mention && mentions?.get(node.run.mention)) ?? node.run.text;
  const text = node.children.map((child) => nodeText(child, mentions)).join("");
  if (node.kind !== "link") return text;
  const address = shownAddress(node.href);
  const shown = textOfNodes(node.children).trim();
  if (shown === "") return address;
  return shown === address || shown === node.href || `${shown}/` === address ? text : `${text} (${address})`;
};

const plain: Dialect = {
  line: (line, mentions) =>
    nodesOf(line)
      .map((node) => nodeText(node, mentions))
      .join(""),
  heading: (text) => text,
  pre: (text) => text.split("\n"),
  rule: "---",
  lineEnd: "",
  preAtStart: false,
  table: (rows) => rows.map((row) => row.join(" | ").trimEnd()),
};

/**
 * Sanitised HTML as plain text that still says all of it: links as `text (address)`, lists with `- ` and `1. `, quotations
 * behind `> `, rows of tables with ` | ` between cells, an empty line between paragraphs. Never fails; reads the first 524,288
 * characters or 20,000 tags.
 */
export const plainOf = (html: string, options: DialectOptions = {}): string => write(treeOf(html), plain, options);
