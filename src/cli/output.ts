/** What is written where: results to standard output as sentences or JSON lines, progress and errors to standard error. */

import type { Activity } from "../activity/activity.ts";
import { systemOf } from "../contract/words.ts";
import type { Entry } from "../hub/log.ts";
import { clean, textOfSummary } from "../language/index.ts";
import type { Progress } from "../sync/context.ts";
import { paceOf, spoken } from "./pace.ts";
import type { Lang, Words } from "./words/index.ts";

/** Where a command speaks. Everything is cleaned of control and bidirectional characters before a terminal sees it. */
export interface Output {
  /** Sentences; else JSON lines. */
  readonly human: boolean;
  /** A line for people; nothing where JSON is wanted. */
  say(line: string): void;
  /** A JSON line `{ "kind": …, … }`; nothing where sentences are wanted. */
  record(kind: string, value: object): void;
  /** One entry of the log, as a sentence or a record. */
  entry(entry: Entry): void;
  /** A line of trouble, on standard error, in words in both modes. */
  trouble(line: string): void;
  /** A bar on a terminal; a JSON line a second otherwise. */
  progress(progress: Progress): void;
  /** Takes the bar away. */
  settle(): void;
}

/** The sentence of an activity in a language; its type where it has none. */
const sentenceOf = (activity: Activity, lang: Lang): string => {
  const { [lang]: summary } = (activity.summaryMap ?? {}) as Readonly<Record<string, string>>;
  return clean(summary === undefined ? String(activity.type) : textOfSummary(summary));
};

/** A multi-line text, each line cleaned; its indentation stays. */
const safe = (text: string): string =>
  text
    .split("\n")
    .map((line) => `${/^ */.exec(line)?.[0] ?? ""}${clean(line)}`)
    .join("\n");

const barWidth = 24;

const barOf = (steps: readonly Progress[], ms: number, words: Words): string => {
  const { seen: done, left, rate, remaining } = paceOf(steps, ms);
  const filled = Math.round((barWidth * done) / Math.max(done + left, 1));
  const systems = [...new Set(steps.map(({ place }) => systemOf(place)))].join(", ");
  const pace = rate === undefined ? "" : ` · ${words.pace(rate, remaining === undefined ? undefined : spoken(remaining))}`;
  return `${words.reading(systems)} ${"█".repeat(filled)}${"░".repeat(barWidth - filled)} ${done} / ${done + left}${pace}`;
};

/** @param mode  `json` or `text`; default sentences on a terminal, JSON lines elsewhere */
export const outputOf = (mode: "json" | "text" | undefined, lang: Lang, words: Words): Output => {
  const { stdout, stderr } = process;
  const human = mode === undefined ? stdout.isTTY === true : mode === "text";
  const bars = human && stderr.isTTY === true;
  const clock = new Intl.DateTimeFormat(lang === "de" ? "de-DE" : "en-GB", { dateStyle: "short", timeStyle: "short" });
  const steps = new Map<string, Progress>();
  let recorded = 0;
  let began = 0;
  const settle = (): void => {
    if (bars && steps.size > 0) stderr.write("\r\x1b[K");
    steps.clear();
  };
  const record = (kind: string, value: object): void => {
    if (!human) stdout.write(`${JSON.stringify({ kind, ...value })}\n`);
  };
  const say = (line: string): void => {
    if (human) stdout.write(`${safe(line)}\n`);
  };
  return {
    human,
    say,
    record,
    settle,
    entry: ({ seq, activity }) => {
      record("entry", { seq, activity });
      const at = Date.parse(String(activity.published));
      const when = Number.isNaN(at) ? "" : `${clock.format(at)}  `;
      say(`  ${String(seq).padStart(5)}  ${when}${sentenceOf(activity, lang)}`);
    },
    trouble: (line) => {
      settle();
      stderr.write(`${safe(line)}\n`);
    },
    progress: (step) => {
      if (steps.size === 0) began = Date.now();
      steps.set(step.place, step);
      const ms = Date.now() - began;
      if (bars) stderr.write(`\r\x1b[K${barOf([...steps.values()], ms, words)}`);
      else if (!human && Date.now() - recorded >= 1_000) {
        recorded = Date.now();
        const { rate, remaining } = paceOf([...steps.values()], ms);
        record("progress", { ...step, ...(rate !== undefined && { rate }), ...(remaining !== undefined && { remaining }) });
      }
    },
  };
};
