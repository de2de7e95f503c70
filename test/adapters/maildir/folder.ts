/** A Maildir on disk, made and changed as delivery agents and mail clients do. */

import { mkdir, mkdtemp, rename, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Adapter, Collection, Page, Position, Read, Sighting } from "groupstream";

export const metadata: Read = { text: "none", behaviour: false };
export const withText: Read = { text: "full", behaviour: false };
export const never = new AbortController().signal;

export const mail = (id: string, more = "", body = "hello"): string =>
  `From: Ann <ann@example.org>\r\nTo: bob@example.org\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <${id}@example.org>\r\nSubject: mail ${id}\r\n${more}\r\n${body}\r\n`;

export interface TestMaildir extends AsyncDisposable {
  readonly path: string;
  folder(name: string): Promise<void>;
  /** As a delivery agent: written in `tmp`, moved to `new`. */
  deliver(key: string, raw: string | Uint8Array, folder?: string): Promise<void>;
  /** As a client: `new/key` → `cur/key:2,FLAGS`. */
  file(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
}

export const makeMaildir = async (): Promise<TestMaildir> => {
  const path = await mkdtemp(join(tmpdir(), "groupstream-maildir-"));
  const folder = async (name: string): Promise<void> => {
    for (const part of ["cur", "new", "tmp"]) await mkdir(join(path, name, part), { recursive: true });
  };
  await folder("");
  return {
    path,
    folder,
    deliver: async (key, raw, name = "") => {
      await writeFile(join(path, name, "tmp", key), raw);
      await rename(join(path, name, "tmp", key), join(path, name, "new", key));
    },
    file: (from, to) => rename(join(path, from), join(path, to)),
    remove: (name) => unlink(join(path, name)),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
};

export const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};

export const collectionsOf = async (adapter: Adapter): Promise<Map<string, Collection>> =>
  new Map((await all(adapter.collections(never))).map((collection) => [collection.id, collection]));

export const look = async (adapter: Adapter, id = "INBOX", since?: Position, read: Read = metadata): Promise<Page[]> => {
  const collection = (await collectionsOf(adapter)).get(id);
  if (!collection) throw new Error(`There is no collection ${id}.`);
  return all(adapter.changes!(collection, since, read, never));
};

export const fetch = async (
  adapter: Adapter,
  keys: readonly string[],
  read: Read = withText,
  id = "INBOX",
): Promise<Map<string, Sighting>> =>
  new Map(
    (await all(adapter.fetch!((await collectionsOf(adapter)).get(id)!, keys, read, never))).map((sighting) => [
      sighting.key,
      sighting,
    ]),
  );
