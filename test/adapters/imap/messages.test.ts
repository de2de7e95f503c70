import type { Adapter, Collection, MessageView, Read, Sighting } from "groupstream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Dovecot } from "../../lab/dovecot.ts";
import { mails } from "../../lab/mails.ts";
import { adapterFor, fetched, hasDovecot, inbox, looked, metadata, never, serverOrReason } from "./world.ts";

const preview: Read = { text: "preview", behaviour: false };
const full: Read = { text: "full", behaviour: false };

const head = (id: string, more = ""): string =>
  `From: =?utf-8?Q?J=C3=BCrgen?= <j@example.org>\r\nTo: bob@example.org\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nDate: Mon, 05 Jan 2026 08:00:00 +0000\r\nMessage-ID: <${id}>\r\nMIME-Version: 1.0\r\n${more}`;

const file = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256));
const base64 = file.toString("base64").replace(/.{76}/g, "$&\r\n");

const mixed = `${head("mixed@x", 'Content-Type: multipart/mixed; boundary="m"\r\n')}
--m
Content-Type: multipart/alternative; boundary="a"

--a
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Sch=F6ne Gr=FC=DFe
--a
Content-Type: text/html; charset=utf-8

<p>Sch\u00f6ne <b>Gr\u00fc\u00dfe</b><script>alert(1)</script></p>
--a--
--m
Content-Type: application/pdf; name="x.pdf"
Content-Disposition: attachment; filename*=utf-8''%C3%9Cbersicht.pdf
Content-Transfer-Encoding: base64

${base64}
--m--
`.replace(/\r?\n/g, "\r\n");

const noteIn = (sightings: readonly Sighting[]): MessageView => {
  const sighting = sightings[0]!;
  if (!("object" in sighting) || sighting.object?.type !== "Note") throw new Error("no whole sighting of a message");
  return sighting.object;
};

