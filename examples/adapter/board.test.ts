/** The conformance kit on notes that can be written: `node --test board.test.ts`. */

import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { adapterConformance, type Content, type World } from "groupstream/testing";
import { board } from "./board.ts";

type Row = { id: string; version: number; title: string; text: string };

/** A file of notes that somebody else changes, too. What cannot happen to it says why. */
const world = async (): Promise<World & { readonly path: string }> => {
  const folder = await mkdtemp(join(tmpdir(), "board-"));
  const path = join(folder, "notes.json");
  const edit = async (change: (rows: Row[]) => Row[]): Promise<void> => {
    await writeFile(`${path}.theirs`, JSON.stringify(change(JSON.parse(await readFile(path, "utf8")))));
    await rename(`${path}.theirs`, path);
  };
  let count = 0;
  const rowOf = ({ name, text }: Content): Row => ({ id: String(++count).padStart(6, "0"), version: 1, title: name, text });
  await writeFile(path, "[]");
  return {
    path,
    collections: ["notes"],
    create: async (_, content) => {
      const row = rowOf(content);
      await edit((rows) => [...rows, row]);
      return row.id;
    },
    fill: (_, contents) => edit((rows) => [...rows, ...contents.map(rowOf)]),
    change: (thing, { name, text }) =>
      edit((rows) => rows.map((row) => (row.id === thing ? { ...row, version: row.version + 1, title: name, text } : row))),
    remove: (thing) => edit((rows) => rows.filter(({ id }) => id !== thing)),
    move: { cannot: "there is one collection only" },
    flag: { cannot: "notes have no flags" },
    spoil: { cannot: "a file that is no JSON holds no notes at all" },
    found: { cannot: "there is one collection only" },
    forget: { cannot: "every look is a listing: its positions hold nothing that could be lost" },
    cut: { cannot: "there is no line to a file" },
    slow: { cannot: "a file does not wait" },
    repeat: { cannot: "a file tells states, not events" },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
};

adapterConformance({ test, title: "board", world, make: ({ path }) => board({ id: "board", path }) });
