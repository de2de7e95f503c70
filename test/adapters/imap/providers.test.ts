/** What providers do beyond the conformance kit, by a hub that tells it. */

import type { Adapter, GroupstreamError, View } from "groupstream";
import { type Hub, openHub } from "groupstream";
import { type ImapOptions, imap } from "groupstream/adapters/imap";
import { sqliteStore } from "groupstream/stores/sqlite";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Dovecot } from "../../lab/dovecot.ts";
import { mailboxName, type RawImap } from "../../lab/imap.ts";
import { type ImapProxy, startProxy, type Trait } from "../../lab/imap-proxy/index.ts";
import { gmail, labelKeyword } from "../../lab/imap-proxy/traits/gmail.ts";
import { objectid } from "../../lab/imap-proxy/traits/objectid.ts";
import { exchange } from "../../lab/imap-proxy/traits/providers.ts";
import { cutting, delaying, refusing } from "../../lab/imap-proxy/traits/trouble.ts";
import { uidvalidity } from "../../lab/imap-proxy/traits/uidvalidity.ts";
import { without } from "../../lab/imap-proxy/traits/without.ts";
import { ALL_MAIL } from "./habits.ts";
import { fetched, hasDovecot, inbox, listed, looked, never, serverOrReason } from "./world.ts";

const letter = (name: string, more = ""): string =>
  `From: Ann <ann@example.org>\r\nTo: bob@example.org\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <${name}@x>\r\nSubject: ${name}\r\n${more}\r\nhello ${name}\r\n`;

type Doc = Readonly<Record<string, unknown>> & { readonly type: string };

const placeIn = (doc: unknown): string => {
  const id = (doc as Doc | undefined)?.id;
  return typeof id === "string" ? decodeURIComponent(id.replace("groupstream:collection/", "")) : "";
};

