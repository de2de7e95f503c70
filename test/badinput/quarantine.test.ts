/** Mails that cannot be read: counted, their raw form reachable, the rest told; repaired, told once. */

import { chmod, chown, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Adapter, type Hub, openHub } from "groupstream";
import { afterAll, describe, expect, it } from "vitest";
import { Folder, records } from "../cli/command.ts";
import { ordinary } from "./mails.ts";
import { makeRoom } from "./world.ts";

const room = await makeRoom();
afterAll(() => room[Symbol.asyncDispose]());

const bytesOf = async (hub: Hub, url: string): Promise<Buffer> =>
  Buffer.from(await new Response(await hub.content(url)).arrayBuffer());

const toldBy = async (hub: Hub): Promise<readonly string[]> =>
  (await Array.fromAsync(hub.activities())).map(
    ({ activity }) => `${activity.type} ${(activity.object as { name?: string }).name ?? ""}`,
  );

/** The URL of the one file that was told. */
const fileOf = async (hub: Hub): Promise<string> => {
  const entries = await Array.fromAsync(hub.activities());
  const [url] = entries.flatMap(({ activity }) =>
    ((activity.object as { attachment?: { url: string }[] }).attachment ?? []).map((file) => file.url),
  );
  return url ?? "";
};

const quarantined = async (hub: Hub): Promise<number | undefined> => (await hub.status()).systems[0]?.quarantined;

/** The same adapter after an upgrade of its mapping. */
const upgraded = (adapter: Adapter): Adapter => ({
  ...adapter,
  describe: async (signal) => {
    const manifest = await adapter.describe(signal);
    return { ...manifest, mapping: manifest.mapping + 1 };
  },
});

/** No header field at all: what a disk or a broken agent leaves. */
const junk = Buffer.from([0, 1, 2, 0xff, 0xfe, 10, 10, 0x89, 0x50, 0x4e, 0x47]);

const file =
  "Content-Type: multipart/mixed; boundary=b\r\nSubject: with a file\r\n\r\n--b\r\n\r\nx\r\n--b\r\nContent-Type: image/png\r\n\r\nPNG\r\n--b--\r\n";

describe("maildir", () => {
  it("quarantines a file that is no mail, gives its bytes, tells the others, and it once it is replaced", async () => {
    const box = await room.box("maildir", "junk");
    const path = box.source.kind === "maildir" ? box.source.path : "";
    await using hub = await openHub({ store: join(room.dir, "junk.db"), systems: [box.adapter()], policy: { body: "full" } });
    await hub.sync();
    await box.deliver("1.bad/é".replace("/", "%"), junk);
    await box.deliver("2.empty", "");
    await box.deliver("3.next", ordinary("next"));
    expect((await hub.sync())[0]).toMatchObject({ told: 1, failures: [] });
    expect(await toldBy(hub)).toEqual(["Create next"]);
    expect(await quarantined(hub)).toBe(2);

    const listed = await hub.quarantine();
    expect(listed).toMatchObject([
      { place: "mail/INBOX", key: "1.bad%é", reason: "The file holds no header field of a message.", tries: 1 },
      { place: "mail/INBOX", key: "2.empty" },
    ]);
    expect(await hub.quarantine("other")).toEqual([]);
    const [bad, empty] = listed.map(({ raw }) => raw ?? "");
    expect(bad).toMatch(/^groupstream:quarantine\/[\x21-\x7e]+$/);
    expect(await bytesOf(hub, bad!)).toEqual(junk);
    expect(await bytesOf(hub, empty!)).toEqual(Buffer.alloc(0));

    // Seen again as it was: still counted, not tried again.
    await box.deliver("4.later", ordinary("later"));
    await hub.sync();
    expect(await hub.quarantine()).toEqual(listed);

    await rm(join(path, "new", "1.bad%é"));
    await box.deliver("1.bad%é", ordinary("repaired"));
    await hub.sync();
    await hub.sync();
    expect(await toldBy(hub)).toEqual(["Create next", "Create later", "Create repaired"]);
    expect(await quarantined(hub)).toBe(1);
    await expect(hub.content(bad!)).rejects.toMatchObject({ code: "forbidden" });

    await rm(join(path, "new", "2.empty"));
    await hub.sync();
    expect(await quarantined(hub)).toBe(0);
    expect(await toldBy(hub)).toHaveLength(3);
  });

  it("tells what an upgrade can read, once, also what was there at the first look", async () => {
    const box = await room.box("maildir", "upgrade");
    const store = join(room.dir, "upgrade.db");
    const adapter = box.adapter();
    // What this version of the adapter cannot read.
    const blind: Adapter = {
      ...adapter,
      async *fetch(collection, keys, read, signal) {
        for await (const sighting of adapter.fetch!(collection, keys, read, signal))
          yield sighting.key === "1.hard" && "revision" in sighting
            ? { key: sighting.key, revision: sighting.revision, malformed: { reason: "Too hard.", part: "raw" } }
            : sighting;
      },
    };
    {
      await using hub = await openHub({ store, systems: [blind] });
      await hub.sync();
      await box.deliver("1.hard", ordinary("hard"));
      await box.deliver("2.easy", ordinary("easy"));
      await hub.sync();
      expect(await toldBy(hub)).toEqual(["Create easy"]);
      expect((await bytesOf(hub, (await hub.quarantine())[0]?.raw ?? "")).toString()).toBe(ordinary("hard"));
    }
    await using hub = await openHub({ store, systems: [upgraded(adapter)] });
    await hub.sync();
    await hub.sync();
    expect(await toldBy(hub)).toEqual(["Create easy", "Create hard"]);
    expect(await hub.quarantine()).toEqual([]);
  });

  it("content of a mail that went, moved or changed its system says so in one sentence", async () => {
    const box = await room.box("maildir", "went");
    const path = box.source.kind === "maildir" ? box.source.path : "";
    const store = join(room.dir, "went.db");
    await using hub = await openHub({ store, systems: [box.adapter()], history: "all" });
    await box.deliver("1.file", file);
    await hub.sync();
    const url = await fileOf(hub);
    expect((await bytesOf(hub, url)).toString()).toBe("PNG");
    const sentence = {
      code: "forbidden",
      message: expect.stringMatching(/^groupstream:content\/\S+: nothing that is left can give it; .* sync and ask again$/),
    };
    await rename(join(path, "new", "1.file"), join(path, "tmp", "1.file"));
    await expect(hub.content(url)).rejects.toMatchObject({ ...sentence, cause: { code: "malformed" } });
    await hub.sync();
    await expect(hub.content(url)).rejects.toMatchObject(sentence);
    await expect(hub.content(url.replace(/[^/]+$/, "9.9"))).rejects.toMatchObject({ code: "forbidden" });
    for (const wrong of ["groupstream:quarantine/mail%2FINBOX/x", "groupstream:quarantine/%E0%A4%A/x/raw"])
      await expect(hub.content(wrong)).rejects.toMatchObject({ code: "misconfigured" });
    await expect(hub.content("groupstream:quarantine/mail%2FINBOX/1.file/raw")).rejects.toMatchObject({ code: "forbidden" });
  });
});

