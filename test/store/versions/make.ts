/**
 * Makes the fixture of this schema version: a store with something in every table, as the code of that time wrote it.
 *
 *   node --conditions=groupstream:source test/store/versions/make.ts test/store/versions/v1.sqlite
 *
 * Run once when a version is released, never again: a fixture made later would not be what people have.
 */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openHub } from "groupstream";
import { maildir } from "groupstream/adapters/maildir";
import { webhook } from "groupstream/adapters/webhook";

const target = process.argv[2];
if (!target) throw new Error("say where to write it");
const folder = await mkdtemp(join(tmpdir(), "groupstream-fixture-"));
const box = join(folder, "Maildir");
for (const part of ["cur", "new", "tmp", ".Archive/cur", ".Archive/new", ".Archive/tmp"])
  await mkdir(join(box, part), { recursive: true });
const deliver = (n: number, more = "", body = `Letter ${n}`): Promise<void> =>
  writeFile(
    join(box, "new", `179000000${n}.fixture`),
    `From: Ada <ada@example.net>\r\nTo: anna@example.org\r\nSubject: Letter ${n}\r\nDate: Mon, 2 Nov 2026 10:0${n}:00 +0000\r\nMessage-ID: <${n}@fixture.example>\r\n${more}\r\n${body}\r\n`,
  );
const server = createServer((_, response) => response.writeHead(204).end());
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as { port: number };
const open = () =>
  openHub({
    store: join(folder, "store.db"),
    systems: [
      maildir({ id: "mail", path: box, owner: "mailto:anna@example.org" }),
      webhook({
        id: "hook",
        url: `http://127.0.0.1:${port}/`,
        secret: `whsec_${Buffer.alloc(24, 1).toString("base64")}`,
        audience: ["mailto:anna@example.org"],
        allow: "private",
      }),
    ],
    routes: [{ from: "mail", to: "hook", widen: "a fixture" }],
  });
await deliver(1);
let hub = await open();
await hub.sync();
await deliver(2, "In-Reply-To: <1@fixture.example>\r\n");
await deliver(3);
await writeFile(join(box, "new", "1790000009.broken"), "");
await hub.sync();
for await (const { seq } of hub.reader("crm")) if (seq === 2) break;
await rm(join(box, "new", "1790000003.fixture"));
await hub.sync();
await hub.close();
hub = await open();
await hub.sync();
await hub.close();
server.close();
const db = new DatabaseSync(join(folder, "store.db"));
db.prepare("VACUUM INTO ?").run(target);
db.close();
await rm(folder, { recursive: true });
