/** Questions on a terminal. */

import { cancel, intro, isCancel, outro, password, select, text } from "@clack/prompts";
import type { Words } from "./words/index.ts";

/** Thrown when a person leaves a question by Ctrl-C or Escape. */
export class Cancelled extends Error {
  override readonly name = "Left";
}

/** Asks on the terminal; every answer is trimmed and not empty unless it may be. */
export interface Ask {
  text(message: string, options?: { readonly hint?: string; readonly optional?: boolean }): Promise<string>;
  secret(message: string): Promise<string>;
  choice<Value extends string>(message: string, choices: { readonly [value in Value]: string }): Promise<Value>;
  done(message: string): void;
  failed(message: string): void;
}

/** True if there is somebody to ask. */
export const canAsk = (): boolean => process.stdin.isTTY === true && process.stdout.isTTY === true;

/** Begins a conversation under a title. */
export const asking = (title: string, words: Words): Ask => {
  intro(title);
  const answered = (answer: string | symbol | undefined): string => {
    if (isCancel(answer)) {
      cancel(words.init.cancelled);
      throw new Cancelled();
    }
    return String(answer ?? "");
  };
  const needed = (value: string | undefined): string | undefined => (value?.trim() ? undefined : words.init.needed);
  return {
    text: async (message, { hint, optional = false } = {}) =>
      answered(
        await text({ message, ...(hint !== undefined && { placeholder: hint }), ...(!optional && { validate: needed }) }),
      ).trim(),
    secret: async (message) => answered(await password({ message, validate: needed })),
    choice: async (message, choices) => {
      const options = Object.entries(choices).map(([value, label]) => ({ value, label: String(label) }));
      return answered(await select({ message, options })) as keyof typeof choices;
    },
    done: (message) => outro(message),
    failed: (message) => cancel(message),
  };
};
