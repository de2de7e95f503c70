/** A tree of blocks → the lines of a dialect. What is the same in all of them is here, what differs is a {@link Dialect}. */

import type { ActorId } from "../../contract/words.ts";
import type { Block, Run, Style, TextLine } from "./tree.ts";

/** Zero width space: takes the meaning from a character in front of it or behind it where a dialect has no escape. */
export const BREAK = "\u200b";

/** How to write for one place. */
export interface DialectOptions {
  /**
   * The target's own mention for an actor, as it is written there (`@max`): put in unescaped. Default: none, everybody is
   * named by a name that calls nobody.
   */
  readonly mentions?: ReadonlyMap<ActorId, string>;
}

/** What one dialect writes. Every function escapes the data it is given. */
export interface Dialect {
  /** One line. `mentions`: see {@link DialectOptions}. */
  readonly line: (line: TextLine, mentions: ReadonlyMap<ActorId, string>) => string;
  readonly heading: (text: string, level: number) => string;
  readonly pre: (text: string) => readonly string[];
  readonly rule: string;
  /** What ends a line within a paragraph, in front of the line end. */
  readonly lineEnd: string;
  /** Preformatted lines in a list stand at the beginning of the line: the dialect knows them only there. */
  readonly preAtStart: boolean;
  readonly table: (rows: readonly (readonly string[])[]) => readonly string[];
}

/** Nodes of one line: runs, and styles around them. Each style at most once on the way down. */
export type Node =
  | { readonly kind: "text"; readonly run: Run }
  | { readonly kind: "link"; readonly href: string; readonly children: readonly Node[] }
  | { readonly kind: "strong" | "em" | "strike"; readonly children: readonly Node[] };

const order = ["href", "strong", "em", "strike"] as const;

/** White space at the ends of a run is styled only if what is on both sides is: no dialect lets a style end in a space. */
const spaced = (line: TextLine): Run[] => {
  const parts = line.flatMap((run) => {
    if (run.mention) return [run];
    const core = run.text.trim();
    if (core === "") return [run];
    const from = run.text.indexOf(core);
    return [run.text.slice(0, from), core, run.text.slice(from + core.length)]
      .filter((text) => text !== "")
      .map((text) => ({ ...run, text }));
  });
  return parts.map((run, index) => {
    if (run.text.trim() !== "") return run;
    const [a, b] = [parts[index - 1]?.style ?? {}, parts[index + 1]?.style ?? {}];
    const { strong, em, strike, href } = run.style;
    const style: Style = {
      ...(strong && a.strong && b.strong && { strong }),
      ...(em && a.em && b.em && { em }),
      ...(strike && a.strike && b.strike && { strike }),
      ...(href !== undefined && a.href === href && b.href === href && { href }),
    };
    return { ...run, style };
  });
};

const grouped = (runs: readonly Run[], level: number): Node[] => {
  const property = order[level];
  if (property === undefined) return runs.map((run) => ({ kind: "text", run }));
  const nodes: Node[] = [];
  for (let from = 0; from < runs.length; ) {
    const value = runs[from]?.style[property];
    let to = from + 1;
    while (to < runs.length && runs[to]?.style[property] === value) to++;
    const children = grouped(runs.slice(from, to), level + 1);
    if (!value) nodes.push(...children);
    else if (typeof value === "string") nodes.push({ kind: "link", href: value, children });
    else if (property !== "href") nodes.push({ kind: property, children });
    from = to;
  }
  return nodes;
};

/** The nodes of a line: links outermost, then strong, emphasis, strike. */
export const nodesOf = (line: TextLine): Node[] => grouped(spaced(line), 0);

/** The text of nodes, without any style. */
export const textOfNodes = (nodes: readonly Node[]): string =>
  nodes.map((node) => (node.kind === "text" ? node.run.text : textOfNodes(node.children))).join("");

interface Written {
  readonly text: string;
  readonly fixed?: true;
}

/** Single paragraphs, and lists below them: their items follow each other without an empty line. */
const isTight = (items: readonly (readonly Block[])[]): boolean =>
  items.every((item) => item.length <= 2 && item[0]?.kind !== "pre" && item.slice(1).every(({ kind }) => kind === "list"));

const blockLines = (block: Block, dialect: Dialect, mentions: ReadonlyMap<ActorId, string>): Written[] => {
  const line = (runs: TextLine): string => dialect.line(runs, mentions);
  switch (block.kind) {
    case "paragraph":
      return block.lines.map((runs, index) => {
        const text = line(runs);
        return { text: text !== "" && index < block.lines.length - 1 ? text + dialect.lineEnd : text };
      });
    case "heading":
      return [{ text: dialect.heading(block.lines.map(line).join(" "), block.level) }];
    case "pre":
      return dialect.pre(block.text).map((text) => ({ text, ...(dialect.preAtStart && { fixed: true as const }) }));
    case "rule":
      return [{ text: dialect.rule }];
    case "table":
      return dialect.table(block.rows.map((row) => row.map(line))).map((text) => ({ text }));
    case "quote":
      return linesOfBlocks(block.blocks, dialect, mentions).map(({ text }) => ({ text: text === "" ? ">" : `> ${text}` }));
    case "list": {
      const tight = isTight(block.items);
      return block.items.flatMap((item, index) => {
        const mark = block.start === undefined ? "- " : `${block.start + index}. `;
        const lines = linesOfBlocks(item, dialect, mentions, tight);
        const [first, ...rest] = lines;
        const indent = " ".repeat(mark.length);
        const head: Written[] = first?.fixed ? [{ text: mark.trimEnd() }, first] : [{ text: mark + (first?.text ?? "") }];
        const tail = rest.map(
          (written): Written => (written.fixed || written.text === "" ? written : { text: indent + written.text }),
        );
        return [...(index > 0 && !tight ? [{ text: "" }] : []), ...head, ...tail];
      });
    }
  }
};

const linesOfBlocks = (
  blocks: readonly Block[],
  dialect: Dialect,
  mentions: ReadonlyMap<ActorId, string>,
  tight = false,
): Written[] =>
  blocks.flatMap((block, index) => [...(index > 0 && !tight ? [{ text: "" }] : []), ...blockLines(block, dialect, mentions)]);

const nobody: ReadonlyMap<ActorId, string> = new Map();

/** All blocks in a dialect, an empty line between them. */
export const write = (blocks: readonly Block[], dialect: Dialect, { mentions = nobody }: DialectOptions): string =>
  linesOfBlocks(blocks, dialect, mentions)
    .map(({ text }) => text)
    .join("\n");
