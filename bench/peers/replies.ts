/**
 * What is new in a reply: ours, email-reply-parser and planer, on the replies in `test/fixtures/replies`.
 *
 *     node --conditions=groupstream:source bench/peers/replies.ts <folder with email-reply-parser, planer and jsdom> [folder of further replies]
 *
 * Further replies are text files that begin with the same five lines, all that is new in them: the tests of email-reply-parser are.
 */

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { textFromHtml } from "groupstream/protocol/text";
import { splitReply } from "../../src/protocol/mail/reply/index.ts";
import { cost, further, peer, table } from "./peers.ts";

interface Reply {
  readonly name: string;
  readonly text: string;
  readonly html: string | undefined;
  readonly own: string;
  readonly quoted: string;
  readonly signature: string;
}

const folder = new URL("../../test/fixtures/replies/", import.meta.url);
const replies: readonly Reply[] = readdirSync(folder)
  .sort()
  .map((name) => {
    const parts = readFileSync(new URL(name, folder), "utf8").split(/^=== (\w+)\n/m);
    const section = (of: string): string | undefined => {
      const at = parts.findIndex((part, index) => index % 2 === 1 && part === of);
      return at < 0 ? undefined : (parts[at + 1] ?? "").replace(/\n$/, "");
    };
    return {
      name,
      text: section("text") ?? "",
      html: section("html"),
      own: section("new") ?? "",
      quoted: section("quoted") ?? "",
      signature: section("signature") ?? "",
    };
  });

type Splitter = (reply: Pick<Reply, "text" | "html">) => string;

const { default: EmailReplyParser } = peer<{ default: new () => { parseReply(text: string): string } }>("email-reply-parser");
const planer = peer<{ extractFrom(text: string, type: string, document?: unknown): string }>("planer");
const { JSDOM } = peer<{ JSDOM: new (html: string) => { window: { document: unknown } } }>("jsdom");

const splitters: Readonly<Record<string, Splitter>> = {
  ours: ({ text, html }) => splitReply({ text, ...(html !== undefined && { html }) }).text,
  "email-reply-parser": ({ text }) => new EmailReplyParser().parseReply(text),
  planer: ({ text, html }) =>
    html !== undefined
      ? textFromHtml(planer.extractFrom(html, "text/html", new JSDOM("").window.document))
      : planer.extractFrom(text, "text/plain"),
  "nothing taken away": ({ text }) => text,
};

const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
const words = (lines: readonly string[]): number => lines.join(" ").split(/\s+/).filter(Boolean).length;
/** Quotations that are kept between answers, and what introduces them, are nobody's own words. */
const isOwn = (line: string): boolean => !line.startsWith(">") && !/(?:wrote|schrieb)\b.*:$/.test(line);
/** Lines of the one that are not among the other's, counted as often as they stand there. */
const without = (lines: readonly string[], others: readonly string[]): string[] => {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
};

interface Score {
  exact: number;
  swallowing: string[];
  swallowed: number;
  quoted: number;
  quoting: number;
  signature: number;
}

const judge = (split: Splitter, some: readonly Reply[]): Score => {
  const score: Score = { exact: 0, swallowing: [], swallowed: 0, quoted: 0, quoting: 0, signature: 0 };
  for (const reply of some) {
    const got = linesOf(split(reply));
    const own = linesOf(reply.own);
    const lost = without(own.filter(isOwn), got);
    const more = without(got, own);
    const quoted = more.length - without(more, linesOf(reply.quoted)).length;
    if (lost.length === 0 && more.length === 0 && got.length === own.length) score.exact += 1;
    if (lost.length > 0) score.swallowing.push(reply.name);
    score.swallowed += words(lost);
    if (quoted > 0) score.quoting += 1;
    score.quoted += words(more) - words(without(more, linesOf(reply.quoted)));
    score.signature += words(more) - words(without(more, linesOf(reply.signature)));
  }
  return score;
};

