/** Sanitised HTML → a small tree of blocks and styled runs of text, from which every dialect is written. */

import { Parser } from "htmlparser2";
import type { ActorId } from "../../contract/words.ts";
import { cleanText } from "./characters.ts";
import { CONVERTED_LIMIT } from "./html-to-text.ts";
import { mentionId } from "./links.ts";

/** How a run is shown. Data only: a renderer decides what of it its dialect can say. */
export interface Style {
  readonly strong?: boolean;
  readonly em?: boolean;
  readonly strike?: boolean;
  readonly code?: boolean;
  /** http, https or mailto. */
  readonly href?: string;
}

/** Text of one line in one style; `mention`: it names this actor. */
export interface Run {
  readonly text: string;
  readonly style: Style;
  readonly mention?: ActorId;
}

/** A line of runs; white space collapsed, none at its ends. */
export type TextLine = readonly Run[];

/** What a message is made of. */
export type Block =
  | { readonly kind: "paragraph"; readonly lines: readonly TextLine[] }
  | { readonly kind: "heading"; readonly level: number; readonly lines: readonly TextLine[] }
  | { readonly kind: "pre"; readonly text: string }
  | { readonly kind: "rule" }
  | { readonly kind: "quote"; readonly blocks: readonly Block[] }
  | { readonly kind: "list"; readonly start?: number; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: "table"; readonly rows: readonly (readonly TextLine[])[] };

/** Most tags that are read, and deepest quotation or list; deeper ones lose their marks, not their text. */
const TAG_LIMIT = 20_000;
const DEPTH_LIMIT = 20;

const blocks = new Set(
  "address article aside caption center dd details div dl dt figcaption figure footer header main p section summary".split(" "),
);
const unshown = new Set(["head", "script", "style", "template", "title", "noscript"]);
const styles: Readonly<Record<string, "strong" | "em" | "strike" | "code">> = {
  b: "strong",
  strong: "strong",
  em: "em",
  i: "em",
  cite: "em",
  var: "em",
  s: "strike",
  strike: "strike",
  del: "strike",
  code: "code",
  kbd: "code",
  samp: "code",
  tt: "code",
};

const bounded = (html: string): string => {
  let index = -1;
  for (let tags = 0; tags <= TAG_LIMIT; tags++)
    if ((index = html.indexOf("<", index + 1)) < 0) return html.slice(0, CONVERTED_LIMIT).toWellFormed();
  return html.slice(0, Math.min(index, CONVERTED_LIMIT)).toWellFormed();
};

type Container =
  | { readonly kind: "root" | "quote" | "item" | "cell"; readonly blocks: Block[] }
  | { readonly kind: "list"; readonly start?: number; readonly items: Block[][] }
  | { readonly kind: "table"; readonly rows: Block[][][] };

const sameStyle = (a: Style, b: Style): boolean =>
  a.strong === b.strong && a.em === b.em && a.strike === b.strike && a.code === b.code && a.href === b.href;

/** Lines without white space at their ends, doubled white space, and runs that could be one. */
const tidy = (lines: readonly (readonly Run[])[]): TextLine[] => {
  const tidied = lines.map((line) => {
    const runs: Run[] = [];
    for (const run of line) {
      const before = runs.at(-1);
      let text = run.text;
      if (before === undefined || before.text.endsWith(" ")) text = text.replace(/^ +/, "");
      if (text === "") continue;
      if (before && !before.mention && !run.mention && sameStyle(before.style, run.style))
        runs[runs.length - 1] = { ...before, text: before.text + text };
      else runs.push({ ...run, text });
    }
    for (let last = runs.at(-1); last && last.text.trimEnd() !== last.text; last = runs.at(-1)) {
      const text = last.text.trimEnd();
      runs.pop();
      if (text !== "") runs.push({ ...last, text });
    }
    return runs;
  });
  while (tidied[0]?.length === 0) tidied.shift();
  while (tidied.at(-1)?.length === 0) tidied.pop();
  return tidied;
};

/** The one paragraph of a cell; undefined where there is more in it, as in tables that only lay out. */
const cellLine = (cell: readonly Block[]): TextLine | undefined => {
  const [only, ...rest] = cell;
  if (only === undefined) return [];
  if (only.kind !== "paragraph" || rest.length > 0) return undefined;
  return only.lines.flatMap((line, index) => (index === 0 ? line : [{ text: " ", style: {} }, ...line]));
};

/** A table of data, or what its cells hold where it only lays out: mail is laid out by tables. */
const tableOf = (rows: readonly (readonly (readonly Block[])[])[]): Block[] => {
  const lines = rows.map((row) => row.map(cellLine));
  const columns = Math.max(0, ...lines.slice(0, 1_000).map((row) => row.length));
  if (rows.length < 2 || columns < 2 || columns > 50 || lines.some((row) => row.includes(undefined))) return rows.flat(2);
  return [{ kind: "table", rows: lines.map((row) => row.map((line) => line ?? [])) }];
};

