/** `groupstream new-adapter`: writes the example of docs/adapters.md and its conformance test, under a name of one's own. */

import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Command, textOf } from "../call.ts";
import { exit, Said } from "../failure.ts";

/** In the package one folder up, in a checkout three. */
const example = (file: string): URL => {
  const urls = ["../examples/adapter/", "../../../examples/adapter/"].map((up) => new URL(`${up}${file}`, import.meta.url));
  return urls.find((url) => existsSync(url)) ?? (urls[0] as URL);
};

/** `my-notes` → `myNotes`. */
const identifier = (name: string): string => name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

export const newAdapter: Command = async ({ given, words, out }) => {
  const name = textOf(given, "name") ?? "notes";
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) throw new Said(exit.configuration, words.newAdapter.badName);
  const files = [
    ["notes.ts", `${name}.ts`],
    ["notes.test.ts", `${name}.test.ts`],
  ] as const;
  for (const [, to] of files)
    if (existsSync(to) && !given.force) throw new Said(exit.configuration, words.newAdapter.exists(resolve(to)));
  for (const [from, to] of files) {
    const text = await readFile(example(from), "utf8");
    const named = text
      .replaceAll("./notes.ts", `./${name}.ts`)
      .replaceAll("notes.test.ts", `${name}.test.ts`)
      .replace(/\bnotes(?= = \(| \} from |\(\{)/g, identifier(name))
      .replaceAll('"notes"', JSON.stringify(name));
    await writeFile(to, named);
    out.say(words.newAdapter.wrote(resolve(to)));
    out.record("file", { path: resolve(to) });
  }
  out.say(words.newAdapter.next(`${name}.test.ts`));
  return exit.well;
};
