import { connect, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Dovecot } from "../../lab/dovecot.ts";
import type { RawImap } from "../../lab/imap.ts";
import { adapterFor, Believer, hasDovecot, inbox, listed, looked, metadata, serverOrReason, truth } from "./world.ts";

const tiers = [
  { name: "QRESYNC", without: [] },
  { name: "CONDSTORE", without: ["QRESYNC"] },
  { name: "plain", without: ["QRESYNC", "CONDSTORE"] },
  { name: "QRESYNC without LIST-STATUS", without: ["LIST-STATUS"] },
];

const letter = (n: number | string, more = ""): string =>
  `From: Anna <anna@example.org>\r\nTo: bob@example.org\r\nSubject: letter ${n}\r\nDate: Mon, 05 Jan 2026 08:00:00 +0000\r\nMessage-ID: <${n}@example.org>\r\n${more}\r\nHello ${n}\r\n`;

const letters = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, index) => letter(from + index));

/** Counts the command lines of whoever connects through it. */
const counting = async (port: number): Promise<{ port: number; lines: string[]; close(): void }> => {
  const lines: string[] = [];
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    client.on("data", (data) =>
      lines.push(
        ...data
          .toString("latin1")
          .split("\r\n")
          .filter((line) => line !== ""),
      ),
    );
    client
      .on("error", () => undefined)
      .on("close", () => upstream.destroy())
      .pipe(upstream);
    upstream
      .on("error", () => undefined)
      .on("close", () => client.destroy())
      .pipe(client);
  });
  await new Promise<void>((go) => server.listen(0, "127.0.0.1", go));
  const address = server.address();
  return { port: typeof address === "object" && address ? address.port : 0, lines, close: () => server.close() };
};

