/**
 * An independent expander of recurrence rules for tests: python-dateutil (Debian's python3-dateutil, unpacked without root).
 *
 * Run as a script (`node --conditions=groupstream:source test/lab/recurrence.ts`) it asks dateutil again about every rule of
 * test/fixtures/recurrence/rules.json and writes what differs to disagreements.json; a new difference has no reason yet, is
 * printed, and makes it fail: somebody has to settle it by the RFC's text.
 */

import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { LabUnavailable, unpackPackages } from "./packages.ts";

/** A rule, its DTSTART, and its first instances, 20 at most; all in local time. */
export interface RuleCase {
  readonly start: string;
  readonly rule: string;
  readonly expected: readonly string[];
}

/** Where dateutil says something else than RFC 5545, and why it is not followed. */
export interface Disagreement {
  readonly start: string;
  readonly rule: string;
  readonly dateutil: readonly string[];
  readonly reason: string;
}

const folder = join(import.meta.dirname, "../fixtures/recurrence");
const read = async <T>(name: string): Promise<readonly T[]> => JSON.parse(await readFile(join(folder, name), "utf8")) as T[];

export const ruleCases = (): Promise<readonly RuleCase[]> => read<RuleCase>("rules.json");
export const disagreements = (): Promise<readonly Disagreement[]> => read<Disagreement>("disagreements.json");

/** A fixture as text: one line for each case, so that a difference shows which. */
const linesOf = (cases: readonly object[]): string => `[\n${cases.map((one) => JSON.stringify(one)).join(",\n")}\n]\n`;

const program = `
import itertools, json, sys
from datetime import datetime
from dateutil.rrule import rrulestr
form = "%Y-%m-%dT%H:%M:%S"
answers = []
for case in json.load(sys.stdin):
    rule = rrulestr(case["rule"], dtstart=datetime.strptime(case["start"], form))
    answers.append([at.strftime(form) for at in itertools.islice(rule, 20)])
json.dump(answers, sys.stdout)
`;

/** dateutil's first 20 instances of every rule. Fails with {@link LabUnavailable} where it cannot be had. */
export const askDateutil = async (cases: readonly RuleCase[]): Promise<readonly (readonly string[])[]> => {
  const root = await unpackPackages("dateutil", ["python3-dateutil"]);
  const env = { ...process.env, PYTHONPATH: join(root, "usr/lib/python3/dist-packages") };
  const running = promisify(execFile)("python3", ["-c", program], { env, maxBuffer: 1 << 26, timeout: 120_000 });
  running.child.stdin?.end(JSON.stringify(cases.map(({ start, rule }) => ({ start, rule }))));
  const { stdout } = await running.catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw new LabUnavailable("dateutil needs python3, which is not on this machine");
    throw error;
  });
  return JSON.parse(stdout) as string[][];
};

if (process.argv[1] === import.meta.filename) {
  const cases = await ruleCases();
  const reasons = new Map((await disagreements()).map(({ start, rule, reason }) => [`${start} ${rule}`, reason]));
  const answers = await askDateutil(cases);
  const differing = cases.flatMap(({ start, rule, expected }, index): Disagreement[] =>
    JSON.stringify(answers[index]) === JSON.stringify(expected)
      ? []
      : [{ start, rule, dateutil: answers[index] ?? [], reason: reasons.get(`${start} ${rule}`) ?? "" }],
  );
  await writeFile(join(folder, "disagreements.json"), linesOf(differing));
  const unsettled = differing.filter(({ reason }) => reason === "");
  for (const { start, rule } of unsettled) console.error(`no reason yet: ${start} ${rule}`);
  console.log(`${cases.length} rules, dateutil differs in ${differing.length}`);
  process.exitCode = unsettled.length > 0 ? 1 : 0;
}
