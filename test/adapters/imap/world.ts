/** What the tests of the IMAP adapter share: a server or a printed reason, and the smallest core that believes an adapter. */

import type { Adapter, Collection, CollectionId, ItemKey, Page, Position, Read, Sighting, View } from "groupstream";
import { type ImapOptions, imap } from "groupstream/adapters/imap";
import type { Dovecot, DovecotOptions } from "../../lab/dovecot.ts";
import { startDovecot } from "../../lab/dovecot.ts";
import type { RawImap } from "../../lab/imap.ts";
import { LabUnavailable } from "../../lab/packages.ts";

/** A server, or undefined with the reason printed; with CI=1 a missing server fails. */
export const serverOrReason = async (options: DovecotOptions = {}): Promise<Dovecot | undefined> => {
  try {
    return await startDovecot(options);
  } catch (error) {
    if (!(error instanceof LabUnavailable) || process.env.CI) throw error;
    console.warn(`skipped: ${error.message}`);
    return undefined;
  }
};

/** Whether Dovecot can run here; tests that need it say `describe.skipIf(!hasDovecot)`. */
export const hasDovecot: boolean = await (async () => {
  const server = await serverOrReason();
  await server?.stop();
  return server !== undefined;
})();

export const metadata: Read = { text: "none", behaviour: false };

export const never = new AbortController().signal;

export const adapterFor = (server: Dovecot, user: string, more: Partial<ImapOptions> = {}): Adapter =>
  imap({ id: "mail", host: server.host, port: server.port, auth: { user, pass: server.password }, ...more });

export const listed = async (adapter: Adapter, signal: AbortSignal = never): Promise<Collection[]> => {
  const all: Collection[] = [];
  for await (const collection of adapter.collections(signal)) all.push(collection);
  return all;
};

export const looked = async (
  adapter: Adapter,
  collection: Collection,
  since?: Position,
  read: Read = metadata,
): Promise<Page[]> => {
  const pages: Page[] = [];
  for await (const page of adapter.changes!(collection, since, read, never)) pages.push(page);
  return pages;
};

export const fetched = async (adapter: Adapter, collection: Collection, keys: readonly ItemKey[], read: Read = metadata) => {
  const sightings: Sighting[] = [];
  for await (const sighting of adapter.fetch!(collection, keys, read, never)) sightings.push(sighting);
  return sightings;
};

export const inbox = async (adapter: Adapter): Promise<Collection> =>
  (await listed(adapter)).find(({ role }) => role === "inbox")!;

/** One item as the smallest core keeps it. */
export interface Kept {
  view: View & { readonly flags?: readonly string[]; readonly seen?: boolean };
  revision: string;
  stamp: string | undefined;
  order: string;
}

/** Believes every page at once, as the contract says, and fetches what it does not know. */
export class Believer {
  readonly items = new Map<CollectionId, Map<ItemKey, Kept>>();
  readonly positions = new Map<CollectionId, Position>();
  readonly revisions = new Map<CollectionId, string>();
  adapter: Adapter;
  /** What the last round took. */
  looks = 0;
  told = 0;
  fetchedKeys = 0;
  private readonly read: Read;

  constructor(adapter: Adapter, read: Read = metadata) {
    this.adapter = adapter;
    this.read = read;
  }

  async round(): Promise<void> {
    [this.looks, this.told, this.fetchedKeys] = [0, 0, 0];
    const all = await listed(this.adapter);
    for (const id of this.items.keys()) if (!all.some((collection) => collection.id === id)) this.forget(id);
    for (const collection of all) {
      if (collection.revision !== undefined && this.revisions.get(collection.id) === collection.revision) continue;
      await this.look(collection);
      if (collection.revision !== undefined) this.revisions.set(collection.id, collection.revision);
    }
  }

