import { mkdir, readdir, readlink, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MessageView, Page, Position, Sighting, Whole } from "groupstream";
import { isGroupstreamError } from "groupstream";
import { maildir } from "groupstream/adapters/maildir";
import { describe, expect, test } from "vitest";
import { all, collectionsOf, fetch, look, mail, makeMaildir, metadata, never, withText } from "./folder.ts";

const keysOf = (pages: readonly Page[]): string[] => pages.flatMap((page) => page.sightings.map(({ key }) => key));
const noteIn = (sighting: Sighting | undefined): MessageView => (sighting as Whole).object as MessageView;
const revisionIn = (pages: readonly Page[], key: string): string | undefined =>
  pages
    .flatMap((page) => page.sightings)
    .flatMap((sighting) => (sighting.key === key && "revision" in sighting ? [sighting.revision] : []))[0];
const codeOf = async (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => (isGroupstreamError(error) ? error.code : String(error)),
  );
const bytesOf = async (stream: ReadableStream<Uint8Array>): Promise<Buffer> =>
  Buffer.concat(await all(stream as unknown as AsyncIterable<Uint8Array>));

describe("options", () => {
  test("every mistake at once, and no I/O", () => {
    expect(() => maildir({ id: "Mail!", path: "here", owner: "someone" })).toThrow(/id:[\s\S]*path:[\s\S]*owner/);
    expect(maildir({ id: "mail", path: "/nowhere/at/all" }).kind).toBe("maildir");
  });
});

describe("folders", () => {
  test("the inbox and Maildir++ folders, by name and role", async () => {
    await using box = await makeMaildir();
    for (const name of [".Sent", ".Sent.2026", ".Entw&APw-rfe", ".Drafts"]) await box.folder(name);
    await mkdir(join(box.path, ".notafolder"));
    await writeFile(join(box.path, ".lock"), "");
    const found = await collectionsOf(
      maildir({ id: "mail", path: box.path, owner: "mailto:bob@example.org", readers: ["mailto:ann@example.org"] }),
    );
    expect([...found.values()].map(({ id, name, role }) => [id, name, role])).toEqual([
      ["INBOX", "INBOX", "inbox"],
      [".Drafts", "Drafts", "drafts"],
      [".Entw&APw-rfe", "Entwürfe", undefined],
      [".Sent", "Sent", "sent"],
      [".Sent.2026", "Sent/2026", undefined],
    ]);
    expect(found.get("INBOX")?.audience).toEqual(["mailto:bob@example.org", "mailto:ann@example.org"]);
  });
  test("a Maildir that is not there is unreachable, never empty", async () => {
    expect(await codeOf(collectionsOf(maildir({ id: "mail", path: "/nowhere/at/all" })))).toBe("unreachable");
    expect(await codeOf(maildir({ id: "mail", path: "/nowhere/at/all" }).describe(never))).toBe("unreachable");
  });
  test("an id never leads out of the Maildir", async () => {
    await using box = await makeMaildir();
    const adapter = maildir({ id: "mail", path: box.path });
    for (const id of ["..", "../x", "./x", ".a/../..", "/etc", "cur"])
      expect(await codeOf(all(adapter.changes!({ id, name: id, audience: "unknown" }, undefined, metadata, never)))).toBe(
        "forbidden",
      );
    expect(await codeOf(adapter.content!({ collection: "INBOX", key: "../../etc/passwd" }, "raw", never))).toBe("malformed");
  });
  test("a revision only when it is old enough, and another one after every change", async () => {
    await using box = await makeMaildir();
    const adapter = maildir({ id: "mail", path: box.path });
    await box.deliver("1", mail("1"));
    expect((await collectionsOf(adapter)).get("INBOX")?.revision).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const before = (await collectionsOf(adapter)).get("INBOX")?.revision;
    expect(before).toBeDefined();
    expect((await collectionsOf(adapter)).get("INBOX")?.revision).toBe(before);
    await box.file("new/1", "cur/1:2,F");
    expect((await collectionsOf(adapter)).get("INBOX")?.revision).toBeUndefined();
    await utimes(join(box.path, "cur"), 1, 1);
    await utimes(join(box.path, "new"), 1, 1);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    expect((await collectionsOf(adapter)).get("INBOX")?.revision).not.toBe(before);
  });
});

