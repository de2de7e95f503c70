/** Files of a message, uploaded to a real Prosody (XEP-0363): streamed, within limits, and never at the message's expense. */

import { randomUUID } from "node:crypto";
import type { Adapter, Collection, Command, CommandFile, MessageView, Receipt, Verb, Whole } from "groupstream";
import { GroupstreamError } from "groupstream";
import type { XmppOptions } from "groupstream/adapters/xmpp";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Prosody, ProsodyOptions } from "../../lab/prosody.ts";
import { Person } from "../../lab/xmpp.ts";
import { adapterFor, hasProsody, listed, looked, never, newRoom, serverOrReason } from "./world.ts";

const MB = 1_000_000;

/** A file of so many bytes, and how often it was opened and held at once. */
const fileOf = (part: string, name: string, bytes: number, more: Partial<CommandFile> = {}) => {
  const seen = { opened: 0, pulled: 0, cancelled: 0 };
  const piece = new Uint8Array(50_000).fill(65);
  const open = async (): Promise<ReadableStream<Uint8Array>> => {
    seen.opened += 1;
    let left = bytes;
    return new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (left === 0) return controller.close();
          const next = piece.subarray(0, Math.min(left, piece.length));
          left -= next.length;
          seen.pulled += next.length;
          controller.enqueue(next);
        },
        cancel() {
          seen.cancelled += 1;
        },
      },
      { highWaterMark: 0 },
    );
  };
  const file: CommandFile = { part, name, mediaType: "text/plain", size: Math.round(bytes * 1.37), open, ...more };
  return { file, seen };
};

const commandOf = (collection: Collection, verb: Verb, files: readonly CommandFile[], more: Partial<Command> = {}): Command => ({
  id: randomUUID(),
  attempt: 1,
  verb,
  actor: "groupstream:system/mail",
  activity: {},
  collection,
  trail: [],
  object: {
    type: "Note",
    text: "See the files.",
    attachment: files.map(({ open: _open, ...file }) => file),
  },
  files,
  ...more,
});

