/** Adapters that read honestly and lie about what they perform, each in one way. */

import { type Adapter, type Command, GroupstreamError, type Manifest, type Receipt, type Whole } from "groupstream";
import * as answering from "../../src/testing/adapter/answering.ts";
import * as arriving from "../../src/testing/adapter/arriving.ts";
import * as doubting from "../../src/testing/adapter/doubting.ts";
import * as performing from "../../src/testing/adapter/performing.ts";
import { type Liar, lying, viewing } from "./liars.ts";
import type { Shelves } from "./shelf.ts";

type Performs = NonNullable<Adapter["performs"]>;
type Perform = NonNullable<Performs["Create"]>;
type Name = "Create" | "Update" | "Delete" | "Like" | "Undo";

/** One verb made other. */
const verbing = (
  check: string,
  verb: Name,
  lie: (perform: Perform, command: Command, signal: AbortSignal, source: Shelves) => Promise<Receipt>,
): Liar =>
  lying(check, ({ performs }, source) => {
    const perform = performs?.[verb] as Perform;
    return {
      performs: { ...performs, [verb]: (command: Command, signal: AbortSignal) => lie(perform, command, signal, source) },
    };
  });

/** The receipts of one verb made other, where it is done. */
const receiving = (check: string, verb: Name, lie: (receipt: Extract<Receipt, { outcome: "done" }>) => Receipt): Liar =>
  verbing(check, verb, async (perform, command, signal) => {
    const receipt = await perform(command, signal);
    return receipt.outcome === "done" ? lie(receipt) : receipt;
  });

/** What a receipt says to stand made other. */
const standing = (check: string, lie: (whole: Whole) => Whole): Liar =>
  receiving(check, "Create", (receipt) => {
    const { stands } = receipt;
    if (!stands || !("object" in stands.sighting) || !stands.sighting.object) return receipt;
    return { ...receipt, stands: { ...stands, sighting: lie(stands.sighting) } };
  });

const describing = (check: string, lie: (manifest: Manifest) => Manifest): Liar =>
  lying(check, (honest) => ({ describe: async (signal) => lie(await honest.describe(signal)) }));

const posting = (liar: Liar): Liar => ({ ...liar, posts: true });

/** The note it is about. */
const noteOf = (source: Shelves, { item }: Command): Whole | undefined => item && source.get(item.collection, item.key);

const isThere = (source: Shelves, command: Command): boolean => noteOf(source, command) !== undefined;

/** A note that nobody asked for, for this delivery. */
const another = (source: Shelves, shelf: string, name: string, id?: string): void =>
  void source.add(shelf, { type: "Note", name, text: "" }, id === undefined ? {} : { mine: { marker: id } });

