/** What fails → a sentence and an exit status. */

import { inspect } from "node:util";
import { type ErrorCode, errorTable, faultOf, isGroupstreamError } from "../contract/errors.ts";
import type { SystemLine } from "../sync/round.ts";
import type { Output } from "./output.ts";
import type { Words } from "./words/index.ts";

/** Exit statuses. */
export const exit = { well: 0, person: 1, configuration: 2, store: 3, interrupted: 130 } as const;

/** A sentence of the command line itself, already in the person's language, and the status to end with. */
export class Said extends Error {
  override readonly name = "Said";
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

const exitOf = (code: ErrorCode): number =>
  code === "misconfigured" ? exit.configuration : code === "store" ? exit.store : exit.person;

/** One failure as a sentence that names where and what to do. */
export const failureSentence = (
  where: string | undefined,
  { code, message }: Pick<LineFailure, "code" | "message">,
  words: Words,
): string =>
  words.failed(where === undefined || message.includes(where) ? message : `${where}: ${message}`, words.remedies[code]);

type LineFailure = SystemLine["failures"][number];

/** Reports what a command rejected with; never a stack, unless asked. */
export const report = (error: unknown, out: Output, words: Words, debug: boolean): number => {
  if (error instanceof Said) out.trouble(`✗ ${error.message}`);
  else if (isGroupstreamError(error)) out.trouble(error.mistakes ? error.message : failureSentence(error.system, error, words));
  else out.trouble(words.unexpected(faultOf(error)));
  if (debug && error instanceof Error) process.stderr.write(`${inspect(error)}\n`);
  if (error instanceof Said) return error.status;
  return isGroupstreamError(error) ? exitOf(error.code) : exit.person;
};

/** What is wrong in a system's line, on standard error; true if a person is needed. */
export const troubleIn = (line: SystemLine, out: Output, words: Words): boolean => {
  for (const failure of line.failures) out.trouble(failureSentence(failure.place ?? line.system, failure, words));
  for (const place of line.held) out.trouble(words.held(place));
  return line.held.length > 0 || line.failures.some(({ code }) => errorTable[code].human);
};