const shown = (some: readonly Reply[], which: readonly string[]): void => {
  const own = words(some.flatMap(({ own: text }) => linesOf(text).filter(isOwn)));
  const quoted = words(some.flatMap(({ quoted: text }) => linesOf(text)));
  const signature = words(some.flatMap(({ signature: text }) => linesOf(text)));
  console.log(`${some.length} replies: ${own} words of their own, ${quoted} quoted, ${signature} in signatures`);
  const rows = which.map((name) => {
    const split = splitters[name] as Splitter;
    const score = judge(split, some);
    const swallowing = `${score.swallowed} in ${score.swallowing.length}`;
    const time = cost(() => some.map((reply) => split(reply)));
    return [
      name,
      score.exact,
      swallowing,
      `${score.quoted} in ${score.quoting}`,
      score.signature,
      ((time / some.length) * 1_000).toFixed(0),
    ];
  });
  table(["", "exact", "own words swallowed", "quoted words left in", "signature words left in", "ms for 1,000"], rows);
  for (const name of which) {
    const { swallowing } = judge(splitters[name] as Splitter, some);
    if (swallowing.length > 0) console.log(`${name} swallows in ${swallowing.join(", ")}`);
  }
  console.log();
};

/** A megabyte each; what takes longer than a mail may. */
const hostile: Readonly<Record<string, string>> = {
  "one line of >": ">".repeat(1e6),
  "one line of words": "Am ".repeat(3e5),
  "attributions without end": `${"von ".repeat(70)}schrieb:\n`.repeat(3_500),
  "attributions that wrap": `On ${"a ".repeat(100)}\n`.repeat(5_000),
  "header fields": "Von: a\n".repeat(1.4e5),
  delimiters: "--\n".repeat(3e5),
  "empty lines": "\n".repeat(1e6),
  "white space in one line": `${" ".repeat(1e6)}x`,
};
const secondsAtMost = 20;

const [script = "", from = "", one, of] = process.argv.slice(1);
if (one === "--hostile") {
  const [name = "", input = ""] = (of ?? "").split("/");
  const began = performance.now();
  (splitters[name] as Splitter)({ text: hostile[input] ?? "", html: undefined });
  console.log(Math.round(performance.now() - began));
  process.exit();
}

const plain = replies.filter(({ html }) => html === undefined);
shown(plain, Object.keys(splitters));
shown(
  replies.filter(({ html, text }) => html !== undefined && text === ""),
  ["ours", "planer"],
);

const peers = Object.keys(splitters).slice(0, 3);
const self = [...process.execArgv, script, from, "--hostile"];
table(
  ["ms for 1 MB of", ...peers],
  Object.keys(hostile).map((input) => [
    input,
    ...peers.map((name) => {
      const { stdout, status } = spawnSync(process.execPath, [...self, `${name}/${input}`], { timeout: secondsAtMost * 1_000 });
      return status === 0 ? String(stdout).trim() : `over ${secondsAtMost} s, or an error`;
    }),
  ]),
);
console.log();

if (further !== undefined) {
  const strangers = further;
  const first = "Fusce bibendum";
  const texts = readdirSync(strangers)
    .sort()
    .map((name) => ({ name, text: readFileSync(join(strangers, name), "utf8").replaceAll("\r", "") }))
    .filter(({ text }) => text.trimStart().startsWith(first));
  const rows = texts.map(({ name, text }) => {
    const own = text.trim().split(/\n/).slice(0, 5).join("\n");
    return { name, text, html: undefined, own, quoted: text.trim().split(/\n/).slice(5).join("\n"), signature: "" };
  });
  shown(rows, Object.keys(splitters));
  for (const name of Object.keys(splitters)) {
    const missed = rows.filter((reply) => judge(splitters[name] as Splitter, [reply]).exact === 0).map((reply) => reply.name);
    if (missed.length > 0 && missed.length < rows.length) console.log(`${name} leaves something in: ${missed.join(", ")}`);
  }
}
