/** Wrong host, port, password, certificate: a sentence for that system, nothing written, the others go on. */

import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { inspect } from "node:util";
import { type Adapter, openHub, type SystemLine } from "groupstream";
import { type ImapOptions, imap } from "groupstream/adapters/imap";
import { maildir } from "groupstream/adapters/maildir";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serverOrReason } from "../adapters/imap/world.ts";
import { type Certificate, makeCertificate } from "../lab/certificate.ts";
import { ordinary } from "./mails.ts";
import { filledTables, rowsOf } from "./rows.ts";
import { makeRoom } from "./world.ts";

const secret = "hunter2-of-a-test";

const room = await makeRoom();
const hasServer = room.server !== undefined;
afterAll(() => room[Symbol.asyncDispose]());

/** One sentence: who, what, what to do; no secret and no stack in anything that is given back. */
const expectSentence = (line: SystemLine | undefined, code: string, message: RegExp): void => {
  expect(line).toMatchObject({ system: "mail", looked: 0, seen: 0, told: 0, failures: [{ code }] });
  const [failure] = line?.failures ?? [];
  expect(failure?.message).toMatch(/^mail: [^\n]+[.]$/);
  expect(failure?.message).toMatch(message);
  expect(inspect(line, { depth: 9, showHidden: true })).not.toMatch(/hunter2|\n\s+at .+:\d+/);
};

/** A first start beside a system that is well: nothing of the wrong one is there afterwards, the other one is told. */
const expectNothing = async (name: string, wrong: Adapter, code: string, message: RegExp): Promise<void> => {
  const store = join(room.dir, `${name}.db`);
  {
    await using hub = await openHub({ store, systems: [wrong] });
    const lines = await hub.sync();
    expect(lines).toHaveLength(1);
    expectSentence(lines[0], code, message);
    const status = await hub.status();
    expect(status).toMatchObject({ seq: 0, systems: [{ id: "mail", items: 0, told: 0, collections: [], failing: { code } }] });
    expect(inspect(status, { depth: 9 })).not.toContain("hunter2");
    expect(await Array.fromAsync(hub.activities())).toEqual([]);
  }
  expect(filledTables(store)).toEqual(["systems"]);

  const other = await room.box("maildir", `${name}-other`);
  await other.deliver("1.x", ordinary("well"));
  const well = maildir({ id: "archive", path: other.source.kind === "maildir" ? other.source.path : "" });
  await using hub = await openHub({ store, systems: [wrong, well], history: "all" });
  const lines = await hub.sync();
  expect(lines.map(({ system, told, failures }) => [system, told, failures.length])).toEqual([
    ["mail", 0, 1],
    ["archive", 1, 0],
  ]);
};

it("a folder that is no Maildir", () =>
  expectNothing(
    "nowhere",
    maildir({ id: "mail", path: join(room.dir, "nowhere") }),
    "unreachable",
    /nowhere is no Maildir; check that it is there/,
  ));

it("a host that is none, a port where nothing or something else answers", async () => {
  const auth = { user: "anna", pass: secret };
  await expectNothing(
    "host",
    imap({ id: "mail", host: "no-such-host.invalid", auth }),
    "unreachable",
    /the host of no-such-host\.invalid:993 is not known.*check the host name/,
  );
  await expectNothing(
    "port",
    imap({ id: "mail", host: "127.0.0.1", port: 1, auth }),
    "unreachable",
    /nothing answers at 127\.0\.0\.1:1 .*check host and port/,
  );
  const server = createServer((socket) => socket.on("error", () => undefined).end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  try {
    for (const secure of [false, true])
      await expectNothing(
        `http-${secure}`,
        imap({ id: "mail", host: "127.0.0.1", port, secure, auth }),
        "unreachable",
        secure ? /does not speak TLS.*check the port/ : /127\.0\.0\.1:\d+ .*(check the port|is tried again)/,
      );
  } finally {
    server.close();
  }
});

describe.skipIf(!hasServer)("a real server", () => {
  const certificates: Certificate[] = [];
  let server: NonNullable<Awaited<ReturnType<typeof serverOrReason>>>;
  beforeAll(async () => {
    certificates.push(
      await makeCertificate(["DNS:localhost", "IP:127.0.0.1"]),
      await makeCertificate(["DNS:mail.example.org", "IP:192.0.2.1"]),
    );
    const [tls] = certificates;
    server = (await serverOrReason({ ...(tls && { tls }), settings: { auth_failure_delay: "0" } }))!;
  });
  afterAll(async () => {
    await server?.stop();
    for (const { dir } of certificates) await rm(dir, { recursive: true, force: true });
  });
  const at = (more: Partial<ImapOptions> = {}): ImapOptions => ({
    id: "mail",
    host: "127.0.0.1",
    port: server.port,
    auth: { user: "anna@example.org", pass: secret },
    ...more,
  });
  const right = { user: "anna@example.org", pass: "test" };

  it("that refuses the password; a password that is wrong later changes no row", async () => {
    await server.append("anna@example.org", "INBOX", [ordinary("before")]);
    await expectNothing(
      "password",
      imap(at()),
      "unauthenticated",
      /127\.0\.0\.1:\d+ refused the user name or password.*renew it/,
    );
    const store = join(room.dir, "later.db");
    {
      await using hub = await openHub({ store, systems: [imap(at({ auth: right }))] });
      expect((await hub.sync())[0]).toMatchObject({ seen: 1, failures: [] });
    }
    const before = rowsOf(store);
    await server.append("anna@example.org", "INBOX", [ordinary("meanwhile")]);
    {
      await using hub = await openHub({ store, systems: [imap(at())] });
      expectSentence((await hub.sync())[0], "unauthenticated", /refused the user name or password/);
    }
    expect(rowsOf(store)).toEqual(before);
    await using hub = await openHub({ store, systems: [imap(at({ auth: right }))] });
    expect((await hub.sync())[0]).toMatchObject({ told: 1, failures: [] });
    expect((await Array.fromAsync(hub.activities())).map(({ activity }) => (activity.object as { name: string }).name)).toEqual([
      "meanwhile",
    ]);
  });

  it("whose certificate nobody vouches for, or is another's; and with the right one", async () => {
    const [own, others] = certificates;
    const implicit = { port: server.tlsPort!, secure: true };
    const distrusted =
      /the certificate of 127\.0\.0\.1:\d+ is not trusted.*check the host name, or give its authority by tls\.ca/;
    await expectNothing("self", imap(at(implicit)), "unreachable", distrusted);
    await expectNothing("self-starttls", imap(at({ tls: {} })), "unreachable", distrusted);
    const trusted = { id: "mail", ...implicit, auth: right, tls: { ca: own!.pem } };
    const store = join(room.dir, "trusted.db");
    const synced = async (options: ImapOptions): Promise<SystemLine | undefined> => {
      await using hub = await openHub({ store, systems: [imap(options)] });
      return (await hub.sync())[0];
    };
    expect(await synced(at(trusted))).toMatchObject({ failures: [] });
    const before = rowsOf(store);
    await server.restart({ tls: others! });
    expectSentence(await synced(at({ ...trusted, tls: { ca: others!.pem } })), "unreachable", distrusted);
    expectSentence(await synced(at(trusted)), "unreachable", distrusted);
    expect(rowsOf(store)).toEqual(before);
  });

  it("that speaks no TLS on this port", () =>
    expectNothing("no-tls", imap(at({ secure: true })), "unreachable", /does not speak TLS.*check the port/));
});