  async look(collection: Collection): Promise<void> {
    this.looks++;
    for (;;) {
      try {
        for await (const page of this.adapter.changes!(collection, this.positions.get(collection.id), this.read, never))
          await this.take(collection, page);
        return;
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "position-lost")) throw error;
        this.positions.delete(collection.id);
      }
    }
  }

  async take(collection: Collection, page: Page): Promise<void> {
    const items = this.items.get(collection.id) ?? new Map<ItemKey, Kept>();
    this.items.set(collection.id, items);
    const stamp = page.listing?.id;
    const unknown: ItemKey[] = [];
    for (const sighting of page.sightings) {
      const held = items.get(sighting.key);
      if (("here" in sighting || !("object" in sighting)) && !("gone" in sighting) && !held) unknown.push(sighting.key);
      this.apply(items, sighting, stamp);
    }
    if (unknown.length > 0) {
      this.fetchedKeys += unknown.length;
      for await (const sighting of this.adapter.fetch!(collection, unknown, this.read, never)) this.apply(items, sighting, stamp);
    }
    this.positions.set(collection.id, page.position);
    if (!page.listing?.last) return;
    for (const [key, kept] of items) {
      if (kept.stamp === stamp) continue;
      this.told++;
      items.delete(key);
    }
  }

  private apply(items: Map<ItemKey, Kept>, sighting: Sighting, stamp: string | undefined): void {
    const held = items.get(sighting.key);
    if ("gone" in sighting || "out" in sighting) {
      this.told += held ? 1 : 0;
      items.delete(sighting.key);
      return;
    }
    if ("here" in sighting || "malformed" in sighting) {
      if (held) held.stamp = stamp ?? held.stamp;
      return;
    }
    const order = "order" in sighting ? (sighting.order ?? "") : "";
    if (held && order !== "" && order < held.order) return;
    if (sighting.object) {
      if (JSON.stringify(held?.view) !== JSON.stringify(sighting.object)) this.told++;
      items.set(sighting.key, { view: sighting.object, revision: sighting.revision, stamp: stamp ?? held?.stamp, order });
      return;
    }
    if (!held) return;
    if (held.revision !== sighting.revision) this.told++;
    const set = "set" in sighting ? sighting.set : undefined;
    items.set(sighting.key, {
      view: { ...held.view, ...set } as Kept["view"],
      revision: sighting.revision,
      stamp: stamp ?? held.stamp,
      order,
    });
  }

  private forget(id: CollectionId): void {
    this.items.delete(id);
    this.positions.delete(id);
    this.revisions.delete(id);
  }

  /** Subject and flags by mailbox and UID, to be compared with {@link truth}. */
  state(): Record<string, string[]> {
    const all: Record<string, string[]> = {};
    for (const [id, items] of this.items) {
      all[id] = [...items]
        .map(([key, { view }]) => `${key.split("-")[1]} ${view.name ?? ""} [${(view.flags ?? []).join(" ")}]`)
        .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
    }
    return all;
  }
}

/** What the server holds, asked without the adapter. */
export const truth = async (raw: RawImap, mailboxes: readonly string[]): Promise<Record<string, string[]>> => {
  const all: Record<string, string[]> = {};
  for (const mailbox of mailboxes) {
    await raw.command(`EXAMINE "${mailbox}"`);
    const text = await raw.command("UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])").catch(() => "");
    const rows = text.matchAll(/\(UID (\d+)[^(]*FLAGS \(([^)]*)\)[^{]*\{\d+\}\r\n(?:Subject: ([^\r]*))?/g);
    all[mailbox] = [...rows].map(([, uid, flags, subject]) => {
      const told = (flags ?? "")
        .toLowerCase()
        .split(" ")
        .filter((flag) => flag !== "" && (flag === "\\flagged" || !flag.startsWith("\\")))
        .map((flag) => flag.replace("\\", ""));
      return `${uid} ${subject ?? ""} [${[...new Set(told)].sort().join(" ")}]`;
    });
  }
  return all;
};