describe("looks", () => {
  test("a baseline gives whole messages without text, later looks references", async () => {
    await using box = await makeMaildir();
    const adapter = maildir({ id: "mail", path: box.path });
    await box.deliver(
      "1",
      mail(
        "1",
        "Content-Type: multipart/mixed; boundary=b\r\n",
        "--b\r\n\r\nhi\r\n--b\r\nContent-Type: image/png; name=a.png\r\n\r\nxx\r\n--b--",
      ),
    );
    const [page] = await look(adapter);
    expect(page?.listing?.last).toBe(true);
    const whole = page?.sightings[0] as Whole;
    expect(whole.object).toMatchObject({
      type: "Note",
      name: "mail 1",
      published: "2026-11-23T10:00:00Z",
      attachment: [{ part: "2", name: "a.png", mediaType: "image/png", size: 2 }],
    });
    expect(whole.object).not.toHaveProperty("text");
    expect(whole.object).not.toHaveProperty("content");
    expect(whole.same?.map(({ weight, within }) => [weight, within])).toEqual([
      ["content", "system"],
      ["hint", "everywhere"],
    ]);
    const [again] = await look(adapter, "INBOX", page?.position);
    expect(again?.sightings).toEqual([{ key: "1", revision: whole.revision }]);
    expect(again?.listing?.id).not.toBe(page?.listing?.id);
  });
  test("after a lost position references, since text may be read", async () => {
    await using box = await makeMaildir();
    await box.deliver("1", mail("1"));
    const pages = await look(maildir({ id: "mail", path: box.path }), "INBOX", undefined, withText);
    expect(pages[0]?.sightings[0]).not.toHaveProperty("object");
  });
  test("an empty folder ends its listing", async () => {
    await using box = await makeMaildir();
    const pages = await look(maildir({ id: "mail", path: box.path }));
    expect(pages.map(({ sightings, listing }) => [sightings.length, listing?.last])).toEqual([[0, true]]);
  });
  test("pages of at most 500 and 1 MiB, resumable at each, once each", async () => {
    await using box = await makeMaildir();
    const adapter = maildir({ id: "mail", path: box.path });
    const to = Array.from({ length: 100 }, (_, index) => `user${index}.of.the.wide.world@example.org`).join(", ");
    for (let index = 0; index < 1_100; index++)
      await box.deliver(`${index}`, mail(`${index}`, index < 400 ? `Cc: ${to}\r\n` : ""));
    const pages = await look(adapter);
    expect(pages.length).toBeGreaterThan(3);
    for (const page of pages) {
      expect(page.sightings.length).toBeLessThanOrEqual(500);
      expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThanOrEqual(1024 * 1024);
    }
    expect(new Set(pages.map((page) => page.listing?.id)).size).toBe(1);
    expect(pages.map((page) => page.listing?.last)).toEqual([...pages.slice(1).map(() => undefined), true]);
    expect(new Set(keysOf(pages)).size).toBe(1_100);
    const [first] = pages;
    await box.deliver("while-listing", mail("late"));
    const rest = await look(
      maildir({ id: "mail", path: box.path }),
      "INBOX",
      JSON.parse(JSON.stringify(first?.position)) as Position,
    );
    expect(rest[0]?.listing?.id).toBe(first?.listing?.id);
    expect(rest[0]?.sightings[0]).toHaveProperty("object");
    expect(new Set([...keysOf([first!]), ...keysOf(rest)]).size).toBeGreaterThanOrEqual(1_100);
    expect(keysOf(rest).some((key) => keysOf([first!]).includes(key))).toBe(false);
  });
  test("moved from new to cur it is the same key; only what is told changes the revision", async () => {
    await using box = await makeMaildir();
    const adapter = maildir({ id: "mail", path: box.path });
    await box.deliver("1", mail("1"));
    const fresh = revisionIn(await look(adapter), "1");
    await box.file("new/1", "cur/1:2,S");
    expect(revisionIn(await look(adapter), "1")).toBe(fresh);
    await box.file("cur/1:2,S", "cur/1:2,FRST");
    expect(revisionIn(await look(adapter), "1")).not.toBe(fresh);
    expect(noteIn((await fetch(adapter, ["1"])).get("1")).flags).toEqual(["flagged"]);
    const seen = await fetch(adapter, ["1"], { text: "none", behaviour: true });
    expect(noteIn(seen.get("1")).seen).toBe(true);
    expect(noteIn((await fetch(adapter, ["1"])).get("1"))).not.toHaveProperty("seen");
    expect((seen.get("1") as Whole).revision).not.toBe(revisionIn(await look(adapter), "1"));
  });
  test("dot files, tmp and two names of one key", async () => {
    await using box = await makeMaildir();
    await writeFile(join(box.path, "tmp", "half"), mail("half"));
    await writeFile(join(box.path, "new", ".hidden"), mail("hidden"));
    await writeFile(join(box.path, "new", "1"), mail("1"));
    await writeFile(join(box.path, "cur", "1:2,F"), mail("1"));
    const pages = await look(maildir({ id: "mail", path: box.path }));
    expect(keysOf(pages)).toEqual(["1"]);
    expect(noteIn(pages[0]?.sightings[0]).flags).toEqual(["flagged"]);
  });
  test("renamed by others all the time, every message is in every listing", async () => {
    await using box = await makeMaildir();
    const adapter = maildir({ id: "mail", path: box.path });
    for (let index = 0; index < 300; index++) await writeFile(join(box.path, "cur", `${index}:2,`), mail(`${index}`));
    let busy = true;
    const flipping = (async () => {
      for (let turn = 0; busy; turn++) {
        const index = turn % 300;
        const [from, to] = Math.floor(turn / 300) % 2 === 0 ? ["", "F"] : ["F", ""];
        await box.file(`cur/${index}:2,${from}`, `cur/${index}:2,${to}`);
      }
    })();
    for (let round = 0; round < 6; round++) {
      const pages = await look(adapter, "INBOX", undefined, round % 2 === 0 ? metadata : withText);
      expect(new Set(keysOf(pages)).size).toBe(300);
      expect(pages.flatMap((page) => page.sightings).filter((sighting) => "gone" in sighting)).toEqual([]);
    }
    busy = false;
    await flipping;
  });
  test("abort ends a look with its reason", async () => {
    await using box = await makeMaildir();
    const adapter = maildir({ id: "mail", path: box.path });
    for (let index = 0; index < 1_001; index++) await box.deliver(`${index}`, mail(`${index}`));
    const stop = new AbortController();
    const inbox = (await collectionsOf(adapter)).get("INBOX")!;
    const run = async () => {
      for await (const _ of adapter.changes!(inbox, undefined, metadata, stop.signal)) stop.abort(new Error("enough"));
    };
    await expect(run()).rejects.toThrow("enough");
  });
});

