/**
 * A thousand awkward mails through a whole hub, from a folder and from a real server: each is told once or is in quarantine
 * with its raw form, what its maker wrote is found in it, and none is told as if there were nothing in it.
 */

import { chown, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Activity, openHub } from "groupstream";
import { sqliteStore } from "groupstream/stores/sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { kinds, makeRoom } from "../badinput/world.ts";
import { type Awkward, awkward } from "../fixtures/mail/awkward.ts";

const mails = awkward(1);
const room = await makeRoom();
afterAll(() => room[Symbol.asyncDispose]());

const fileOf = (n: number): string => `1${String(n).padStart(6, "0")}.M1.corpus`;
const folded = (text: string): string => text.replace(/\s+/g, " ").trim();
const bare = (html: string): string =>
  folded(
    html
      .replace(/<[^>]*>/g, " ")
      .replaceAll("&amp;", "&")
      .replaceAll("&quot;", '"'),
  );

/** What is wrong with what was told of a mail; empty: nothing. */
const mistakesIn = ({ words, name, nothing }: Awkward, activity: Activity): string[] => {
  const object = activity.object as {
    name?: string;
    content?: string;
    source?: { content?: string };
    attachment?: readonly unknown[];
  };
  const losses = (activity["groupstream:losses"] ?? []).map(({ field }) => field);
  const said = [folded(object.source?.content ?? ""), bare(object.content ?? "")];
  const mistakes: string[] = [];
  if (words !== undefined && !said.some((text) => text.includes(folded(words))) && !losses.includes("content"))
    mistakes.push(`says ${JSON.stringify(said[0]?.slice(0, 120))}, not ${JSON.stringify(words)}`);
  if (name !== undefined && !(object.name ?? "").includes(name) && !losses.includes("name"))
    mistakes.push(`is named ${JSON.stringify(object.name?.slice(0, 120))}, not ${JSON.stringify(name)}`);
  const empty = !object.name && said.every((text) => text === "") && losses.length === 0 && !object.attachment?.length;
  if (empty && !nothing) mistakes.push("is told as if there were nothing in it");
  return mistakes;
};

it("has a thousand of them, the same for the same seed", () => {
  expect(mails.length).toBeGreaterThanOrEqual(1_000);
  expect(awkward(1).map(({ raw }) => Buffer.from(raw).toString("base64"))).toEqual(
    mails.map(({ raw }) => Buffer.from(raw).toString("base64")),
  );
  expect(mails.filter(({ nothing }) => nothing).length).toBeLessThan(10);
  expect(mails.filter(({ words }) => words !== undefined).length).toBeGreaterThan(1_000);
});

describe.each(kinds)("%s", (kind) => {
  it.skipIf(kind === "imap" && !room.server)(
    "tells each once or keeps it in quarantine, and loses no word silently",
    async () => {
      const box = await room.box(kind, "corpus");
      const { server } = room;
      let folder = "path" in box.source ? box.source.path : "";
      if (server && "user" in box.source) {
        // The server makes the folder at the first mail.
        await server.append(box.source.user, "INBOX", ["Subject: first\r\n\r\nx\r\n"]);
        folder = join(server.dir, "mail", box.source.user, "Maildir");
      }
      for (const [n, { raw }] of mails.entries()) {
        const path = join(folder, "new", fileOf(n));
        await writeFile(path, raw);
        if (kind === "imap" && process.getuid?.() === 0) await chown(path, 65534, 65534);
      }
      const store = await sqliteStore(join(room.dir, `corpus-${kind}.db`));
      const hub = await openHub({ store, systems: [box.adapter()], history: "all", policy: { body: "full" } });
      try {
        const [line] = await hub.sync();
        expect(line?.failures).toEqual([]);
        const numberOf = await numbers("user" in box.source ? box.source.user : undefined);
        const told = new Map<number, Activity[]>();
        let entries = 0;
        for await (const { activity } of hub.activities()) {
          entries += 1;
          const id = String((activity.object as { id?: string }).id);
          const items = (await store.object(id.slice(id.lastIndexOf(":") + 1)))?.items ?? [];
          for (const { key } of items) told.set(numberOf(key), [...(told.get(numberOf(key)) ?? []), activity]);
        }
        const kept = new Map((await hub.quarantine()).map(({ key, raw }) => [numberOf(key), raw ?? ""]));
        const mistakes: string[] = [];
        for (const [n, mail] of mails.entries()) {
          const activities = told.get(n) ?? [];
          const url = kept.get(n);
          if (activities.length + (url === undefined ? 0 : 1) !== 1)
            mistakes.push(
              `${n} (${mail.about}): told ${activities.length} times, ${url === undefined ? "not " : ""}in quarantine`,
            );
          for (const activity of activities)
            mistakes.push(...mistakesIn(mail, activity).map((mistake) => `${n} (${mail.about}): ${mistake}`));
          if (url === undefined) continue;
          let bytes = 0;
          for await (const chunk of await hub.content(url)) bytes += chunk.length;
          if (bytes < mail.raw.length) mistakes.push(`${n} (${mail.about}): only ${bytes} bytes of its raw form`);
        }
        expect(mistakes).toEqual([]);
        // Two mails told as one thing would share its activity.
        expect(entries).toBe(told.size);
        expect(told.size + kept.size).toBe(mails.length + (kind === "imap" ? 1 : 0));
      } finally {
        await hub.close();
        await store[Symbol.asyncDispose]();
      }
    },
  );
});

/** Which mail a key is: the file's own name, or a UID whose file the server tells. */
const numbers = async (user: string | undefined): Promise<(key: string) => number> => {
  if (user === undefined) return (key) => Number(/^1(\d{6})\./.exec(key)?.[1] ?? -1);
  const client = await room.server?.raw(user);
  const byUid = new Map<string, number>();
  await client?.command("EXAMINE INBOX");
  const answer = (await client?.command("UID FETCH 1:* (UID X-GUID)")) ?? "";
  for (const [, uid, guid] of answer.matchAll(/UID (\d+) X-GUID "?([^)\s"]+)/g))
    byUid.set(uid as string, Number(/^1(\d{6})\./.exec(guid as string)?.[1] ?? -1));
  client?.close();
  return (key) => byUid.get(key.slice(key.lastIndexOf("-") + 1)) ?? -1;
};
