/** The proxy itself: it passes what it understands, refuses what it does not, and a trait is seen on the line. */

import { connect } from "node:net";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { type Dovecot, startDovecot } from "../dovecot.ts";
import { RawImap } from "../imap.ts";
import { LabUnavailable } from "../packages.ts";
import { type ImapProxy, startProxy, type Trait } from "./index.ts";
import { gmail, labelKeyword } from "./traits/gmail.ts";
import { objectid } from "./traits/objectid.ts";
import { courier, exchange, forgetting, icloud, james, nomodseq, quoting, unordered, yahoo } from "./traits/providers.ts";
import { cutting, delaying, refusing } from "./traits/trouble.ts";
import { uidvalidity } from "./traits/uidvalidity.ts";
import { without } from "./traits/without.ts";

const server: Dovecot | undefined = await startDovecot().catch((error: unknown) => {
  if (!(error instanceof LabUnavailable) || process.env.CI) throw error;
  console.warn(`skipped: ${error.message}`);
  return undefined;
});

describe.skipIf(!server)("the proxy", () => {
  let proxy: ImapProxy;
  let raw: RawImap;
  let direct: RawImap;
  let users = 0;
  const letter = (name: string, more = ""): string =>
    `From: ann@example.org\r\nMessage-ID: <${name}@x>\r\nSubject: ${name}\r\n${more}\r\nhello ${name}`;

  const begin = async (...traits: readonly Trait[]): Promise<void> => {
    const user = server!.user(`proxied${++users}`);
    direct = await server!.raw(user);
    await direct.command("CREATE Work");
    await direct.append("INBOX", [{ raw: letter("one") }, { raw: letter("two", "References: <one@x>\r\n") }]);
    proxy = await startProxy(server!.port, traits);
    raw = await RawImap.open(proxy, user, "test");
  };
  const refused = async (line: string): Promise<string> =>
    raw.command(line).then(
      (text) => `passed: ${text}`,
      (error: Error) => error.message,
    );
  afterEach(async () => {
    raw.close();
    direct.close();
    await proxy[Symbol.asyncDispose]();
    expect(proxy.faults).toEqual([]);
  });
  afterAll(() => server?.stop());

  it("passes everything on without traits, byte for byte, and refuses commands it does not know", async () => {
    await begin();
    const asked = "UID FETCH 1:* (UID FLAGS BODYSTRUCTURE ENVELOPE BODY.PEEK[])";
    await direct.command("EXAMINE INBOX");
    await raw.command("EXAMINE INBOX");
    const rows = (text: string): string => text.slice(0, text.lastIndexOf("* ") < 0 ? 0 : text.lastIndexOf("\r\nr"));
    const expected = rows(await direct.command(asked));
    expect(expected).toContain("hello two");
    expect(rows(await raw.command(asked))).toBe(expected);
    expect(await refused("GETQUOTA INBOX")).toMatch(/BAD this server does not know GETQUOTA/);
    expect(await refused("UID THREAD REFS UTF-8 ALL")).toMatch(/BAD/);
  });

  it("takes abilities away, and refuses whoever uses them all the same", async () => {
    const uses: Readonly<Record<string, readonly string[]>> = {
      QRESYNC: ["SELECT INBOX (QRESYNC (1 2))", "UID FETCH 1 (FLAGS) (CHANGEDSINCE 1 VANISHED)"],
      CONDSTORE: [
        "SELECT INBOX (CONDSTORE)",
        "STATUS INBOX (HIGHESTMODSEQ)",
        "UID FETCH 1 (MODSEQ)",
        "UID FETCH 1 FLAGS (CHANGEDSINCE 1)",
        "UID STORE 1 (UNCHANGEDSINCE 1) +FLAGS (x)",
        "UID SEARCH MODSEQ 1",
      ],
      "LIST-STATUS": ['LIST "" "*" RETURN (STATUS (MESSAGES))'],
      "LIST-EXTENDED": ['LIST (SUBSCRIBED) "" "*"', 'LIST "" ("*")', 'LIST "" "*" RETURN (CHILDREN)'],
      "SPECIAL-USE": ['LIST "" "*" RETURN (SPECIAL-USE)'],
      ESEARCH: ["UID SEARCH RETURN (ALL) 1:*"],
      ENABLE: ["ENABLE CONDSTORE"],
      IDLE: ["IDLE"],
      MOVE: ["UID MOVE 1 Work"],
      UNSELECT: ["UNSELECT"],
      NAMESPACE: ["NAMESPACE"],
      ID: ["ID NIL"],
      UIDPLUS: ["UID EXPUNGE 1"],
      "SASL-IR": ["AUTHENTICATE PLAIN AGEAYg=="],
      BINARY: ["UID FETCH 1 (BINARY.PEEK[1])"],
    };
    const words = Object.keys(uses);
    await begin(without(...words));
    const offered = (await raw.command("CAPABILITY")).split("\r\n")[0]!.split(" ");
    expect(words.filter((word) => offered.includes(word))).toEqual([]);
    expect(offered).toContain("LITERAL+");
    const opened = await raw.command("SELECT INBOX");
    expect(opened).toContain("UIDVALIDITY");
    expect(opened).not.toContain("HIGHESTMODSEQ");
    for (const [word, lines] of Object.entries(uses))
      for (const line of lines) {
        const answer = await refused(line);
        expect(answer, line).toMatch(/BAD [A-Z-]+ was not offered/);
        expect(
          words.some((one) => answer.includes(`BAD ${one} `)),
          `${word}: ${line}: ${answer}`,
        ).toBe(true);
      }
    expect(await raw.command('LIST "" "*"')).not.toMatch(/\\(Sent|Trash)/);
    expect(await raw.command("UID FETCH 1 (FLAGS)")).not.toContain("MODSEQ");
    expect(proxy.refused).toHaveLength(Object.values(uses).flat().length);
    expect(() => without("X-UNHEARD-OF")).toThrow(/cannot be refused/);
  });

  it("cuts lines in the middle of a row, answers late, and says no, BAD and BYE", async () => {
    const [cuts, delays, refusals] = [cutting(), delaying(), refusing()];
    await begin(cuts, delays, refusals);
    await raw.command("EXAMINE INBOX");
    delays.ms = 120;
    const before = performance.now();
    await raw.command("NOOP");
    expect(performance.now() - before).toBeGreaterThan(100);
    delays.ms = 0;
    refusals.unfetchable.add("INBOX 2");
    expect(await refused("UID FETCH 1:* (UID BODY.PEEK[])")).toMatch(/NO The server does not have a message/);
    expect(await raw.command("UID FETCH 1:* (UID FLAGS)")).toContain("UID 2");
    refusals.unfetchable.clear();
    refusals.omitted.add("INBOX 1");
    const rows = await raw.command("UID FETCH 1:* (UID BODY.PEEK[])");
    expect([/UID 1\b/.test(rows), /UID 2\b/.test(rows)]).toEqual([false, true]);
    refusals.instead.push({ command: /^NOOP/, answer: "NO [LIMIT] enough", times: 2 });
    expect([await refused("NOOP"), await refused("NOOP"), await refused("NOOP")]).toEqual([
      expect.stringContaining("NO [LIMIT] enough"),
      expect.stringContaining("NO [LIMIT] enough"),
      expect.stringContaining("passed"),
    ]);
    refusals.omitted.clear();
    cuts.every = 2;
    await expect(raw.command("UID FETCH 1:* (UID BODY.PEEK[])")).rejects.toThrow(/closed/);
    cuts.every = 0;
    raw = await RawImap.open(proxy, server!.user(`proxied${users}`), "test");
    await raw.command("EXAMINE INBOX");
    refusals.byeAfter = 1;
    await raw.write("x UID FETCH 1:* (UID)\r\n");
    expect(await raw.until(/BYE [^\r]*\r\n/)).toMatch(/FETCH \(UID 1\)\r\n\* BYE \[UNAVAILABLE\]/);
    await expect(raw.command("NOOP")).rejects.toThrow(/closed|EPIPE/);
  });

  it("gives a mailbox another UIDVALIDITY, in every place where it is said", async () => {
    const validity = uidvalidity();
    await begin(validity);
    const said = async (line: string, client = raw): Promise<number> =>
      Number(/UIDVALIDITY (\d+)/.exec(await client.command(line))?.[1]);
    const real = await said("STATUS INBOX (UIDVALIDITY)", direct);
    validity.renew("INBOX");
    expect(await said("STATUS INBOX (UIDVALIDITY)")).toBe(real + 1);
    expect(await said('LIST "" INBOX RETURN (STATUS (UIDVALIDITY))')).toBe(real + 1);
    expect(await said("SELECT inbox")).toBe(real + 1);
    expect(await raw.command("UID COPY 1 INBOX")).toContain(`[COPYUID ${real + 1} `);
    expect(await said("STATUS Work (UIDVALIDITY)")).toBe(await said("STATUS Work (UIDVALIDITY)", direct));
    await raw.command("ENABLE QRESYNC");
    await direct.command("SELECT INBOX");
    await direct.command("UID STORE 1 +FLAGS (\\Deleted)");
    await direct.command("UID EXPUNGE 1");
    // The state of before is worth nothing, the one of now is.
    expect(await raw.command(`SELECT INBOX (QRESYNC (${real} 1))`)).not.toContain("VANISHED (EARLIER)");
    expect(await raw.command(`SELECT INBOX (QRESYNC (${real + 1} 1))`)).toContain("VANISHED (EARLIER) 1");
    validity.silent = true;
    expect(await said("SELECT INBOX")).toBeNaN();
    expect(await said("STATUS INBOX (MESSAGES UIDVALIDITY)")).toBeNaN();
  });

  it("OBJECTID: ids that stay", async () => {
    await begin(objectid());
    expect(await raw.command("CAPABILITY")).toMatch(/ OBJECTID\b/);
    const mailboxId = async (line: string): Promise<string> => /MAILBOXID \((F\w+)\)/.exec(await raw.command(line))![1]!;
    const work = await mailboxId("STATUS Work (MAILBOXID)");
    expect(await mailboxId("EXAMINE Work")).toBe(work);
    await direct.command("RENAME Work Labour");
    expect(await mailboxId("EXAMINE Labour")).toBe(work);
    expect(await mailboxId("EXAMINE INBOX")).not.toBe(work);
    const ids = async (): Promise<string[]> =>
      [...(await raw.command("UID FETCH 1:* (EMAILID THREADID)")).matchAll(/EMAILID \((M\w+)\) THREADID \((T\w+)\)/g)].map(
        ([, email, thread]) => `${email} ${thread}`,
      );
    const [one, two] = await ids();
    expect(one!.split(" ")[0]).not.toBe(two!.split(" ")[0]);
    expect(one!.split(" ")[1]).toBe(two!.split(" ")[1]);
    await raw.command("SELECT INBOX");
    await raw.command("UID MOVE 2 Labour");
    await raw.command("EXAMINE Labour");
    expect(await ids()).toEqual([two]);
    expect(await raw.command("UID FETCH 1 (UID FLAGS)")).not.toContain("EMAILID");
    expect(await refused("SELECT nowhere")).toContain("NO");
    expect(await refused("UID SEARCH EMAILID M1")).toContain("BAD");
    expect(await refused("CREATE More")).toContain("BAD");
  });

  it("Gmail: labels are seen as labels only, and \\All is marked", async () => {
    await begin(gmail("Work"), without("QRESYNC"));
    const keywords = ["\\Inbox", "Kunden/Büro"].map(labelKeyword).join(" ");
    await direct.append("Work", [{ raw: letter("three"), flags: ["\\Flagged", "urgent", ...keywords.split(" ")] }]);
    expect(await raw.command('LIST "" "*"')).toMatch(/LIST \(\\All\) "\/" Work|LIST \(.*\\All\) "\/" Work/);
    expect(await raw.command("EXAMINE Work")).not.toContain("gml-");
    const text = await raw.command("UID FETCH 1 (X-GM-MSGID X-GM-THRID X-GM-LABELS)");
    expect(text).toMatch(
      /X-GM-MSGID \d{10,20} X-GM-THRID \d{10,20} X-GM-LABELS \("\\\\Starred" "\\\\Inbox" "Kunden\/B&APw-ro"\)/,
    );
    expect(text).toMatch(/ FLAGS \(\\Flagged [^)]*urgent/);
    expect(text).not.toMatch(/gml-|X-GUID|HEADER/);
    expect(await refused("UID SEARCH X-GM-RAW x")).toContain("BAD");
    expect(await raw.command("CAPABILITY")).toMatch(/CONDSTORE.* X-GM-EXT-1/);
    expect(await raw.command("CAPABILITY")).not.toContain("QRESYNC");
  });

  it("Exchange, iCloud, James, Yahoo, NOMODSEQ: what they say, and no more", async () => {
    await begin(exchange());
    await direct.command("SELECT INBOX");
    await direct.command("UID STORE 1 +FLAGS (\\Flagged later)");
    expect(await raw.command("SELECT INBOX")).toMatch(/PERMANENTFLAGS \(\\Answered \\Flagged \\Deleted \\Seen \\Draft\)/);
    const real = Number(/SIZE (\d+)/.exec(await direct.command("UID FETCH 1 (RFC822.SIZE)"))![1]);
    const text = await raw.command("UID FETCH 1 (FLAGS RFC822.SIZE)");
    expect(text).toMatch(/FLAGS \(\\Flagged/);
    expect(text).not.toContain("later");
    expect(Number(/SIZE (\d+)/.exec(text)![1])).not.toBe(real);
    for (const [trait, enabled, offered] of [
      [icloud(), "* ENABLED\r\n", / CONDSTORE.*/],
      [james(), "* ENABLED QRESYNC\r\n", /^(?!.* CONDSTORE).* QRESYNC/],
      [yahoo(), "* ENABLED CONDSTORE QRESYNC\r\n", / XYMHIGHESTMODSEQ\r/],
    ] as const) {
      raw.close();
      direct.close();
      await proxy[Symbol.asyncDispose]();
      await begin(trait);
      expect(await raw.command("CAPABILITY")).toMatch(offered);
      expect(await raw.command("ENABLE CONDSTORE QRESYNC")).toContain(enabled);
    }
    raw.close();
    direct.close();
    await proxy[Symbol.asyncDispose]();
    await begin(nomodseq());
    await raw.command("ENABLE CONDSTORE");
    const opened = await raw.command("EXAMINE INBOX");
    expect(opened).toContain("[NOMODSEQ]");
    expect(opened).not.toContain("HIGHESTMODSEQ");
    expect(await raw.command("STATUS INBOX (HIGHESTMODSEQ)")).toContain("HIGHESTMODSEQ 0");
    expect(await refused("UID FETCH 1 FLAGS (CHANGEDSINCE 1)")).toContain("BAD");
  });

  it("names removals nobody knew, quotes what fits, and gives rows in another order", async () => {
    const forgets = forgetting();
    await begin(forgets, quoting(), unordered());
    forgets.vanished = "900:905";
    await raw.command("ENABLE QRESYNC");
    expect(await raw.command("SELECT INBOX (QRESYNC (1 1))")).toContain("VANISHED (EARLIER) 900:905");
    const text = await raw.command("UID FETCH 1:* (UID BODY.PEEK[TEXT])");
    expect(text).toMatch(/UID 2 BODY\[TEXT\] "hello two"\)\r\n\* 1 FETCH \(UID 1 BODY\[TEXT\] "hello one"\)/);
    expect(await raw.command("UID FETCH 1 (BODY.PEEK[HEADER])")).toMatch(/HEADER\] \{\d+\}/);
  });

  it("Courier: everything lies beneath INBOX, with dots", async () => {
    await begin(courier());
    await direct.command("CREATE Work/Deep");
    expect(await raw.command("NAMESPACE")).toContain('* NAMESPACE (("INBOX." ".")) NIL NIL');
    const listed = await raw.command('LIST "" "*"');
    expect(listed).toMatch(/LIST \(.*\) "\." "INBOX\.Work\.Deep"/);
    expect(listed).toMatch(/LIST \(.*\) "\." "INBOX"/);
    expect(await raw.command("EXAMINE INBOX.Work.Deep")).toContain("0 EXISTS");
    expect(await raw.command('STATUS "INBOX.Work" (MESSAGES)')).toContain('STATUS "INBOX.Work" (MESSAGES 0)');
    expect(await refused("RENAME INBOX.Work INBOX.Play")).toContain("BAD");
  });

  it("cuts every connection at once and takes new ones", async () => {
    await begin();
    proxy.cut();
    await expect(raw.command("NOOP")).rejects.toThrow();
    raw = await RawImap.open(proxy, server!.user(`proxied${users}`), "test");
    expect(await raw.command("NOOP")).toContain("OK");
    expect(proxy.commands).toEqual(["LOGIN", "LOGIN", "NOOP"]);
    const alone = connect(proxy.port, "127.0.0.1");
    alone.end("x NOOP\r\n");
    await new Promise((done) => alone.once("close", done));
  });
});