/**
 * The tree of sanitised HTML. Never fails; of more than 524,288 characters or 20,000 tags the beginning. Elements it does not
 * know give their text; links other than http, https and mailto are text.
 */
export const treeOf = (html: string): Block[] => {
  const root: Block[] = [];
  const stack: Container[] = [{ kind: "root", blocks: root }];
  const closers: (() => void)[] = [];
  let lines: Run[][] = [[]];
  let heading = 0;
  let style: Style = {};
  let pre: string | undefined;
  let hidden = 0;

  const into = (): Block[] => {
    const top = stack.at(-1)!;
    if (top.kind === "list") {
      const item = top.items.at(-1);
      if (item) return item;
      const first: Block[] = [];
      top.items.push(first);
      return first;
    }
    if (top.kind !== "table") return top.blocks;
    if (top.rows.length === 0) top.rows.push([]);
    const row = top.rows.at(-1)!;
    if (row.length === 0) row.push([]);
    return row.at(-1)!;
  };
  const flush = (): void => {
    const tidied = tidy(lines);
    if (tidied.length > 0)
      into().push(heading > 0 ? { kind: "heading", level: heading, lines: tidied } : { kind: "paragraph", lines: tidied });
    lines = [[]];
  };
  const push = (container: Container, made: () => Block[]): (() => void) => {
    flush();
    if (stack.length > DEPTH_LIMIT) return flush;
    stack.push(container);
    return () => {
      flush();
      stack.pop();
      into().push(...made());
    };
  };
  const styled = (more: Style): (() => void) => {
    const before = style;
    style = { ...style, ...more };
    return () => {
      style = before;
    };
  };
  const link = (href: string): (() => void) => {
    const from = lines.at(-1)!.length;
    const line = lines.at(-1)!;
    const restore = styled(/^(?:https?:\/\/|mailto:)/i.test(href.trim()) ? { href: href.trim() } : {});
    return () => {
      restore();
      const id = mentionId(href);
      const name =
        id === undefined || lines.at(-1) !== line
          ? ""
          : line
              .slice(from)
              .map(({ text }) => text)
              .join("")
              .trim();
      if (id !== undefined && /^@[^\s@]/.test(name)) line.splice(from, line.length, { text: name.slice(1), style, mention: id });
    };
  };

  const opened = (name: string, attributes: Readonly<Record<string, string>>): (() => void) => {
    if (name === "br") lines.push([]);
    else if (unshown.has(name)) {
      hidden++;
      return () => hidden--;
    } else if (name === "pre") {
      flush();
      pre ??= "";
      return () => {
        const text = pre?.replace(/^\n|\s+$/g, "") ?? "";
        pre = undefined;
        if (text !== "") into().push({ kind: "pre", text });
      };
    } else if (name === "hr") {
      flush();
      into().push({ kind: "rule" });
    } else if (/^h[1-6]$/.test(name)) {
      flush();
      heading = Number(name[1]);
      return () => {
        flush();
        heading = 0;
      };
    } else if (name === "blockquote") {
      const quote: Block[] = [];
      return push({ kind: "quote", blocks: quote }, () => (quote.length > 0 ? [{ kind: "quote", blocks: quote }] : []));
    } else if (name === "ul" || name === "ol") {
      const items: Block[][] = [];
      const start = Math.trunc(Number(attributes.start ?? 1));
      const first = name === "ul" ? {} : { start: start >= 0 && start < 1e6 ? start : 1 };
      return push({ kind: "list", items, ...first }, () => {
        const shown = items.filter((item) => item.length > 0);
        return shown.length > 0 ? [{ kind: "list", items: shown, ...first }] : [];
      });
    } else if (name === "table") {
      const rows: Block[][][] = [];
      return push({ kind: "table", rows }, () => tableOf(rows.filter((row) => row.some((cell) => cell.length > 0))));
    } else if (name === "li" || name === "tr" || name === "td" || name === "th") {
      flush();
      const top = stack.at(-1);
      if (name === "li" && top?.kind === "list") top.items.push([]);
      if (name === "tr" && top?.kind === "table") top.rows.push([]);
      if (name.length === 2 && name.startsWith("t") && name !== "tr" && top?.kind === "table") {
        if (top.rows.length === 0) top.rows.push([]);
        top.rows.at(-1)?.push([]);
      }
      return flush;
    } else if (blocks.has(name)) {
      flush();
      return flush;
    } else if (name === "a") return link(attributes.href ?? "");
    else if (Object.hasOwn(styles, name)) return styled({ [styles[name]!]: true });
    return () => undefined;
  };

  const parser = new Parser(
    {
      onopentag: (name, attributes) => void closers.push(opened(name, attributes)),
      onclosetag: () => closers.pop()?.(),
      ontext(data) {
        if (hidden > 0) return;
        const text = cleanText(data);
        if (pre !== undefined) pre += text;
        else lines.at(-1)!.push({ text: text.replace(/[ \t\n\f]+/g, " "), style });
      },
    },
    { decodeEntities: true },
  );
  parser.end(bounded(html));
  flush();
  return root;
};