describe.skipIf(!hasDovecot)("messages", () => {
  let server: Dovecot;
  let adapter: Adapter;
  let box: Collection;
  let validity: string;
  const user = "anna@example.org";

  beforeAll(async () => {
    server = (await serverOrReason())!;
    adapter = adapterFor(server, user);
    box = await inbox(adapter);
    validity = box.revision!.split(":")[0]!;
  });
  afterAll(async () => {
    await adapter[Symbol.asyncDispose]();
    await server.stop();
  });

  const store = async (raw: string | Uint8Array, flags: string[] = []): Promise<string> => {
    const [uid] = await server.append(user, "INBOX", [{ raw, flags, date: new Date("2026-01-05T09:00:00Z") }]);
    return `${validity}-${uid}`;
  };

  const whole = async (key: string, read: Read) => {
    const sightings = await fetched(adapter, box, [key], read);
    expect(sightings).toHaveLength(1);
    return { sighting: sightings[0]!, note: noteIn(sightings) };
  };

  it("reads header, structure, flags and arrival without touching the message", async () => {
    const key = await store(mixed, ["\\Flagged", "Blue", "$MDNSent"]);
    const { sighting, note } = await whole(key, metadata);
    expect(note).toMatchObject({
      name: "Gr\u00fc\u00dfe",
      published: "2026-01-05T08:00:00Z",
      attributedTo: { id: "mailto:j@example.org", name: "J\u00fcrgen" },
      flags: ["blue", "flagged"],
      attachment: [{ part: "2", name: "\u00dcbersicht.pdf", mediaType: "application/pdf" }],
    });
    expect(note).not.toHaveProperty("text");
    expect(note).not.toHaveProperty("seen");
    expect(sighting).toMatchObject({ key, came: "2026-01-05T09:00:00.000Z" });
    expect(await server.doveadm("fetch", "-u", user, "flags", "mailbox", "INBOX", "uid", key.split("-")[1]!)).not.toContain(
      "\\Seen",
    );
  });

  it("brings the text that is asked for, and no more of the flags than is allowed", async () => {
    const key = await store(mixed, ["\\Seen"]);
    expect((await whole(key, preview)).note).toMatchObject({ text: "Sch\u00f6ne Gr\u00fc\u00dfe" });
    const { note } = await whole(key, { ...full, behaviour: true });
    expect(note).toMatchObject({ text: "Sch\u00f6ne Gr\u00fc\u00dfe", seen: true });
    expect(note.content).toContain("<b>Gr\u00fc\u00dfe</b>");
    expect(note.content).not.toContain("script");
    expect((await whole(key, preview)).note).not.toHaveProperty("seen");
  });

  it("mints the same digest whatever else is read, and none from a preview", async () => {
    const key = await store(mixed);
    const digests = async (read: Read) => {
      const { sighting } = await whole(key, read);
      return "same" in sighting
        ? sighting.same!.filter(({ weight, within }) => weight === "content" && within === "everywhere")
        : [];
    };
    expect(await digests(full)).toHaveLength(1);
    expect(await digests({ ...metadata, digest: true })).toEqual(await digests(full));
    expect(await digests(preview)).toEqual([]);
    expect((await whole(key, { ...metadata, digest: true })).note).not.toHaveProperty("text");
  });

  it("reads only the beginning of a long text for a preview", async () => {
    const key = await store(`${head("long@x")}Content-Type: text/plain\r\n\r\n${"word ".repeat(400_000)}`);
    const { note } = await whole(key, preview);
    expect(note.text!.length).toBeGreaterThan(1_500);
    expect(note.text!.length).toBeLessThanOrEqual(2_000);
    const { sighting, note: all } = await whole(key, full);
    expect(all.text!.length).toBe(1024 * 1024);
    expect(
      "same" in sighting && sighting.same!.some(({ within, weight }) => within === "everywhere" && weight === "content"),
    ).toBe(false);
  });

  it("takes the HTML where the plain part is a stub or missing", async () => {
    const html = `<html><head><style>${"p { color: red } ".repeat(500)}</style></head><body><p>${"The real text. ".repeat(50)}</p></body></html>`;
    const key = await store(
      `${head("stub@x", 'Content-Type: multipart/alternative; boundary="a"\r\n')}\r\n--a\r\nContent-Type: text/plain\r\n\r\nSee browser\r\n--a\r\nContent-Type: text/html\r\n\r\n${html}\r\n--a--\r\n`,
    );
    expect((await whole(key, preview)).note.text).toMatch(/^The real text\./);
    const only = await store(`${head("html@x", "Content-Type: text/html\r\n")}\r\n${html}`);
    expect((await whole(only, preview)).note.text).toMatch(/^The real text\./);
  });

  it("takes half of a media type for plain text, and tells where the server shows only an empty part", async () => {
    const broken = {
      "text@x": "Content-Type: text\r\n\r\nwhat it says\r\n",
      "signs@x": "Content-Type: ///;;;\r\n\r\nwhat it says\r\n",
      "never@x": "Content-Type: multipart/mixed; boundary=never\r\n\r\nwhat it says\r\n",
    };
    const notes: MessageView[] = [];
    for (const [id, rest] of Object.entries(broken)) {
      const [uid] = await server.append(user, "INBOX", [head(id, rest)]);
      notes.push(noteIn(await fetched(adapter, box, [`${validity}-${uid}`], full)));
    }
    expect(notes.map(({ text }) => text)).toEqual(["what it says", "what it says", ""]);
    expect(notes.map(({ losses = [] }) => losses.map(({ field }) => field))).toEqual([[], [], ["content"]]);
  });

  it("answers for every key: whole, or gone", async () => {
    const key = await store(mixed);
    const keys = [key, `${validity}-999999`, `1-${key.split("-")[1]}`, "nonsense"];
    const sightings = await fetched(adapter, box, keys);
    expect(sightings.map((sighting) => sighting.key).sort()).toEqual([...keys].sort());
    expect(sightings.filter((sighting) => "gone" in sighting)).toHaveLength(3);
  });

  it("streams the bytes of a file, of the whole message, and closes its connection", async () => {
    const key = await store(mixed);
    const bytes = async (part: string): Promise<Buffer> => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of await adapter.content!({ collection: box.id, key }, part, never)) chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    expect((await bytes("2")).equals(file)).toBe(true);
    expect((await bytes("raw")).toString("latin1")).toBe(Buffer.from(mixed).toString("latin1"));
    expect((await bytes("1.1")).toString("latin1").trim()).toBe("Sch\u00f6ne Gr\u00fc\u00dfe");
    await expect(bytes("9")).rejects.toMatchObject({ code: "malformed" });
    await expect(bytes("../etc")).rejects.toMatchObject({ code: "malformed" });
    const stream = await adapter.content!({ collection: box.id, key }, "2", never);
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    await expect
      .poll(async () => (await server.doveadm("who", "-1", user)).split("\n").filter((line) => line.includes(user)).length)
      .toBe(1);
  });

  it("has evidence for messages without Message-ID, apart for different ones", async () => {
    const bare = (body: string): string =>
      `Received: from a by b; Mon, 05 Jan 2026 08:00:00 +0000\r\nFrom: cron@example.org\r\nSubject: report\r\nDate: Mon, 05 Jan 2026 08:00:00 +0000\r\n\r\n${body}`;
    const [one, two, same] = [await store(bare("one")), await store(bare("twelve")), await store(bare("one"))];
    const evidence = async (key: string) => {
      const { sighting } = await whole(key, metadata);
      return "same" in sighting ? sighting.same!.map(({ id }) => id) : [];
    };
    expect(await evidence(one)).toHaveLength(1);
    expect(await evidence(one)).toEqual(await evidence(same));
    expect(await evidence(one)).not.toEqual(await evidence(two));
  });

  const nested = (depth: number): string => {
    let text = "Content-Type: text/plain\r\n\r\ninnermost\r\n";
    for (let at = 0; at < depth; at++)
      text = `Content-Type: multipart/mixed; boundary="b${at}"\r\n\r\n--b${at}\r\n${text}\r\n--b${at}--\r\n`;
    return head("nested@x") + text;
  };

  it.each([
    ["1,000 nested parts", nested(1_000)],
    ["NUL bytes", `${head("nul@x")}\r\na\0b\0c`],
    ["no header at all", "\r\n\r\njust text"],
    ["a header without end", head("endless@x").trimEnd()],
    [
      "10,000 recipients",
      `From: a@example.org\r\nTo: ${Array.from({ length: 10_000 }, (_, n) => `user${n}@example.org`).join(",\r\n ")}\r\nSubject: all\r\nMessage-ID: <many@x>\r\n\r\nhello`,
    ],
    [
      "2,000 parts",
      `${head("parts@x", 'Content-Type: multipart/mixed; boundary="p"\r\n')}\r\n${"--p\r\nContent-Type: text/plain\r\n\r\nx\r\n".repeat(2_000)}--p--\r\n`,
    ],
    ["an invalid date", "From: a@example.org\r\nDate: yesterday, perhaps\r\nMessage-ID: <date@x>\r\n\r\nhello"],
    ["a lying charset", `${head("charset@x", "Content-Type: text/plain; charset=utf-16\r\n")}\r\nplain ascii \xff\xfe`],
  ])("reads or reports %s, and the message after it", async (name, raw) => {
    const key = await store(raw);
    const after = await store(mixed);
    const started = performance.now();
    const sightings = await fetched(adapter, box, [key, after], full);
    expect(performance.now() - started, `${name} took long`).toBeLessThan(5_000);
    expect(sightings.map((sighting) => sighting.key)).toEqual([key, after]);
    const told = sightings[0]!;
    expect("object" in told || "malformed" in told).toBe(true);
    if ("malformed" in told) expect(told.malformed).toMatchObject({ part: "raw" });
    expect(noteIn(sightings.slice(1)).text).toBe("Sch\u00f6ne Gr\u00fc\u00dfe");
    const note = "object" in told && told.object?.type === "Note" ? told.object : undefined;
    if (name === "an invalid date") expect(note).not.toHaveProperty("published");
    if (name === "NUL bytes") expect(JSON.stringify(note)).not.toContain("\\u0000");
  });

  it("reads a mail of 100 MB in little memory, and streams it", async () => {
    const size = 100_000_000;
    const big = Buffer.concat([
      Buffer.from(
        `${head("big@x", 'Content-Type: multipart/mixed; boundary="m"\r\n')}\r\n--m\r\nContent-Type: text/plain\r\n\r\nsee file\r\n--m\r\nContent-Type: application/zip\r\nContent-Disposition: attachment\r\n\r\n`,
      ),
      Buffer.alloc(size, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\r\n"),
      Buffer.from("\r\n--m--\r\n"),
    ]);
    const key = await store(big);
    const idle = process.memoryUsage().rss;
    const started = performance.now();
    expect((await whole(key, full)).note.text).toBe("see file");
    let streamed = 0;
    for await (const chunk of await adapter.content!({ collection: box.id, key }, "2", never)) streamed += chunk.length;
    expect(streamed).toBe(size);
    expect(performance.now() - started).toBeLessThan(5_000);
    expect((process.memoryUsage().rss - idle) / 1e6).toBeLessThan(150);
  });

  it("keeps pages below 1 MiB and 500 sightings", async () => {
    const crowd = `To: ${Array.from({ length: 2_000 }, (_, n) => `User Number ${n} <user${n}@example.org>`).join(",\r\n ")}\r\n`;
    const other = server.user("crowd");
    await server.append(other, "INBOX", [
      ...Array.from({ length: 20 }, (_, n) => `From: a@example.org\r\n${crowd}Message-ID: <crowd${n}@x>\r\n\r\nhello`),
      ...[...mails({ count: 600, size: "small" })].map(({ raw }) => raw),
    ]);
    const own = adapterFor(server, other);
    const pages = await looked(own, await inbox(own));
    await own[Symbol.asyncDispose]();
    expect(pages.flatMap((page) => page.sightings)).toHaveLength(620);
    for (const page of pages) {
      expect(page.sightings.length).toBeLessThanOrEqual(500);
      expect(JSON.stringify(page.sightings).length).toBeLessThanOrEqual(1024 * 1024);
    }
  });
});