describe.skipIf(!hasDovecot).each(tiers)("reading by $name", ({ name, without }) => {
  let server: Dovecot;
  let raw: RawImap;
  let user: string;
  let users = 0;
  const boxes = ["INBOX", "Archive", "Sent", "Trash"];

  beforeAll(async () => {
    server = (await serverOrReason({ without }))!;
  });
  afterAll(() => server.stop());

  const begin = async (count: number): Promise<Believer> => {
    user = server.user(`user${++users}`);
    await server.append(user, "Archive", [letter("old")]);
    if (count > 0) await server.append(user, "INBOX", letters(1, count));
    raw = await server.raw(user);
    const believer = new Believer(adapterFor(server, user));
    await believer.round();
    expect(believer.state()).toEqual(await truth(raw, boxes));
    return believer;
  };

  const agree = async (believer: Believer): Promise<void> => {
    await believer.round();
    expect(believer.state()).toEqual(await truth(raw, boxes));
  };

  const end = async (believer: Believer): Promise<void> => {
    raw.close();
    await believer.adapter[Symbol.asyncDispose]();
  };

  it("lists everything once with the server's count, then nothing is news", async () => {
    const believer = await begin(1_200);
    const box = await inbox(believer.adapter);
    const pages = await looked(believer.adapter, box);
    expect(pages.map((page) => page.sightings.length)).toEqual([500, 500, 200]);
    expect(new Set(pages.map((page) => page.listing?.id)).size).toBe(1);
    expect(pages.map((page) => page.listing?.last)).toEqual([undefined, undefined, true]);
    expect(pages.at(-1)!.listing?.count).toBe(1_200);
    expect(pages.map((page) => page.estimate)).toEqual([700, 200, 0]);
    await believer.round();
    expect(believer.told).toBe(0);
    // Flags of a plain mailbox change without a sign: it has no revision and is looked at each time.
    const expected = name === "plain" ? boxes.length : 0;
    expect(believer.looks).toBe(expected);
    expect((await listed(believer.adapter)).every(({ revision }) => (revision === undefined) === (name === "plain"))).toBe(true);
    await end(believer);
  });

  it("tells new mail, flags, expunges and moves", async () => {
    const believer = await begin(20);
    await server.append(user, "INBOX", [letter("new")]);
    await raw.command("SELECT INBOX");
    await raw.command("UID STORE 3:5 +FLAGS (\\Flagged urgent \\Answered)");
    await raw.command("UID STORE 7 +FLAGS (\\Deleted)");
    await raw.command("UID EXPUNGE 7");
    await raw.command('UID MOVE 9:10 "Archive"');
    await agree(believer);
    // 1 new, 3 flagged, 1 expunged, 2 moved out and in.
    expect(believer.told).toBe(9);
    await raw.command("SELECT INBOX");
    await raw.command("UID STORE 3 FLAGS ()");
    await agree(believer);
    expect(believer.told).toBe(1);
    await believer.round();
    expect(believer.told).toBe(0);
    await end(believer);
  });

  it("agrees with the server through a random history, also when the adapter is made anew", async () => {
    const believer = await begin(60);
    let seed = 7;
    const roll = (n: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * n);
    };
    for (let round = 0; round < 25; round++) {
      for (let step = roll(5); step >= 0; step--) {
        const from = boxes[roll(2)]!;
        await raw.command(`SELECT ${from}`);
        const uids = /SEARCH(?: ([\d ]+))?\r\n/.exec(await raw.command("UID SEARCH ALL"))?.[1]?.split(" ") ?? [];
        const uid = uids[roll(uids.length)];
        const action = roll(5);
        if (action === 0 || uid === undefined)
          await server.append(user, from, letters(1_000 * round + step, 1_000 * round + step + roll(3)));
        else if (action === 1) await raw.command(`UID STORE ${uid} +FLAGS (${["\\Flagged", "blue", "\\Seen"][roll(3)]})`);
        else if (action === 2) await raw.command(`UID STORE ${uid} -FLAGS (${["\\Flagged", "blue", "\\Seen"][roll(3)]})`);
        else if (action === 3) await raw.command(`UID MOVE ${uid} ${boxes[roll(boxes.length)]}`);
        else {
          await raw.command(`UID STORE ${uid} +FLAGS (\\Deleted)`);
          await raw.command(`UID EXPUNGE ${uid}`);
        }
      }
      await agree(believer);
      if (roll(4) === 0) {
        await believer.adapter[Symbol.asyncDispose]();
        believer.adapter = adapterFor(server, user);
      }
    }
    await end(believer);
  });

  it("goes on with a listing that was broken off, on another connection, and leaves later arrivals to the changes after it", async () => {
    const believer = await begin(0);
    await server.append(user, "INBOX", letters(1, 1_300));
    const box = await inbox(believer.adapter);
    for await (const page of believer.adapter.changes!(box, undefined, metadata, new AbortController().signal)) {
      await believer.take(box, page);
      break;
    }
    expect(believer.items.get(box.id)!.size).toBe(500);
    await server.append(user, "INBOX", [letter("late")]);
    await raw.command("SELECT INBOX");
    await raw.command("UID STORE 1:1000 +FLAGS (\\Flagged)");
    await raw.command("UID STORE 2,700 +FLAGS (\\Deleted)");
    await raw.command("UID EXPUNGE 2,700");
    await believer.adapter[Symbol.asyncDispose]();
    believer.adapter = adapterFor(server, user);
    const pages = await looked(believer.adapter, box, believer.positions.get(box.id));
    expect(pages.flatMap((page) => page.sightings).length).toBe(799);
    // 1,300 without the two that went: the late one is not of this listing.
    expect(pages.at(-1)!.listing).toMatchObject({ last: true, count: 1_298 });
    await believer.look(box);
    await believer.look(box);
    expect(believer.state()).toEqual(await truth(raw, boxes));
    await end(believer);
  });

  it("loses its position when a mailbox is made anew, and says so", async () => {
    const believer = await begin(3);
    const archive = (await listed(believer.adapter)).find(({ name: called }) => called === "Archive")!;
    const before = believer.positions.get(archive.id)!;
    const key = [...believer.items.get(archive.id)!.keys()][0]!;
    // Dovecot takes UIDVALIDITY from the clock.
    await new Promise((go) => setTimeout(go, 1_100));
    await raw.command("CREATE other");
    await raw.command("DELETE Archive");
    await server.append(user, "Archive", letters(50, 52));
    await expect(looked(believer.adapter, archive, before)).rejects.toMatchObject({
      code: "position-lost",
      collection: "Archive",
    });
    // The old key names no message of the new mailbox, although its UID is there.
    const answers = [];
    for await (const sighting of believer.adapter.fetch!(archive, [key], metadata, new AbortController().signal))
      answers.push(sighting);
    expect(answers).toEqual([{ key, gone: true }]);
    await raw.command("DELETE other");
    await agree(believer);
    await end(believer);
  });

  it("shows mailboxes that are made, renamed and deleted", async () => {
    const believer = await begin(1);
    const names = async (): Promise<string[]> => (await listed(believer.adapter)).map((collection) => collection.name).sort();
    expect(await names()).toEqual([...boxes].sort());
    await raw.command('CREATE "Projekte/B&APw-ro"');
    expect(await names()).toEqual([...boxes, "Projekte/Büro"].sort());
    await raw.command('RENAME "Projekte/B&APw-ro" Projekte/Neu');
    expect(await names()).toEqual([...boxes, "Projekte/Neu"].sort());
    await raw.command("DELETE Projekte/Neu");
    expect(await names()).toEqual([...boxes].sort());
    await end(believer);
  });

  it("gives flags only where text is wanted, and everything by key", async () => {
    const believer = await begin(700);
    const box = await inbox(believer.adapter);
    const preview = { text: "preview", behaviour: false } as const;
    const pages = await looked(believer.adapter, box, undefined, preview);
    expect(pages.flatMap((page) => page.sightings).every((sighting) => "set" in sighting)).toBe(true);
    const reader = new Believer(believer.adapter, preview);
    await reader.round();
    expect(reader.state()).toEqual(await truth(raw, boxes));
    expect(reader.fetchedKeys).toBe(701);
    const texts = [...reader.items.get(box.id)!.values()].map(({ view }) => ("text" in view ? view.text : undefined));
    expect(texts.slice(0, 2)).toEqual(["Hello 1", "Hello 2"]);
    await end(believer);
  });
});

