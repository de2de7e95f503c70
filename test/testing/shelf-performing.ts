/**
 * What shelves perform: notes put there, edited, taken away, liked and answered. A note bears the delivery's marker; on shelves
 * that post, where what was put there is an act, only a digest.
 */

import { createHash } from "node:crypto";
import type { Adapter, Command, Found, ItemRef, Level, Loss, Manifest, MessageView, Receipt, Sighting } from "groupstream";
import type { Note, Shelves } from "./shelf.ts";

const full: Level = { level: "full" };
const none = (why: string): Level => ({ level: "none", why });

export const self = "acct:shelf@example.net";

export const shelfTakes = ({ posts }: Shelves): Pick<Manifest, "self" | "takes" | "arrives" | "acts"> => ({
  self,
  takes: { Create: full, Update: full, Delete: full, Like: full, Undo: full, Move: none("Nobody asked for it yet.") },
  arrives: {
    name: full,
    text: full,
    inReplyTo: full,
    content: { level: "degraded", lost: "Only its words." },
    published: none("Shelves know no times."),
  },
  ...(posts && { acts: ["Create"] }),
});

export const digestOf = ({ name, text }: { name?: string; text?: string }): string =>
  createHash("sha256")
    .update(JSON.stringify([name, text]))
    .digest("hex");

const lossesOf = (object: MessageView): Loss[] =>
  Object.keys(object)
    .filter((field) => !["type", "name", "text"].includes(field))
    .map((field) => ({ field, reason: "A shelf holds names and texts." }));

type Refused = Extract<Receipt, { outcome: "refused" }>;

const refused = (reason: string, more: Partial<Refused> = {}): Refused => ({
  outcome: "refused",
  reason: `shelf: ${reason}.`,
  ...more,
});

/** @param pause  waits as long as the source takes @param show  a note in full */
export const shelfPerforms = (
  source: Shelves,
  pause: (signal: AbortSignal) => Promise<void>,
  show: (note: Note) => Sighting,
): Required<Pick<Adapter, "performs" | "find">> => {
  const stood = (note: Note): Found => ({ collection: note.shelf, sighting: show(note) });
  const noteOf = (item: ItemRef | undefined): Note | undefined => {
    const note = item && source.notes.get(item.key);
    return note?.shelf === item?.collection ? note : undefined;
  };
  const touched = (note: Note, change: Partial<Note>): Receipt => {
    Object.assign(note, change, { seq: ++source.seq });
    return { outcome: "done", stands: stood(note) };
  };
  const onLine = async (signal: AbortSignal, act: () => Receipt): Promise<Receipt> => {
    const line = new AbortController();
    source.lines.add(line);
    try {
      await pause(signal);
      if (line.signal.aborted) return refused("the line was cut before anything was done; it is tried again", { again: true });
      const receipt = act();
      await pause(signal);
      return line.signal.aborted ? { outcome: "unknown", reason: "shelf: the line was cut." } : receipt;
    } finally {
      source.lines.delete(line);
    }
  };
  const verb =
    (act: (command: Command) => Receipt) =>
    (command: Command, signal: AbortSignal): Promise<Receipt> =>
      onLine(signal, () => act(command));
  const onItem = (native: string, act: (command: Command, note: Note) => Receipt) =>
    verb((command) => {
      if (!command.item) return refused("there is no note; name one");
      const object = command.object?.type === "Note" ? command.object : undefined;
      if (command.verb === "Update" && !object) return refused("there is nothing to write; give an object");
      if (command.preview) return { outcome: "done", native, ...(object && { digest: digestOf(object) }) };
      const note = noteOf(command.item);
      if (note) return act(command, note);
      if (command.verb === "Delete" && command.attempt > 1)
        return {
          outcome: "done",
          stands: { collection: command.item.collection, sighting: { key: command.item.key, gone: true } },
        };
      return refused("gone there: the note is not on its shelf", { gone: true });
    });
  const madeBy = ({ id, object, taken }: Command): Note | undefined =>
    [...source.notes.values()].find(({ key, mine }) => {
      if (!source.posts) return mine?.marker === id;
      return object?.type === "Note" && mine?.digest === digestOf(object) && !taken?.includes(key);
    });
  const posted = ({ mine }: Note): Refused | undefined =>
    source.posts && mine ? refused("what was posted stays as it is") : undefined;
  return {
    performs: {
      Create: verb((command) => {
        const { id, object, collection, item, preview, attempt } = command;
        if (object?.type !== "Note") return refused("there is no note to put there; give an object");
        const shelf = collection?.id ?? "a";
        if (!source.shelves.has(shelf)) return refused(`there is no shelf ${shelf}; name another one`);
        const { name = "", text = "" } = object;
        const digest = digestOf({ name, text });
        const losses = lossesOf(object);
        const told = { digest, ...(losses.length > 0 && { losses }) };
        if (preview) return { outcome: "done", native: `put “${name}” on ${shelf}`, ...told };
        const before = attempt > 1 && !source.posts ? madeBy(command) : undefined;
        const mine = source.posts ? { digest } : { marker: id };
        const answers = noteOf(item)?.key;
        const put = before ?? source.put({ shelf, name, text, flagged: false, mine, ...(answers !== undefined && { answers }) });
        if (source.posts && !before) source.posted.push(name);
        return { outcome: "done", stands: stood(put), ...told };
      }),
      Update: onItem("write", ({ object }, note) => {
        const { name = "", text = "" } = object as MessageView;
        return posted(note) ?? { ...touched(note, { name, text }), digest: digestOf({ name, text }) };
      }),
      Delete: onItem("take away", (_, note) => {
        const no = posted(note);
        if (no) return no;
        void source.remove(note);
        return { outcome: "done", stands: { collection: note.shelf, sighting: { key: note.key, gone: true } } };
      }),
      Like: onItem("like", (_, note) => touched(note, { liked: true })),
      Undo: onItem("like no more", (_, note) => touched(note, { liked: false })),
    },
    find: async (command, signal) => {
      await pause(signal);
      if (command.verb !== "Create") return "unknown";
      const note = madeBy(command);
      return note ? stood(note) : "absent";
    },
  };
};