describe("fetch", () => {
  test("exactly one whole or gone for every key", async () => {
    await using box = await makeMaildir();
    const adapter = maildir({ id: "mail", path: box.path });
    await box.deliver("1", mail("1"));
    await box.deliver("2", mail("2"));
    await box.remove("new/2");
    const found = await all(adapter.fetch!((await collectionsOf(adapter)).get("INBOX")!, ["1", "2", "3", "1"], withText, never));
    expect(found.map(({ key }) => key).sort()).toEqual(["1", "2", "3"]);
    expect(
      found
        .filter((sighting) => "gone" in sighting)
        .map(({ key }) => key)
        .sort(),
    ).toEqual(["2", "3"]);
  });
  test("text as read says, the digest where it is asked for", async () => {
    await using box = await makeMaildir();
    const adapter = maildir({ id: "mail", path: box.path });
    await box.deliver("1", mail("1", "", "word ".repeat(1_000)));
    const digestOf = (sighting: Sighting | undefined) => (sighting as Whole).same?.find(({ id }) => id.startsWith("d:"))?.id;
    const full = (await fetch(adapter, ["1"])).get("1");
    const preview = (await fetch(adapter, ["1"], { text: "preview", behaviour: false })).get("1");
    const digest = (await fetch(adapter, ["1"], { text: "none", behaviour: false, digest: true })).get("1");
    expect(noteIn(full).text).toHaveLength(4_999);
    expect(noteIn(preview).text?.length).toBeLessThanOrEqual(2_000);
    expect(noteIn(preview).content?.length).toBeLessThanOrEqual(2_010);
    expect(noteIn(digest)).not.toHaveProperty("text");
    expect(digestOf(full)).toBeDefined();
    expect(digestOf(digest)).toBe(digestOf(full));
    expect(digestOf(preview)).toBeUndefined();
  });
  test("what is no message is malformed with its raw form, the rest goes on", async () => {
    await using box = await makeMaildir();
    const adapter = maildir({ id: "mail", path: box.path });
    await box.deliver("1", "");
    await box.deliver("2", "no header at all");
    await box.deliver("3", Buffer.alloc(1_000));
    await box.deliver("4", mail("4"));
    await mkdir(join(box.path, "cur", "5"));
    const found = await fetch(adapter, ["1", "2", "3", "4", "5"]);
    for (const key of ["1", "2", "3"]) expect(found.get(key)).toMatchObject({ malformed: { part: "raw" } });
    expect(found.get("5")).toMatchObject({ malformed: { reason: "It is not a file." } });
    expect(noteIn(found.get("4")).name).toBe("mail 4");
    expect((await bytesOf(await adapter.content!({ collection: "INBOX", key: "2" }, "raw", never))).toString()).toBe(
      "no header at all",
    );
    expect(keysOf(await look(adapter))).toHaveLength(5);
  });
  test("moved to another folder it keeps its evidence", async () => {
    await using box = await makeMaildir();
    await box.folder(".Archive");
    const adapter = maildir({ id: "mail", path: box.path });
    await box.deliver("1", mail("1"));
    const before = (await look(adapter))[0]?.sightings[0] as Whole;
    await box.file("new/1", ".Archive/cur/other-name:2,S");
    expect(keysOf(await look(adapter))).toEqual([]);
    const [after] = await look(adapter, ".Archive");
    expect(after?.sightings[0]).toMatchObject({ key: "other-name", same: before.same });
  });
  test("a file that cannot be opened is malformed", async () => {
    await using box = await makeMaildir();
    await symlink("1", join(box.path, "new", "1"));
    const found = await fetch(maildir({ id: "mail", path: box.path }), ["1"]);
    expect(found.get("1")).toMatchObject({ malformed: { reason: "The file cannot be read (ELOOP)." } });
  });
});