export const performingLiars: Readonly<Record<string, Liar>> = {
  "claims a verb it has not": describing(performing.takes, (manifest) => ({
    ...manifest,
    takes: { ...manifest.takes, Move: { level: "full" } },
  })),
  "performs what it calls impossible": describing(performing.takes, (manifest) => ({
    ...manifest,
    takes: { ...manifest.takes, Delete: { level: "none", why: "Nothing is taken away." } },
  })),
  "calls an act what it does not perform": describing(performing.takes, (manifest) => ({ ...manifest, acts: ["Announce"] })),
  "does what it previews": verbing(performing.previews, "Update", async (perform, command, signal) => {
    const receipt = await perform(command, signal);
    const { preview, ...asked } = command;
    if (preview && receipt.outcome === "done") await perform(asked, signal);
    return receipt;
  }),
  "posts what it previews": posting(
    verbing(performing.previews, "Create", async (perform, command, signal, source) => {
      const receipt = await perform(command, signal);
      if (command.preview) source.posted.push("a preview");
      return receipt;
    }),
  ),
  "previews without a word": receiving(performing.previews, "Like", ({ native: _, ...receipt }) => receipt),
  "digests by the clock": receiving(performing.digests, "Create", (receipt) => ({ ...receipt, digest: String(Math.random()) })),
  "digests by the delivery": verbing(performing.digests, "Create", async (perform, command, signal) => ({
    ...(await perform(command, signal)),
    digest: command.id,
  })),
  "has one digest for everything": receiving(performing.digests, "Create", (receipt) => ({ ...receipt, digest: "digest" })),
  "digests another thing than it previewed": verbing(performing.digests, "Create", async (perform, command, signal) => {
    const receipt = await perform(command, signal);
    return "digest" in receipt && !command.preview ? { ...receipt, digest: `${receipt.digest} done` } : receipt;
  }),
  "answers another key": standing(performing.stands, (whole) => ({ ...whole, key: "n00001" })),
  "answers another revision": standing(performing.stands, (whole) => ({ ...whole, revision: "made" })),
  "answers another view": standing(performing.stands, (whole) => ({
    ...whole,
    object: { ...whole.object, name: "another" } as Whole["object"],
  })),
  "makes two": verbing(performing.stands, "Create", async (perform, command, signal, source) => {
    const receipt = await perform(command, signal);
    if (!command.preview && receipt.outcome === "done") another(source, "b", "a copy", command.id);
    return receipt;
  }),
  "does not know its own": lying(performing.ours, (honest) => ({
    async *changes(collection, since, read, signal) {
      for await (const page of honest.changes!(collection, since, read, signal))
        yield { ...page, sightings: page.sightings.map((one) => ({ ...one, mine: undefined }) as never) };
    },
    async *fetch(collection, keys, read, signal) {
      for await (const one of honest.fetch!(collection, keys, read, signal)) yield { ...one, mine: undefined } as never;
    },
  })),
  "bears another marker": standing(performing.ours, (whole) => ({ ...whole, mine: { marker: "another" } })),
  "bears another digest": posting(standing(performing.ours, (whole) => ({ ...whole, mine: { digest: "another" } }))),
  "edits in a new place": verbing(performing.edits, "Update", async (perform, command, signal, source) => {
    const receipt = await perform(command, signal);
    if (!command.preview && receipt.outcome === "done") another(source, "a", "thing edited", command.id);
    return receipt;
  }),
  "edits nothing": verbing(performing.edits, "Update", (perform, command, signal, source) =>
    isThere(source, command) && command.object && !command.preview && !signal.aborted
      ? Promise.resolve({ outcome: "done" })
      : perform(command, signal),
  ),
  "adds at each attempt": verbing(performing.edits, "Update", (perform, command, signal) =>
    command.attempt > 1 && command.object?.type === "Note"
      ? perform({ ...command, object: { ...command.object, text: `${command.object.text} ${command.attempt}` } }, signal)
      : perform(command, signal),
  ),
  "takes nothing back": verbing(performing.edits, "Delete", (perform, command, signal, source) =>
    isThere(source, command) && !command.preview && !signal.aborted
      ? Promise.resolve({ outcome: "done", stands: { collection: "a", sighting: { key: command.item?.key ?? "", gone: true } } })
      : perform(command, signal),
  ),
  "does not say who reacts": describing(performing.reacts, ({ self: _, ...manifest }) => manifest),
  "keeps what it reacted": verbing(performing.reacts, "Undo", (perform, command, signal, source) => {
    const note = noteOf(source, command);
    return note?.object.reactions?.length && !command.preview
      ? Promise.resolve({
          outcome: "done",
          stands: { collection: command.item?.collection ?? "", sighting: { key: note.key, revision: note.revision } },
        })
      : perform(command, signal);
  }),
  "forgets what it answers": viewing(arriving.replies, (view) => {
    if (!("inReplyTo" in view)) return view;
    const { inReplyTo: _, ...rest } = view;
    return rest;
  }),
  "calls full what it loses": describing(arriving.arrives, (manifest) => ({
    ...manifest,
    arrives: { ...manifest.arrives, published: { level: "full" } },
  })),
  "loses without a word": receiving(arriving.arrives, "Create", ({ losses, ...receipt }) => ({
    ...receipt,
    losses: (losses ?? []).filter(({ field }) => field !== "cc"),
  })),
  "degrades to nothing without a word": receiving(arriving.arrives, "Create", ({ losses, ...receipt }) => ({
    ...receipt,
    losses: (losses ?? []).filter(({ field }) => field !== "content"),
  })),
  "edits what it posted": posting(
    verbing(arriving.acts, "Update", async (perform, command, signal, source) => {
      const note = noteOf(source, command);
      if (!note?.mine || command.preview || !command.object) return perform(command, signal);
      source.change(command.item?.collection ?? "", note.key, { name: "edited", text: "" });
      return { outcome: "done" };
    }),
  ),
  "takes back what it posted": posting(
    verbing(arriving.acts, "Delete", async (perform, command, signal, source) => {
      const note = noteOf(source, command);
      if (!note?.mine || command.preview) return perform(command, signal);
      source.remove(command.item?.collection ?? "", note.key);
      source.posted.pop();
      return { outcome: "done" };
    }),
  ),
  "forgets what it did": lying(answering.finds, () => ({ find: async () => "absent" })),
  "makes another at a second attempt and finds none": lying(answering.finds, ({ find }) => ({
    find: async (command, signal) => (command.attempt > 1 ? "unknown" : find!(command, signal)),
  })),
  "finds what was never done": lying(answering.findsNothing, ({ find }, source) => ({
    find: async (command, signal) => {
      const found = await find!(command, signal);
      const last = source.standing("a").findLast(({ mine }) => mine);
      return found === "absent" && last ? { collection: "a", sighting: { key: last.key, revision: last.revision } } : found;
    },
  })),
  "finds what is known already": posting(
    lying(answering.spares, ({ find }) => ({ find: ({ taken: _, ...command }, signal) => find!(command, signal) })),
  ),
  "throws at what is gone": verbing(answering.vanished, "Update", async (perform, command, signal) => {
    const receipt = await perform(command, signal);
    if (receipt.outcome === "refused" && receipt.gone) throw new GroupstreamError("forbidden", receipt.reason);
    return receipt;
  }),
  "is done with what was gone": verbing(answering.vanished, "Delete", async (perform, command, signal) => {
    const receipt = await perform(command, signal);
    return receipt.outcome === "refused" && receipt.gone ? { outcome: "done" } : receipt;
  }),
  "does not say that it is gone": verbing(answering.vanished, "Update", async (perform, command, signal) => {
    const receipt = await perform(command, signal);
    if (receipt.outcome !== "refused") return receipt;
    const { gone: _, ...rest } = receipt;
    return rest;
  }),
  "throws its refusals": verbing(answering.refuses, "Create", async (perform, command, signal) => {
    if (!command.object) throw new GroupstreamError("malformed", "shelf: there is no note to put there");
    return perform(command, signal);
  }),
  "makes something of nothing": verbing(answering.refuses, "Create", async (perform, command, signal, source) => {
    if (!command.object) another(source, "a", "nothing");
    return perform(command, signal);
  }),
  "leaves half of it when it is aborted": verbing(doubting.whole, "Create", async (perform, command, signal, source) => {
    try {
      return await perform(command, signal);
    } catch (error) {
      const name = (command.object as { name?: string } | undefined)?.name ?? "";
      another(source, "a", name, command.id);
      throw error;
    }
  }),
  "ends an aborted act with an error of its own": verbing(doubting.whole, "Create", async (perform, command, signal) => {
    try {
      return await perform(command, signal);
    } catch {
      throw new GroupstreamError("unreachable", "shelf: aborted");
    }
  }),
  "does what was aborted before": verbing(doubting.whole, "Delete", (perform, command) =>
    perform(command, new AbortController().signal),
  ),
  "throws when its line is cut": verbing(doubting.receipts, "Create", async (perform, command, signal) => {
    const receipt = await perform(command, signal);
    if (receipt.outcome === "unknown") throw new GroupstreamError("unreachable", receipt.reason);
    return receipt;
  }),
  "takes a cut line for done": verbing(doubting.receipts, "Create", async (perform, command, signal) => {
    const receipt = await perform(command, signal);
    return receipt.outcome === "refused" && receipt.again ? { outcome: "done" } : receipt;
  }),
};
