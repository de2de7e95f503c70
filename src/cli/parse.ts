/** The command line, taken apart: what is wrong with it is said in one sentence, with the nearest thing that exists. Pure. */

import { parseArgs } from "node:util";
import type { Lang, Words } from "./words/index.ts";

/** `list`: an option that may be given again and again. */
type Kind = "string" | "boolean" | "list";

const common = { config: "string", lang: "string", json: "boolean", text: "boolean", debug: "boolean", help: "boolean" } as const;

/** The commands and the options each has beside the common ones. */
export const commands = {
  init: {
    kind: "string",
    id: "string",
    host: "string",
    port: "string",
    user: "string",
    "password-env": "string",
    insecure: "string",
    path: "string",
    owner: "string",
    force: "boolean",
  },
  doctor: {},
  sync: {},
  run: {},
  tail: { after: "string", follow: "boolean" },
  explain: {},
  status: {},
  "new-adapter": { name: "string", force: "boolean" },
  why: {},
  deliveries: { state: "list", target: "string" },
  quarantine: {},
  prune: { before: "string", past: "list" },
  erase: { object: "string" },
  backup: {},
  lab: {},
} as const satisfies Record<string, Readonly<Record<string, Kind>>>;

/** Commands that take something beside options: how many at least and at most. */
const operands = {
  why: [1, 1],
  deliveries: [0, 1_000],
  quarantine: [0, 3],
  erase: [0, 1],
  backup: [1, 1],
} as const satisfies { readonly [command in keyof typeof commands]?: readonly [number, number] };

/** A command's name. */
export type CommandName = keyof typeof commands;

/** Options given, by name without dashes. */
export type Given = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** What a command line asks for: a command, or `help` or `version`; or the one sentence that says why not. */
export type ParsedCommand =
  | { readonly command: CommandName | "help" | "version"; readonly given: Given; readonly operands: readonly string[] }
  | { readonly mistake: string };

/** Edits between two words (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
};

/** The nearest name, if it is near enough to be meant. */
export const nearest = (word: string, names: readonly string[]): string | undefined => {
  const [best] = names.map((name) => ({ name, far: distance(word, name) })).sort((a, b) => a.far - b.far);
  return best && best.far <= Math.max(1, Math.floor(best.name.length / 2)) ? best.name : undefined;
};

const isCommand = (name: string): name is CommandName => Object.hasOwn(commands, name);

/** The value of an option that is needed before anything else can be said. */
export const langIn = (argv: readonly string[]): string | undefined => {
  const at = argv.findIndex((arg) => arg === "--lang" || arg.startsWith("--lang="));
  return at < 0 ? undefined : argv[at] === "--lang" ? argv[at + 1] : argv[at]?.slice("--lang=".length);
};

/** Takes `argv` (without node and script) apart. */
export const parse = (argv: readonly string[], words: Words): ParsedCommand => {
  const name = argv.find((arg, index) => !arg.startsWith("-") && !["--config", "--lang"].includes(argv[index - 1] ?? ""));
  if (name !== undefined && !isCommand(name))
    return name === "help"
      ? { command: "help", given: {}, operands: [] }
      : { mistake: words.unknownCommand(name, nearest(name, Object.keys(commands))) };
  const known: Readonly<Record<string, Kind>> = { ...common, ...(name ? commands[name] : { version: "boolean" }) };
  const options = Object.fromEntries(
    Object.entries(known).map(([option, kind]) => [
      option,
      { type: kind === "boolean" ? kind : ("string" as const), multiple: kind === "list" },
    ]),
  );
  const { tokens, values, positionals } = parseArgs({ args: [...argv], options, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const type = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    if (type === undefined) {
      const near = nearest(token.name, Object.keys(known));
      return { mistake: words.unknownOption(token.rawName, near && `--${near}`) };
    }
    if (type !== "boolean" && (token.value === undefined || (!token.inlineValue && token.value.startsWith("--"))))
      return { mistake: words.needsValue(token.rawName) };
    if (type === "boolean" && token.value !== undefined) return { mistake: words.takesNone(token.rawName) };
  }
  const given = values as Given;
  const rest = positionals.slice(1);
  const takes = name && Object.hasOwn(operands, name) ? (name as keyof typeof operands) : undefined;
  const [least, most] = takes ? operands[takes] : [0, 0];
  const extra = rest[most];
  if (extra !== undefined) return { mistake: takes ? words.operands[takes] : words.extra(extra) };
  if (takes && rest.length < least && !given.help) return { mistake: words.operands[takes] };
  if (given.lang !== undefined && !["en", "de"].includes(given.lang as Lang)) return { mistake: words.badLang };
  if (given.json && given.text) return { mistake: words.both("--json", "--text") };
  if (given.after !== undefined && !/^\d{1,15}$/.test(String(given.after))) return { mistake: words.badNumber("--after") };
  if (given.version) return { command: "version", given, operands: [] };
  return { command: name ?? "help", given, operands: rest };
};
