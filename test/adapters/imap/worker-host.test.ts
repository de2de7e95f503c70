/** Large listings are read on a thread of their own: the same rows, and never a reason to fail. */

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reading } from "../../../adapters/groupware/imap/connection.ts";
import { mailboxOf } from "../../../adapters/groupware/imap/mailbox.ts";
import { type Raws, rawsOf } from "../../../adapters/groupware/imap/messages.ts";
import { accountOf } from "../../../adapters/groupware/imap/options.ts";
import { threadOf } from "../../../adapters/groupware/imap/worker-host.ts";
import { pack, unpack } from "../../../adapters/groupware/imap/worker-transfer.ts";
import type { Dovecot } from "../../lab/dovecot.ts";
import { fill } from "../../lab/mails.ts";
import { adapterFor, hasDovecot, inbox, looked, metadata, never, serverOrReason } from "./world.ts";

const bytes = fc.uint8Array({ maxLength: 50 }).map((array) => Buffer.from(array));
const raw = fc.record({
  row: fc.record(
    {
      uid: fc.nat(),
      size: fc.nat(),
      internalDate: fc.oneof(fc.date({ noInvalidDate: true }), fc.string()),
      flags: fc.uniqueArray(fc.string()).map((list) => new Set(list)),
      labels: fc.uniqueArray(fc.string()).map((list) => new Set(list)),
      modseq: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      emailId: fc.string(),
      threadId: fc.string(),
      headers: bytes,
    },
    { requiredKeys: ["uid"] },
  ),
  structure: fc.record({ part: fc.string(), type: fc.string(), params: fc.dictionary(fc.string(), fc.string()) }),
  text: fc.record({
    shown: fc.record({ text: fc.string(), content: fc.string(), losses: fc.constant([]) }),
    digest: fc.string(),
  }),
});
const some = fc.uniqueArray(raw, { selector: ({ row }) => row.uid, maxLength: 5 });

it("what crosses between the threads arrives as it was", () => {
  fc.assert(
    fc.property(some, fc.uniqueArray(fc.nat()), fc.uniqueArray(fc.nat()), (list, broken, silent) => {
      const raws: Raws = {
        read: new Map(list.map((one) => [one.row.uid, one])),
        broken: new Set(broken),
        silent: new Set(silent),
      };
      const there = unpack(structuredClone(pack(raws)));
      expect(there).toEqual(raws);
    }),
  );
});

describe.skipIf(!hasDovecot)("with a real server", () => {
  let server: Dovecot;
  const preview = { text: "preview", behaviour: true } as const;

  beforeAll(async () => {
    server = (await serverOrReason())!;
    await fill(server, server.user("many"), { count: 1_200, size: "small", mailboxes: ["INBOX"] });
    await fill(server, server.user("rich"), { count: 40, size: "rich", mailboxes: ["INBOX"] });
  });
  afterAll(() => server?.stop());

  const accountFor = (user: string, pass: () => string = () => server.password) =>
    accountOf({ id: "mail", host: server.host, port: server.port, auth: { user: server.user(user), pass } });

  it("reads the same as the reading connection, with one login", async () => {
    let asked = 0;
    const account = accountFor("rich", () => {
      asked++;
      return server.password;
    });
    const connection = reading(accountFor("rich"));
    const near = mailboxOf(connection, account, { id: "INBOX" }, "INBOX", never);
    const thread = threadOf(account);
    try {
      const validity = await near.validity();
      const uids = await near.search("1:*");
      const expected = await rawsOf(near, uids, preview, true);
      expect(expected.read.size).toBe(40);
      const question = { path: "INBOX", collection: "INBOX", validity, uids, read: preview };
      const [once, again] = await Promise.all([thread.read(question, never), thread.read(question, never)]);
      const plain = ({ read }: Raws) =>
        [...read].map(([uid, { row, structure, text }]) => [
          uid,
          row.headers?.toString("latin1"),
          row.size,
          row.internalDate,
          row.modseq,
          row.flags,
          JSON.parse(JSON.stringify(structure)),
          text,
        ]);
      expect(plain(once)).toEqual(plain(expected));
      expect(plain(again)).toEqual(plain(expected));
      expect(asked).toBe(1);
      await expect(thread.read({ ...question, validity: "1" }, never)).rejects.toThrow(/made anew/);
    } finally {
      thread.close();
      await connection.close();
    }
  });

  it("ends when aborted, with the signal's reason, and starts again when it is asked again", async () => {
    const account = accountFor("many");
    const connection = reading(account);
    const near = mailboxOf(connection, account, { id: "INBOX" }, "INBOX", never);
    const thread = threadOf(account);
    try {
      const [validity, uids] = [await near.validity(), await near.search("1:*")];
      const question = { path: "INBOX", collection: "INBOX", validity, uids, read: metadata };
      const abort = new AbortController();
      const reads = thread.read(question, abort.signal);
      abort.abort(new Error("enough"));
      await expect(reads).rejects.toThrow("enough");
      expect((await thread.read(question, never)).read.size).toBe(1_200);
    } finally {
      thread.close();
      await connection.close();
    }
  });

  it.each([
    ["on the thread", {}, 2],
    ["on the reading connection, where the options cannot be handed over", { tls: { checkServerIdentity: () => undefined } }, 1],
  ])("lists a large mailbox %s: each message once, then the end", async (_, more, logins) => {
    let asked = 0;
    const pass = () => {
      asked++;
      return server.password;
    };
    const user = server.user("many");
    const adapter = adapterFor(server, user, { auth: { user, pass }, secure: false, insecure: "plaintext", ...more });
    try {
      const pages = await looked(adapter, await inbox(adapter));
      const keys = pages.flatMap(({ sightings }) => sightings.map(({ key }) => key));
      expect(new Set(keys).size).toBe(1_200);
      expect(keys).toHaveLength(1_200);
      expect(pages.at(-1)?.listing).toMatchObject({ last: true, count: 1_200 });
      expect(pages.flatMap(({ sightings }) => sightings).every((sighting) => "object" in sighting)).toBe(true);
      expect(asked).toBe(logins);
    } finally {
      await adapter[Symbol.asyncDispose]();
    }
  });
});
