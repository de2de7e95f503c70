/** What the lab's servers of calendars and address books have in common: how they are started, and what each can be made to do. */

import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Can, Content } from "groupstream/testing";
import { startCyrus } from "../../lab/cyrus.ts";
import { LabUnavailable } from "../../lab/packages.ts";
import { startRadicale } from "../../lab/radicale.ts";
import { startSogo } from "../../lab/sogo.ts";
import { startXandikos } from "../../lab/xandikos.ts";

/** What stands in a collection of a kind: the name's ending, and the text of a thing. */
export interface Kept {
  readonly ending: string;
  readonly text: (uid: string, content: Content) => string;
}

/** A running server with the account of `bob`. */
export interface DavServer {
  readonly version: string;
  readonly url: string;
  /** Where bob's collections are made. */
  readonly home: string;
  readonly auth: { readonly username: string; readonly password: string };
  /** So many things need two pages. */
  readonly many: Can<number>;
  /** Puts so many things into an empty collection, at once. */
  readonly fill?: (collection: string, contents: readonly Content[]) => Promise<void>;
  /** Makes every sync-token invalid. */
  readonly forget: Can<() => Promise<void>>;
  readonly moves: boolean;
  stop(): Promise<void>;
}

export const radicaleWith = async ({ ending, text }: Kept): Promise<DavServer> => {
  const server = await startRadicale({ users: ["bob"] });
  return {
    ...server,
    home: `${server.url}bob/`,
    auth: { username: "bob", password: server.password("bob") },
    many: 120,
    // It takes files that are put beside it; by PUT they take ten times as long.
    fill: async (collection, contents) => {
      const folder = join(server.dir, "data/collection-root", new URL(collection).pathname);
      for (const content of contents) {
        const uid = randomUUID();
        await writeFile(join(folder, `${uid}${ending}`), text(uid, content));
      }
    },
    forget: () => server.forget(),
    moves: true,
  };
};

/** @param home  below the user: `calendars` */
export const xandikosWith = async (home: string): Promise<DavServer> => {
  const server = await startXandikos();
  return {
    ...server,
    home: `${server.url}user/${home}/`,
    // It asks nobody who they are.
    auth: { username: "bob", password: "unasked" },
    many: { cannot: "Xandikos reads a thing in 35 ms, and writes one in 120: two pages of them take it minutes" },
    forget: { cannot: "Xandikos' tokens are trees of its Git, which it keeps" },
    moves: false,
  };
};

/**
 * @param home   below the user: `Contacts`
 * @param index  SQL that puts the rows of `made` into its index of the kind
 * @param moves  a MOVE leaves a thing what it is
 */
export const sogoWith = async (
  { ending, text }: Kept,
  home: "Calendar" | "Contacts",
  index: string,
  moves: boolean,
): Promise<DavServer> => {
  const server = await startSogo({ users: ["bob"] });
  return {
    ...server,
    home: server.home("bob", home),
    auth: { username: "bob", password: server.password("bob") },
    many: 120,
    // Beside SOGo's own work, which takes 50 ms a thing.
    fill: async (collection, contents) => {
      const name = new URL(collection).pathname.split("/").at(-2);
      const [folder] = (await server.sql(`SELECT c_folder_id FROM sogo_folder_info WHERE c_path4 = '${name}'`)).split("\n");
      const rows = contents.map((content) => {
        const uid = randomUUID();
        return `(${folder}, '${uid}${ending}', '${uid}', '${content.name}', '${text(uid, content)}')`;
      });
      await server.sql(`
        CREATE TEMP TABLE made (folder int, name text, uid text, title text, data text);
        INSERT INTO made VALUES ${rows.join(",")};
        INSERT INTO sogo_store (c_folder_id, c_name, c_content, c_creationdate, c_lastmodified, c_version, c_deleted)
          SELECT folder, name, data, floor(extract(epoch FROM now())), floor(extract(epoch FROM now())), 0, NULL FROM made;
        ${index}`);
    },
    forget: { cannot: "SOGo's tokens are times: it honours every one" },
    moves,
  };
};

/**
 * @param home   of the account, by the server's name for it
 * @param whole  texts as one body of many things, and its media type
 */
export const cyrusWith = async (
  { text }: Kept,
  home: "home" | "books",
  whole: (texts: readonly string[]) => readonly [type: string, body: string],
): Promise<DavServer> => {
  const server = await startCyrus({ users: ["bob"] });
  const auth = { username: "bob", password: server.password("bob") };
  return {
    ...server,
    home: server[home]("bob"),
    auth,
    many: 120,
    // It takes many things in one request; one by one they take five times as long.
    fill: async (collection, contents) => {
      const [type, body] = whole(contents.map((content) => text(randomUUID(), content)));
      const authorization = `Basic ${btoa(`${auth.username}:${auth.password}`)}`;
      const answer = await fetch(collection, { method: "POST", headers: { "content-type": type, authorization }, body });
      const written = (await answer.text()).match(/<D:getetag>/g)?.length;
      if (written !== contents.length) throw new Error(`${written} of ${contents.length} things are written: ${answer.status}`);
    },
    forget: {
      cannot: "Cyrus' tokens are counters of what changed: it honours every one of as long as it remembers what was removed",
    },
    moves: true,
  };
};

/** A server by its name; `undefined` where it cannot be had here. */
export type ServerRow<Server> = readonly [name: string, start: () => Promise<Server | undefined>];

/** Each server; where one cannot be had here the reason is printed. With CI=1 that is an error. */
export const rowsOf = <Server>(
  servers: readonly (readonly [name: string, start: () => Promise<Server>])[],
): readonly ServerRow<Server>[] =>
  servers.map(([name, start]) => [
    name,
    () =>
      start().catch((error): undefined => {
        if (!(error instanceof LabUnavailable) || process.env.CI) throw error;
        console.warn(`skipped: ${name}: ${error.message}`);
      }),
  ]);