describe.skipIf(!hasProsody)("files", () => {
  const servers: Prosody[] = [];
  const opened: AsyncDisposable[] = [];
  let server: Prosody;
  let anna: Person;
  beforeAll(async () => {
    ({ server, anna } = await begin());
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
  });
  afterAll(async () => {
    await anna.stop();
    for (const one of servers) await one.stop();
  });
  const begin = async (options: ProsodyOptions = {}) => {
    const started = (await serverOrReason(options)) as Prosody;
    servers.push(started);
    return { server: started, anna: await Person.open(started, await started.user("anna")) };
  };
  const room = async (
    at: { server: Prosody; anna: Person } = { server, anna },
    options: Partial<XmppOptions> = {},
  ): Promise<{ adapter: Adapter; collection: Collection; perform: (command: Command) => Promise<Receipt> }> => {
    const adapter = await adapterFor(at.server, [await newRoom(at.server, at.anna, "Anna")], options);
    opened.push(adapter);
    const [collection] = (await listed(adapter)) as [Collection];
    return { adapter, collection, perform: (command) => adapter.performs![command.verb]!(command, never) };
  };
  const noteOf = (receipt: Receipt): MessageView => {
    if (receipt.outcome !== "done") throw new Error(`${receipt.outcome}: ${receipt.reason}`);
    const sighting = receipt.stands?.sighting as Whole;
    return sighting.object as MessageView;
  };

  it("are uploaded, linked in the text and as files, and can be had by everybody in the room", async () => {
    const { adapter, collection, perform } = await room();
    const { file, seen } = fileOf("2", "Bericht Ä_1.txt", 3 * MB);
    const asked = commandOf(collection, "Create", [file]);
    const heard = anna.next((stanza) => stanza.attrs.id === asked.id);
    const receipt = await perform(asked);
    const note = noteOf(receipt);
    const url = /: (http:\S+)$/m.exec(note.text ?? "")?.[1] ?? "";
    expect(note.text).toBe(`See the files.\n📎 Bericht Ä_1.txt (4.1 MB): ${url}`);
    expect(note.attachment).toEqual([{ part: "oob-1", name: "Bericht_Ä_1.txt", mediaType: "text/plain", href: url }]);
    expect((await heard).getChild("x", "jabber:x:oob")?.getChildText("url")).toBe(url);
    const got = new Uint8Array(await (await fetch(url)).arrayBuffer());
    expect([got.length, got.every((octet) => octet === 65)]).toEqual([3 * MB, true]);
    expect("losses" in receipt && receipt.losses).toBeFalsy();
    // Counted, then sent.
    expect(seen).toEqual({ opened: 2, pulled: 6 * MB, cancelled: 0 });
    const [page] = await looked(adapter, collection);
    expect(page?.sightings[0]).toMatchObject({ object: { attachment: note.attachment } });
    const manifest = await adapter.describe(never);
    expect(manifest.arrives?.attachment).toEqual({ level: "degraded", lost: expect.stringContaining("10000000 bytes") });
    expect(manifest.limits?.fileBytes).toBe(10_000_000);
  });

  it("are neither opened nor uploaded by a preview, whose digest is that of what is posted", async () => {
    const { collection, perform } = await room();
    const { file, seen } = fileOf("2", "a.txt", 1_000);
    const asked = commandOf(collection, "Create", [file]);
    const preview = await perform({ ...asked, preview: true });
    expect(seen.opened).toBe(0);
    const receipt = await perform(asked);
    expect(noteOf(receipt).attachment).toHaveLength(1);
    expect(preview).toMatchObject({ outcome: "done", digest: (receipt as { digest?: string }).digest });
  });

  it("that are too large are named, with the loss, and little of them is read", async () => {
    const { collection, perform } = await room(undefined, { fileBytes: 200_000 });
    const said = fileOf("2", "said.txt", 1 * MB);
    const silent = fileOf("3", "silent.txt", 2 * MB, { size: 100 });
    const small = fileOf("4", "small.txt", 200_000);
    const receipt = await perform(commandOf(collection, "Create", [said.file, silent.file, small.file]));
    const note = noteOf(receipt);
    expect(note.text).toMatch(
      /^See the files\.\n📎 said\.txt \(1\.4 MB\)\n📎 silent\.txt \(100 bytes\)\n📎 small\.txt \(274 KB\): http:\S+$/,
    );
    expect(note.attachment?.map(({ name }) => name)).toEqual(["small.txt"]);
    expect(receipt).toMatchObject({
      losses: [
        {
          field: "attachment",
          reason: "A file of type text/plain (1370000 bytes) is named, not sent: it is larger than 200000 bytes.",
        },
        {
          field: "attachment",
          reason: "A file of type text/plain (100 bytes) is named, not sent: it is larger than 200000 bytes.",
        },
      ],
    });
    expect(said.seen.opened).toBe(0);
    expect(silent.seen.pulled).toBeLessThanOrEqual(300_000);
    expect(silent.seen.cancelled).toBe(1);
  });

  it("are held to the server's own limit, too", async () => {
    const at = await begin({ uploads: 50_000 });
    const { adapter, collection, perform } = await room(at);
    const receipt = await perform(
      commandOf(collection, "Create", [fileOf("2", "big.txt", 60_000).file, fileOf("3", "fits.txt", 50_000).file]),
    );
    expect(noteOf(receipt).attachment?.map(({ name }) => name)).toEqual(["fits.txt"]);
    expect(receipt).toMatchObject({ losses: [{ reason: expect.stringContaining("larger than 50000 bytes") }] });
    expect((await adapter.describe(never)).limits?.fileBytes).toBe(50_000);
    await at.anna.stop();
  });

  it("are named where the server takes none, or the option lets none be sent", async () => {
    const at = await begin({ uploads: false });
    const none = await room(at);
    const { file, seen } = fileOf("2", "a.txt", 1_000);
    const receipt = await none.perform(commandOf(none.collection, "Create", [file]));
    expect(noteOf(receipt).text).toBe("See the files.\n📎 a.txt (1.4 KB)");
    expect(receipt).toMatchObject({
      losses: [{ field: "attachment", reason: expect.stringContaining("takes no uploads (XEP-0363)") }],
    });
    expect((await none.adapter.describe(never)).arrives?.attachment).toMatchObject({
      lost: expect.stringContaining("takes no uploads"),
    });
    const off = await room(undefined, { fileBytes: 0 });
    const other = await off.perform(commandOf(off.collection, "Create", [file]));
    expect(other).toMatchObject({ outcome: "done", losses: [{ reason: expect.stringContaining("fileBytes") }] });
    expect(seen.opened).toBe(0);
    await at.anna.stop();
  });

  it("that are mails lose their Bcc", async () => {
    const { collection, perform } = await room();
    const mail = "From: a@example.org\r\nBcc: secret@example.org\r\nSubject: In\r\n\r\nHi.\r\n";
    const open = async () => new Blob([mail]).stream();
    const { file } = fileOf("2", "in.eml", mail.length, { mediaType: "message/rfc822", open });
    const [posted] = noteOf(await perform(commandOf(collection, "Create", [file]))).attachment ?? [];
    expect(await (await fetch(posted?.href ?? "")).text()).toBe(mail.replace("Bcc: secret@example.org\r\n", ""));
  });

  it("that cannot be read now are waited for, a few times; what their source has no more is named at once", async () => {
    const { collection, perform } = await room();
    const failing = (code: "unreachable" | "forbidden") =>
      fileOf("2", "a.txt", 10, { open: () => Promise.reject(new GroupstreamError(code, "mail: not now")) }).file;
    const away = commandOf(collection, "Create", [failing("unreachable")]);
    expect(await perform(away)).toMatchObject({
      outcome: "refused",
      again: true,
      reason: expect.stringContaining("a file of it"),
    });
    expect(await perform({ ...away, attempt: 3 })).toMatchObject({ outcome: "refused", again: true });
    const last = await perform({ ...away, attempt: 4 });
    expect(noteOf(last).text).toBe("See the files.\n📎 a.txt (14 bytes)");
    expect(last).toMatchObject({ losses: [{ reason: expect.stringContaining("cannot be read") }] });
    const gone = await perform(commandOf(collection, "Create", [failing("forbidden")]));
    expect(gone).toMatchObject({ outcome: "done", losses: [{ reason: expect.stringContaining("has it no more") }] });
  });

  it("of what was posted already are not uploaded again; a correction has its own", async () => {
    const { collection, perform } = await room();
    const { file, seen } = fileOf("2", "a.txt", 1_000);
    const asked = commandOf(collection, "Create", [file]);
    const first = await perform(asked);
    expect(noteOf(await perform({ ...asked, attempt: 2 })).attachment).toEqual(noteOf(first).attachment);
    expect(seen.opened).toBe(2);
    const { key } = (first as Extract<Receipt, { outcome: "done" }>).stands!.sighting;
    const other = fileOf("2", "b.txt", 500).file;
    const changed = await perform(commandOf(collection, "Update", [other], { item: { collection: collection.id, key } }));
    expect(noteOf(changed).attachment?.map(({ name }) => name)).toEqual(["b.txt"]);
  });
});
