/** Notes that can be written, too. What is made has its delivery's id as its own: the key is the marker. */

import { hash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Adapter, Perform, Receipt, Sighting } from "groupstream";
import { notes } from "./notes.ts";

type Note = { readonly id: string; readonly version: number; readonly title: string; readonly text: string };
const full = { level: "full" } as const;
const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ours = (one: Sighting): Sighting =>
  "object" in one && one.object && isId.test(one.key) ? { ...one, mine: { marker: String(one.key) } } : one;
const found = (sighting: Sighting) => ({ collection: "notes", sighting: ours(sighting) });
const stood = ({ id: key, version, title: name, text }: Note) =>
  found({ key, revision: String(version), object: { type: "Note", name, text } });
const refused = (reason: string, gone?: true): Receipt => ({ outcome: "refused", reason, ...(gone && { gone }) });

export const board = ({ id, path }: { readonly id: string; readonly path: string }): Adapter => {
  const reading = notes({ id, path });
  const rows = (): Note[] => JSON.parse(readFileSync(path, "utf8"));
  /** Whole or not at all; nothing comes between reading and writing. */
  const write = (all: readonly Note[]): void => {
    writeFileSync(`${path}.new`, JSON.stringify(all));
    renameSync(`${path}.new`, path);
  };
  const perform: Perform = async ({ id: delivery, verb, object, item, collection, preview }, signal) => {
    signal.throwIfAborted();
    const key = verb === "Create" ? String(delivery) : item && String(item.key);
    if (!key || (collection?.id ?? "notes") !== "notes") return refused(`${id}: there is no such note; name one of notes.`);
    if (verb !== "Delete" && object?.type !== "Note") return refused(`${id}: there is nothing to write; give a note.`);
    const { name: title = "", text = "", ...rest } = object?.type === "Note" ? object : { type: "Note" };
    if (text.length > 10_000) return refused(`${id}: a note takes 10,000 characters; shorten it.`);
    const losses = Object.keys(rest).flatMap((field) => (field === "type" ? [] : [{ field, reason: "A note has none." }]));
    const told = { outcome: "done", digest: hash("sha256", JSON.stringify([title, text])), losses } as const;
    if (preview) return { ...told, native: `${verb} note ${key} in ${path}` };
    const all = rows();
    const known = all.find((note) => note.id === key);
    if (known && verb === "Create") return { ...told, stands: stood(known) };
    if (!known && verb !== "Create") return refused(`${id}: gone there: the note is not in the file any more.`, true);
    const note = { id: key, version: (known?.version ?? 0) + 1, title, text };
    write([...all.filter((one) => one.id !== key), ...(verb === "Delete" ? [] : [note])]);
    return { ...told, stands: verb === "Delete" ? found({ key, gone: true }) : stood(note) };
  };
  return {
    ...reading,
    describe: async (signal) => ({
      ...(await reading.describe(signal)),
      takes: { Create: full, Update: full, Delete: full },
      arrives: { name: full, text: full },
    }),
    async *changes(...asked) {
      for await (const page of reading.changes!(...asked)) yield { ...page, sightings: page.sightings.map(ours) };
    },
    performs: { Create: perform, Update: perform, Delete: perform },
    find: async ({ id: key, verb }) => {
      const note = rows().find((one) => one.id === key);
      return note ? stood(note) : verb === "Create" ? "absent" : "unknown";
    },
  };
};