describe("content", () => {
  const parts = [
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=\r\n=C3=9Fe",
    `Content-Type: application/x\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.alloc(200_000, 7)
      .toString("base64")
      .replace(/(.{76})/g, "$1\r\n")}`,
    "Content-Type: application/y\r\n\r\n",
  ];
  const raw = mail(
    "1",
    "Content-Type: multipart/mixed; boundary=b\r\n",
    `${parts.map((part) => `--b\r\n${part}\r\n`).join("")}--b--`,
  );
  test("parts are decoded, raw is as it lies", async () => {
    await using box = await makeMaildir();
    const adapter = maildir({ id: "mail", path: box.path });
    await box.deliver("1", raw);
    const read = async (part: string) => bytesOf(await adapter.content!({ collection: "INBOX", key: "1" }, part, never));
    expect((await read("1")).toString()).toBe("Grüße");
    expect((await read("2")).equals(Buffer.alloc(200_000, 7))).toBe(true);
    expect(await read("3")).toHaveLength(0);
    expect((await read("raw")).toString("latin1")).toBe(raw);
    expect(await codeOf(read("9"))).toBe("malformed");
    expect(await codeOf(read("../../etc/passwd"))).toBe("malformed");
  });
  test("cancelled, aborted or read to the end, the file is closed", async () => {
    await using box = await makeMaildir();
    const adapter = maildir({ id: "mail", path: box.path });
    await box.deliver("1", raw);
    const openFiles = async (): Promise<number> => {
      const links = await Promise.all(
        (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")),
      );
      return links.filter((link) => link.startsWith(box.path)).length;
    };
    const settled = async () => {
      for (let turn = 0; turn < 50 && (await openFiles()) > 0; turn++) await new Promise((resolve) => setTimeout(resolve, 20));
      return openFiles();
    };
    for (const part of ["1", "2", "3", "raw"]) {
      await (await adapter.content!({ collection: "INBOX", key: "1" }, part, never)).cancel();
      const stop = new AbortController();
      const stream = await adapter.content!({ collection: "INBOX", key: "1" }, part, stop.signal);
      stop.abort();
      await bytesOf(stream).catch(() => {});
      await bytesOf(await adapter.content!({ collection: "INBOX", key: "1" }, part, never));
    }
    await codeOf(adapter.content!({ collection: "INBOX", key: "1" }, "9", never));
    expect(await settled()).toBe(0);
  });
  test("a 100 MB mail takes a chunk of memory and little time", async () => {
    await using box = await makeMaildir();
    const adapter = maildir({ id: "mail", path: box.path });
    const line = `${"A".repeat(76)}\r\n`;
    const body = `--b\r\n\r\nhello\r\n--b\r\nContent-Type: application/x\r\nContent-Transfer-Encoding: base64\r\n\r\n`;
    await box.deliver(
      "1",
      Buffer.concat([
        Buffer.from(mail("1", "Content-Type: multipart/mixed; boundary=b\r\n", body)),
        Buffer.alloc(100_000_000, line),
        Buffer.from("\r\n--b--\r\n"),
      ]),
    );
    await box.deliver("2", mail("2"));
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    let most = 0;
    const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
    const start = performance.now();
    const found = await fetch(adapter, ["1", "2"]);
    let size = 0;
    for await (const chunk of (await adapter.content!(
      { collection: "INBOX", key: "1" },
      "2",
      never,
    )) as unknown as AsyncIterable<Uint8Array>)
      size += chunk.length;
    clearInterval(timer);
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(Math.max(most, process.memoryUsage().rss) - before).toBeLessThan(150e6);
    expect(noteIn(found.get("1")).text).toBe("hello");
    expect(noteIn(found.get("2")).name).toBe("mail 2");
    expect(size).toBeGreaterThan(70_000_000);
  });
});

describe("watch", () => {
  test("rings for deliveries, flags and removals; ends by abort", async () => {
    await using box = await makeMaildir();
    await box.folder(".Sent");
    const adapter = maildir({ id: "mail", path: box.path });
    const stop = new AbortController();
    const rings: string[] = [];
    const ended = (async () => {
      for await (const id of adapter.watch!([...(await collectionsOf(adapter)).values()], stop.signal)) rings.push(id);
    })();
    const rung = async (id: string) => {
      for (let turn = 0; turn < 100 && !rings.includes(id); turn++) await new Promise((resolve) => setTimeout(resolve, 10));
      expect(rings).toContain(id);
      await new Promise((resolve) => setTimeout(resolve, 50));
      rings.length = 0;
    };
    await new Promise((resolve) => setTimeout(resolve, 100));
    await box.deliver("1", mail("1"));
    await rung("INBOX");
    await box.file("new/1", "cur/1:2,F");
    await rung("INBOX");
    await box.file("cur/1:2,F", ".Sent/cur/1:2,F");
    await rung(".Sent");
    await box.remove(".Sent/cur/1:2,F");
    await rung(".Sent");
    stop.abort(new Error("done"));
    await expect(ended).rejects.toThrow("done");
  });
  test("a folder that is not there is unreachable", async () => {
    await using box = await makeMaildir();
    const adapter = maildir({ id: "mail", path: box.path });
    expect(await codeOf(all(adapter.watch!([{ id: ".Gone", name: "Gone", audience: "unknown" }], never)))).toBe("unreachable");
  });
});

test("the manifest says what is given and what is lost", async () => {
  await using box = await makeMaildir();
  const manifest = await maildir({ id: "mail", path: box.path, owner: "mailto:bob@example.org" }).describe(never);
  expect(manifest).toMatchObject({ server: "Maildir", mapping: 1, self: "mailto:bob@example.org", takes: {} });
  for (const level of Object.values(manifest.gives))
    expect(level.level === "full" || ("lost" in level ? level.lost : level.why)).toBeTruthy();
});