describe.skipIf(!hasDovecot)("providers", () => {
  let server: Dovecot;
  let raw: RawImap;
  let proxy: ImapProxy;
  let adapter: Adapter;
  let hub: Hub | undefined;
  let user = "";
  let users = 0;
  const closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    server = (await serverOrReason())!;
  });
  afterAll(() => server?.stop());
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    hub = undefined;
    expect(proxy.faults).toEqual([]);
  });

  const begin = async (traits: readonly Trait[], more: Partial<ImapOptions> = {}): Promise<void> => {
    user = server.user(`habit${++users}`);
    raw = await server.raw(user);
    proxy = await startProxy(server.port, traits);
    adapter = imap({ id: "mail", host: server.host, port: proxy.port, auth: { user, pass: server.password }, ...more });
    closing.push(
      async () => raw.close(),
      async () => proxy[Symbol.asyncDispose](),
      async () => adapter[Symbol.asyncDispose](),
    );
  };

  /** A sync of the hub: what it told, as `Move name from > to`, and what failed. */
  const sync = async (about: string[] = []): Promise<{ told: string[]; failures: string[] }> => {
    if (!hub) {
      const store = await sqliteStore(":memory:");
      const opened = await openHub({ store, systems: [adapter], policy: { body: "full", exclude: [] } });
      closing.push(
        async () => store[Symbol.asyncDispose](),
        () => opened.close(),
      );
      hub = opened;
    }
    const lines = await hub.sync();
    const told: string[] = [];
    for await (const { seq, activity } of hub.activities({ after: at })) {
      at = seq;
      const { type, object, origin, target } = activity as unknown as Doc;
      const known = object as { id: string; name?: string };
      about.push(known.id);
      if (known.name) namesOf.set(known.id, known.name);
      const [from, to] = [placeIn(origin), placeIn(target)];
      told.push(`${type} ${namesOf.get(known.id) ?? "?"}${from && ` ${from}`}${to && ` > ${to}`}`);
    }
    return { told, failures: lines.flatMap(({ failures }) => failures.map(({ code }) => code)) };
  };
  let at = 0;
  const namesOf = new Map<string, string>();
  /** @param about  the ids of the objects it is about */
  const told = async (about: string[] = []): Promise<string[]> => {
    const { told: lines, failures } = await sync(about);
    expect(failures).toEqual([]);
    return lines;
  };
  const fresh = (): void => {
    at = 0;
    namesOf.clear();
  };
  const within = async (mailbox: string, ...commands: string[]): Promise<void> => {
    await raw.command(`SELECT ${mailboxName(mailbox)}`);
    for (const command of commands) await raw.command(command);
    await raw.command("UNSELECT");
  };

  describe("Gmail", () => {
    /** A mail with labels: in `\All`, and a copy in the mailbox of each. */
    const file = async (name: string, ...labels: string[]): Promise<void> => {
      const mail = { raw: letter(name), flags: labels.map(labelKeyword) };
      const [uid] = await raw.append(ALL_MAIL, [mail]);
      // \Important has no mailbox here.
      const boxes = labels.filter((label) => label !== "\\Important").map(boxOf);
      await within(ALL_MAIL, ...boxes.map((box) => `UID COPY ${uid} ${mailboxName(box)}`));
    };
    const boxOf = (label: string): string => (label === "\\Inbox" ? "INBOX" : label);
    const label = async (uid: number, name: string, on: boolean): Promise<void> =>
      within(ALL_MAIL, `UID STORE ${uid} ${on ? "+" : "-"}FLAGS (${labelKeyword(name)})`);

    const beginGmail = async (hidden = false): Promise<void> => {
      fresh();
      await begin([gmail(hidden ? undefined : ALL_MAIL), without("QRESYNC")], hidden ? { exclude: [ALL_MAIL] } : {});
      for (const box of [ALL_MAIL, "Kunden", "Kunden/Büro"]) await raw.command(`CREATE ${mailboxName(box)}`);
    };

    it("a mail in three labels is one thing; a label that comes or goes is told as Add and Remove", async () => {
      await beginGmail();
      expect(await told()).toEqual([]);
      await file("offer", "\\Inbox", "Kunden", "\\Important");
      expect(await told()).toEqual([`Create offer > mail/${ALL_MAIL}`, "Add offer > mail/INBOX", "Add offer > mail/Kunden"]);
      expect(await told()).toEqual([]);
      await label(1, "Kunden/Büro", true);
      expect(await told()).toEqual(["Add offer > mail/Kunden/Büro"]);
      await label(1, "Kunden", false);
      expect(await told()).toEqual(["Remove offer mail/Kunden"]);
      await within(ALL_MAIL, `UID STORE 1 +FLAGS (${labelKeyword("Kunden")})`, `UID STORE 1 -FLAGS (${labelKeyword("\\Inbox")})`);
      expect(await told()).toEqual(["Add offer > mail/Kunden", "Remove offer mail/INBOX"]);
      // Nobody opens the mailboxes of labels.
      expect(proxy.commands.filter((line) => /^(EXAMINE|SELECT)/.test(line) && /Kunden|INBOX/.test(line))).toEqual([]);
    });

    it("the evidence is X-GM-MSGID, all digits of it; the thread is X-GM-THRID", async () => {
      await beginGmail();
      await raw.append(ALL_MAIL, [{ raw: letter("one") }, { raw: letter("two", "References: <one@x>\r\n") }]);
      const all = (await listed(adapter)).find(({ role }) => role === "all")!;
      const found = await fetched(
        adapter,
        all,
        (await looked(adapter, all)).flatMap((page) => page.sightings.map(({ key }) => key)),
      );
      const [one, two] = found.map((sighting) => ("object" in sighting && sighting.object ? sighting : undefined)!);
      const ids = [one, two].map(({ same } = { same: [] } as never) => same?.find(({ weight }) => weight === "identity")?.id);
      expect(ids).toEqual([expect.stringMatching(/^i:\d{15,20}$/), expect.stringMatching(/^i:\d{15,20}$/)]);
      expect(ids[0]).not.toBe(ids[1]);
      const context = (view: View | undefined): unknown => (view as { context?: readonly unknown[] } | undefined)?.context?.[0];
      expect(context(one?.object)).toEqual(context(two?.object));
    });

    it("moved to the bin it is one Move, and Delete when the bin is emptied", async () => {
      await beginGmail();
      await told();
      await file("bill", "Kunden");
      await told();
      await within(ALL_MAIL, `UID STORE 1 FLAGS ()`, "UID MOVE 1 Trash");
      const moved = await told();
      expect(moved.filter((line) => /^(Create|Delete)/.test(line))).toEqual([]);
      expect(moved.some((line) => line.endsWith("> mail/Trash"))).toBe(true);
      await within("Trash", "UID STORE 1 +FLAGS (\\Deleted)", "UID EXPUNGE 1");
      expect((await told()).filter((line) => line.startsWith("Delete"))).toHaveLength(1);
    });

    it("where \\All is hidden, mailboxes are read one by one, and a mail in two of them is still one", async () => {
      await beginGmail(true);
      await told();
      await raw.append("INBOX", [{ raw: letter("twice") }]);
      await within("INBOX", "UID COPY 1 Kunden");
      const lines = await told();
      expect(lines.filter((line) => line.startsWith("Create"))).toHaveLength(1);
      await within("Kunden", "UID STORE 1 +FLAGS (\\Deleted)", "UID EXPUNGE 1");
      expect(await told()).toEqual(["Remove twice mail/Kunden"]);
    });
  });

  describe("OBJECTID", () => {
    it("tells which of two equal mails was moved, and nothing when a mailbox is renamed", async () => {
      fresh();
      await begin([objectid()]);
      await raw.command("CREATE Work");
      await told();
      // Equal to the last byte and without Message-ID: only the server knows that these are two.
      const nameless = letter("same").replace(/Message-ID: .*\r\n/, "");
      await raw.append("INBOX", [{ raw: nameless }, { raw: nameless }]);
      expect((await told()).map((line) => line.split(" > ")[0])).toEqual(["Create same", "Create same"]);
      const ids = [...namesOf.keys()];
      expect(ids).toHaveLength(2);
      await within("INBOX", "UID MOVE 2 Work");
      const moved: string[] = [];
      expect(await told(moved)).toEqual([expect.stringMatching(/^Move same mail\/F\w+ > mail\/F\w+$/)]);
      expect(moved).toEqual([ids[1]]);
      await raw.command("RENAME Work Labour");
      expect(await told()).toEqual([]);
      await within("Labour", "UID STORE 1 +FLAGS (\\Deleted)", "UID EXPUNGE 1");
      const deleted: string[] = [];
      expect((await told(deleted)).map((line) => line.split(" ")[0])).toEqual(["Delete"]);
      expect(deleted).toEqual([ids[1]]);
    });

    it("equal mails with one Message-ID are one thing; the one that moves leaves the other standing", async () => {
      fresh();
      await begin([objectid()]);
      await raw.command("CREATE Work");
      await told();
      await raw.append("INBOX", [{ raw: letter("twin") }, { raw: letter("twin") }]);
      expect((await told()).map((line) => line.split(" > ")[0])).toEqual(["Create twin"]);
      await within("INBOX", "UID MOVE 2 Work");
      expect(await told()).toEqual([expect.stringMatching(/^Add twin > mail\/F\w+$/)]);
      await within("INBOX", "UID STORE 1 +FLAGS (\\Deleted)", "UID EXPUNGE 1");
      expect(await told()).toEqual([expect.stringMatching(/^Remove twin mail\/F\w+$/)]);
      await within("Work", "UID STORE 1 +FLAGS (\\Deleted)", "UID EXPUNGE 1");
      expect((await told()).map((line) => line.split(" ")[0])).toEqual(["Delete"]);
    });
  });

  describe("refusals", () => {
    const failure = async (work: Promise<unknown>): Promise<GroupstreamError> =>
      work.then(
        () => Promise.reject(new Error("it did not fail")),
        (error) => error,
      );

    it.each([
      ["BAD Request is throttled. Suggested Backoff Time: 1200 milliseconds", /^EXAMINE/, "throttled", 2],
      ["BAD Request is throttled. Suggested Backoff Time: 40 milliseconds", /^UID SEARCH/, "throttled", 1],
      // imapflow keeps to itself why a search was refused.
      ["NO [THROTTLED] slow down", /^UID SEARCH/, "unreachable", undefined],
      ["NO [THROTTLED] slow down", /^UID FETCH/, "throttled", undefined],
      ["NO [UNAVAILABLE] later", /^UID FETCH/, "unreachable", undefined],
      ["NO [THROTTLED] slow down", /^EXAMINE/, "throttled", undefined],
      ["NO [THROTTLED] slow down", /^LIST/, "throttled", undefined],
      ["BAD Request is throttled. Suggested Backoff Time: 40 milliseconds", /^LIST/, "throttled", 1],
      ["NO [THROTTLED] slow down", /^AUTHENTICATE/, "throttled", undefined],
      ["BAD Request is throttled. Suggested Backoff Time: 40 milliseconds", /^AUTHENTICATE/, "throttled", 1],
      ["NO [UNAVAILABLE] later", /^AUTHENTICATE/, "unreachable", undefined],
      ["NO [LIMIT] too many connections", /^AUTHENTICATE/, "unreachable", undefined],
      ["NO [LIMIT] too much", /^EXAMINE/, "unreachable", undefined],
      ["NO [UNAVAILABLE] later", /^EXAMINE/, "unreachable", undefined],
      ["NO [INUSE] locked", /^UID SEARCH/, "unreachable", undefined],
      ["BYE [UNAVAILABLE] going down", /^LIST/, "unreachable", undefined],
    ] as const)("%s to %s is %s, and the next look reads on", async (answer, command, code, retryAfter) => {
      const refusals = refusing();
      await begin([refusals]);
      await raw.append("INBOX", [{ raw: letter("one") }, { raw: letter("two") }]);
      const box = await inbox(adapter);
      // Else nobody would log in any more.
      if (command.source === "^AUTHENTICATE") proxy.cut();
      refusals.instead.push({ command, answer, times: 20 });
      const error = await failure(command.source === "^LIST" ? listed(adapter) : looked(adapter, box));
      expect(error).toMatchObject({ code, ...(retryAfter !== undefined && { retryAfter }) });
      refusals.instead.length = 0;
      expect((await looked(adapter, box)).flatMap(({ sightings }) => sightings)).toHaveLength(2);
    });

    it("BYE in the middle of an answer is a lost line: nothing is lost, nothing blamed", async () => {
      const refusals = refusing();
      await begin([refusals]);
      await raw.append(
        "INBOX",
        Array.from({ length: 60 }, (_, n) => ({ raw: letter(`m${n}`) })),
      );
      fresh();
      await told();
      refusals.byeAfter = 7;
      await raw.append(
        "INBOX",
        Array.from({ length: 60 }, (_, n) => ({ raw: letter(`n${n}`) })),
      );
      const lines: string[] = [];
      for (let round = 0; round < 4 && lines.length < 60; round += 1) lines.push(...(await sync()).told);
      expect(new Set(lines).size).toBe(60);
      expect(lines).toHaveLength(60);
      expect(await told()).toEqual([]);
    });

    it.each([[/^LIST/], [/^EXAMINE/], [/^UID SEARCH/], [/^UID FETCH/]])(
      "a kept connection that ends at %s is replaced, silently",
      async (command) => {
        const refusals = refusing();
        await begin([refusals]);
        await raw.append("INBOX", [{ raw: letter("one") }]);
        await looked(adapter, await inbox(adapter));
        refusals.instead.push({ command, answer: "BYE [UNAVAILABLE] going down" });
        expect((await looked(adapter, await inbox(adapter))).flatMap(({ sightings }) => sightings)).toHaveLength(1);
        expect(proxy.commands.filter((line) => /^(LOGIN|AUTHENTICATE)/.test(line))).toHaveLength(2);
      },
    );

    it("a server that says BYE to everything is unreachable", async () => {
      const refusals = refusing();
      await begin([refusals]);
      await raw.append("INBOX", [{ raw: letter("one") }]);
      const box = await inbox(adapter);
      refusals.instead.push({ command: /^(EXAMINE|UID FETCH)/, answer: "BYE [UNAVAILABLE] going down", times: 1_000 });
      expect(await failure(looked(adapter, box))).toMatchObject({ code: "unreachable" });
    });

    it("lines that are cut in the middle of rows, again and again, lose nothing and blame nobody", async () => {
      const cuts = cutting();
      await begin([cuts]);
      await raw.append(
        "INBOX",
        Array.from({ length: 40 }, (_, n) => ({ raw: letter(`m${n}`) })),
      );
      const box = await inbox(adapter);
      cuts.every = 33;
      const all = (await looked(adapter, box)).flatMap(({ sightings }) => sightings);
      expect(all).toHaveLength(40);
      expect(all.filter((sighting) => "malformed" in sighting)).toEqual([]);
    });

    it("Exchange: what is listed and cannot be fetched is quarantined, all others are read; when it can, it comes", async () => {
      const refusals = refusing();
      await begin([refusals, exchange(), without("QRESYNC", "CONDSTORE")]);
      await raw.append(
        "INBOX",
        Array.from({ length: 120 }, (_, n) => ({ raw: letter(`m${n + 1}`) })),
      );
      for (const uid of [5, 64, 65]) refusals.unfetchable.add(`INBOX ${uid}`);
      const box = await inbox(adapter);
      proxy.commands.length = 0;
      const all = (await looked(adapter, box)).flatMap(({ sightings }) => sightings);
      expect(all).toHaveLength(120);
      expect(all.filter((one) => "malformed" in one).map(({ key }) => key.split("-")[1])).toEqual(["5", "64", "65"]);
      expect(proxy.commands.filter((line) => line.startsWith("UID FETCH")).length).toBeLessThan(50);
      refusals.unfetchable.clear();
      const keys = all.flatMap((one) => ("malformed" in one ? [one.key] : []));
      expect((await fetched(adapter, box, keys)).map((one) => "object" in one && one.object?.name)).toEqual(["m5", "m64", "m65"]);
    });

    it("Exchange: a moved mail is one Move although its size is only estimated", async () => {
      fresh();
      await begin([exchange(), without("QRESYNC", "CONDSTORE")]);
      await raw.command("CREATE Work");
      await told();
      await raw.append("INBOX", [{ raw: letter("order") }]);
      expect(await told()).toEqual([expect.stringMatching(/^Create order/)]);
      await within("INBOX", "UID MOVE 1 Work");
      expect(await told()).toEqual(["Move order mail/INBOX > mail/Work"]);
    });

    it("a row left out is no removal", async () => {
      fresh();
      const refusals = refusing();
      await begin([refusals, without("QRESYNC")]);
      await raw.append("INBOX", [{ raw: letter("a") }, { raw: letter("b") }]);
      await told();
      refusals.omitted.add("INBOX 1");
      await within("INBOX", "UID STORE 1:2 +FLAGS (\\Flagged)");
      expect((await told()).filter((line) => line.startsWith("Delete"))).toEqual([]);
    });
  });

  it("another UIDVALIDITY tells nothing, although every key is another", async () => {
    fresh();
    const validity = uidvalidity();
    await begin([validity]);
    await raw.append(
      "INBOX",
      Array.from({ length: 30 }, (_, n) => ({ raw: letter(`m${n}`) })),
    );
    await told();
    validity.renew("INBOX");
    proxy.cut();
    expect(await told()).toEqual([]);
    await within("INBOX", "UID STORE 3 +FLAGS (\\Deleted)", "UID EXPUNGE 3");
    expect(await told()).toEqual([expect.stringMatching(/^Delete .* mail\/INBOX$/)]);
  });

  it("without IDLE the manifest says so, and watching ends with the signal", async () => {
    await begin([without("IDLE")]);
    expect((await adapter.describe(never)).gives.watch).toMatchObject({
      level: "degraded",
      lost: expect.stringContaining("IDLE"),
    });
    const boxes = await listed(adapter);
    const abort = new AbortController();
    const reason = new Error("enough");
    setTimeout(() => abort.abort(reason), 300);
    const watching = (async () => {
      for await (const _ of adapter.watch!(boxes, abort.signal));
    })();
    await expect(watching).rejects.toBe(reason);
    expect(proxy.commands).not.toContain("IDLE");
  });

  it("slow answers are waited for by content, too", async () => {
    const delay = delaying();
    await begin([delay]);
    await raw.append("INBOX", [{ raw: letter("slow") }]);
    const box = await inbox(adapter);
    const [key] = (await looked(adapter, box)).flatMap(({ sightings }) => sightings.map((one) => one.key));
    delay.ms = 60;
    const stream = await adapter.content!({ collection: box.id, key: key! } as never, "raw", never);
    expect(await new Response(stream).text()).toBe(letter("slow"));
  });
});