it("the command line names them, and their raw form where JSON is wanted", async () => {
  const folder = await Folder.make();
  try {
    await folder.maildir();
    await folder.run(["sync"]);
    await writeFile(join(folder.path, "Maildir/new/1.bad"), junk);
    expect(await folder.run(["sync"])).toMatchObject({ status: 0, stderr: "" });
    const { stdout } = await folder.run(["status", "--text"]);
    expect(stdout).toContain(
      "  1 could not be read and wait in quarantine\n    mail/INBOX 1.bad: The file holds no header field of a message.\n",
    );
    expect(records((await folder.run(["status", "--json"])).stdout)).toMatchObject([
      { quarantine: [{ key: "1.bad", raw: "groupstream:quarantine/mail%2FINBOX/1.bad/raw" }] },
    ]);
  } finally {
    await folder.remove();
  }
});

describe.skipIf(!room.server)("imap", () => {
  it("quarantines what the server cannot give, tells the others, and gives its raw form once it can", async () => {
    const server = room.server!;
    const box = await room.box("imap", "unreadable");
    const cur = join(server.dir, "mail", server.user("unreadable"), "Maildir/cur");
    const store = join(room.dir, "unreadable.db");
    {
      await using hub = await openHub({ store, systems: [box.adapter()], policy: { body: "full" } });
      await hub.sync();
      await box.deliver("1.bad.x", ordinary("unreadable", "the raw form"));
      await box.deliver("2.next.x", ordinary("next"));
      const raw = await server.raw(server.user("unreadable"));
      await raw.command("SELECT INBOX");
      raw.close();
      const bad = join(cur, (await readdir(cur)).find((name) => name.startsWith("1.bad"))!);
      // A file the server may not open: it lists the message and refuses to give it.
      await chmod(bad, 0);
      await chown(bad, 0, 0).catch(() => undefined);
      expect((await hub.sync())[0]).toMatchObject({ told: 1, failures: [] });
      expect(await toldBy(hub)).toEqual(["Create next"]);
      expect(await quarantined(hub)).toBe(1);
      const [waiting] = await hub.quarantine();
      expect(waiting).toMatchObject({ place: "mail/INBOX", reason: expect.stringMatching(/^The server.*\.$/) });
      await expect(bytesOf(hub, waiting?.raw ?? "")).rejects.toMatchObject({ name: "GroupstreamError" });
      await chmod(bad, 0o644);
      expect((await bytesOf(hub, waiting?.raw ?? "")).toString()).toBe(ordinary("unreadable", "the raw form"));
    }
    await using hub = await openHub({ store, systems: [upgraded(box.adapter())], policy: { body: "full" } });
    await hub.sync();
    await hub.sync();
    expect(await toldBy(hub)).toEqual(["Create next", "Create unreadable"]);
    expect(await hub.quarantine()).toEqual([]);
  });

  it("content of a mail that was deleted, or whose mailbox was made anew, says so in one sentence", async () => {
    const server = room.server!;
    const box = await room.box("imap", "went");
    const user = server.user("went");
    await using hub = await openHub({ store: join(room.dir, "went-imap.db"), systems: [box.adapter()] });
    await hub.sync();
    await server.append(user, "Box", [file]);
    await hub.sync();
    const url = await fileOf(hub);
    expect((await bytesOf(hub, url)).toString()).toBe("PNG");
    const sentence = { code: "forbidden", message: expect.stringMatching(/: nothing that is left can give it; /) };
    const raw = await server.raw(user);
    await raw.command("SELECT Box");
    await raw.command("STORE 1 +FLAGS (\\Deleted)");
    await raw.command("EXPUNGE");
    await expect(hub.content(url)).rejects.toMatchObject({ ...sentence, cause: { code: "malformed" } });
    await raw.command("CLOSE");
    await raw.command("DELETE Box");
    await expect(hub.content(url)).rejects.toMatchObject(sentence);
    await raw.command("CREATE Box");
    await expect(hub.content(url)).rejects.toMatchObject({ ...sentence, cause: { code: "position-lost" } });
    raw.close();
  });
});