describe.skipIf(!hasDovecot)("round trips", () => {
  it.each([
    ["with LIST-STATUS", []],
    ["without what tells subscriptions in a listing", ["LIST-EXTENDED"]],
  ])("needs one command for all mailboxes where nobody subscribed to any, %s", async (_, without) => {
    const server = (await serverOrReason({ without }))!;
    const user = server.user("anna");
    for (const mailbox of ["INBOX", "Other", "Third"]) await server.append(user, mailbox, letters(1, 1));
    const proxy = await counting(server.port);
    const adapter = adapterFor({ ...server, port: proxy.port }, user);
    const first = await listed(adapter);
    expect(first.map(({ name }) => name)).toEqual(expect.arrayContaining(["INBOX", "Other", "Third"]));
    proxy.lines.length = 0;
    expect(await listed(adapter)).toEqual(first);
    expect(proxy.lines.map((line) => line.split(" ")[1])).toEqual(["LIST"]);
    await adapter[Symbol.asyncDispose]();
    proxy.close();
    await server.stop();
  });

  it("needs three commands for a changed mailbox, and one page", async () => {
    const server = (await serverOrReason())!;
    const user = server.user("anna");
    await server.append(user, "INBOX", letters(1, 30));
    const raw = await server.raw(user);
    const proxy = await counting(server.port);
    const adapter = adapterFor({ ...server, port: proxy.port }, user);
    const box = await inbox(adapter);
    const [page] = await looked(adapter, box);
    await server.append(user, "INBOX", [letter("a"), letter("b")]);
    await raw.command("SELECT INBOX");
    await raw.command("UID STORE 3:5 +FLAGS (\\Flagged)");
    await raw.command("UID STORE 7 +FLAGS (\\Deleted)");
    await raw.command("UID EXPUNGE 7");
    proxy.lines.length = 0;
    const pages = await looked(adapter, box, page!.position, { text: "preview", behaviour: false });
    // Two arrivals, three flags, one removal, and that what the removed mail may have brought is out.
    expect(pages.map(({ sightings }) => sightings.length)).toEqual([7]);
    expect(proxy.lines.map((line) => line.split(" ").slice(1, 3).join(" "))).toEqual(["EXAMINE INBOX", "UID FETCH", "UID FETCH"]);
    raw.close();
    await adapter[Symbol.asyncDispose]();
    proxy.close();
    await server.stop();
  });
});
