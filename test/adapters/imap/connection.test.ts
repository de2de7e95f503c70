import { rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import type { ActorId, Adapter, CollectionId } from "groupstream";
import { imap } from "groupstream/adapters/imap";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Certificate, makeCertificate } from "../../lab/certificate.ts";
import type { Dovecot } from "../../lab/dovecot.ts";
import { adapterFor, hasDovecot, inbox, listed, looked, metadata, never, serverOrReason } from "./world.ts";

const pause = (ms: number): Promise<void> => new Promise((go) => setTimeout(go, ms));

describe("options", () => {
  it("names every mistake at once", () => {
    const wrong = {
      id: "Mail!",
      host: "imaps://mail.example.org",
      port: 70_000,
      auth: { user: "", pass: "" },
      owner: "me" as ActorId,
      exclude: [""],
      secure: true,
      insecure: "plaintext" as const,
    };
    expect(() => imap(wrong)).toThrowError(
      expect.objectContaining({ code: "misconfigured", mistakes: expect.objectContaining({ length: 8 }) }),
    );
  });

  it("does no I/O before it is asked", async () => {
    const adapter = imap({ id: "mail", host: "mail.invalid", auth: { user: "a", pass: "b" } });
    await adapter[Symbol.asyncDispose]();
    await expect(listed(adapter)).rejects.toMatchObject({ code: "unreachable" });
  });
});

describe.skipIf(!hasDovecot)("connections", () => {
  let server: Dovecot;
  let certificate: Certificate;
  const user = "anna@example.org";

  beforeAll(async () => {
    certificate = await makeCertificate(["DNS:localhost", "IP:127.0.0.1"]);
    server = (await serverOrReason({ tls: certificate }))!;
    await server.append(user, "INBOX", ["Subject: one\r\n\r\nhello"]);
  });
  afterAll(async () => {
    await server.stop();
    await rm(certificate.dir, { recursive: true, force: true });
  });

  /** Connections of any client, by the server's own count. */
  const open = async (): Promise<number> =>
    (await server.doveadm("who", "-1")).split("\n").filter((line) => line.includes("imap")).length;
  const noneOpen = (): Promise<void> => expect.poll(open, { timeout: 5_000 }).toBe(0);

  const failure = async (adapter: Adapter): Promise<unknown> => {
    const error = await adapter.describe(never).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    await adapter[Symbol.asyncDispose]();
    return error;
  };

  const silentServer = async (greeting: string): Promise<{ port: number; server: Server }> => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      if (greeting !== "") socket.write(greeting);
    });
    await new Promise<void>((go) => server.listen(0, "127.0.0.1", go));
    const address = server.address();
    return { port: typeof address === "object" && address ? address.port : 0, server };
  };

  it("says in one sentence what is wrong and what to do, without the secret", async () => {
    const base = { id: "mail", host: "127.0.0.1", port: server.port, auth: { user, pass: "test" } };
    const wrong = { ...base, auth: { user, pass: "se-cret" } };
    const cases = [
      [wrong, "unauthenticated", /mail: 127\.0\.0\.1:\d+ refused the user name or password.*renew it/],
      [
        { ...base, host: "no-such-host.invalid" },
        "unreachable",
        /mail: the host of no-such-host\.invalid:\d+ is not known.*check the host name/,
      ],
      [{ ...base, port: 1 }, "unreachable", /mail: nothing answers at 127\.0\.0\.1:1 .*check host and port/],
      [
        { ...base, port: server.tlsPort!, secure: true },
        "unreachable",
        /certificate of 127\.0\.0\.1:\d+ is not trusted.*tls\.ca/,
      ],
      [{ ...base, secure: true }, "unreachable", /does not speak TLS.*check the port/],
      [{ ...base, tls: {} }, "unreachable", /certificate of 127\.0\.0\.1:\d+ is not trusted/],
    ] as const;
    for (const [options, code, message] of cases) {
      const error = await failure(imap(options));
      expect(error).toMatchObject({ code, system: "mail", message: expect.stringMatching(message) });
      expect(String(error)).not.toContain("se-cret");
      expect(String(error).split("\n")).toHaveLength(1);
    }
    await noneOpen();
  });

  it("reads over TLS and STARTTLS with a known authority", async () => {
    const tls = { ca: certificate.pem };
    const secure = imap({
      id: "mail",
      host: "localhost",
      port: server.tlsPort!,
      secure: true,
      tls,
      auth: { user, pass: "test" },
    });
    const upgraded = imap({ id: "mail", host: "localhost", port: server.port, tls, auth: { user, pass: () => "test" } });
    for (const adapter of [secure, upgraded]) {
      expect((await listed(adapter)).map(({ name }) => name)).toContain("INBOX");
      await adapter[Symbol.asyncDispose]();
    }
  });

  it("refuses a server without TLS, unless the host is loopback or an option allows it by name", async () => {
    const bare = (await serverOrReason())!;
    const base = { id: "mail", host: "localhost", port: bare.port, auth: { user, pass: "test" } };
    // Options of TLS say that it is wanted, also on loopback.
    expect(await failure(imap({ ...base, tls: {} }))).toMatchObject({
      code: "unreachable",
      message: expect.stringContaining("offers no TLS"),
    });
    expect(await failure(imap({ ...base, tls: {}, insecure: "plaintext" }))).toBeUndefined();
    expect(await failure(imap(base))).toBeUndefined();
    await bare.stop();
  });

  it("asks once more for a token, then for a person", async () => {
    const asked: boolean[] = [];
    const accessToken = (again: boolean): string => {
      asked.push(again);
      return "not-a-token";
    };
    const oauth = (await serverOrReason({ settings: { auth_mechanisms: "plain xoauth2 oauthbearer" } }))!;
    const adapter = imap({ id: "mail", host: oauth.host, port: oauth.port, auth: { user, accessToken } });
    expect(await failure(adapter)).toMatchObject({
      code: "unauthenticated",
      message: expect.stringContaining("refused the token"),
    });
    expect(asked).toEqual([false, true]);
    await oauth.stop();
  });

  it("reports a function for the password that fails", async () => {
    const pass = (): string => {
      throw new Error("vault is sealed");
    };
    expect(await failure(imap({ id: "mail", host: server.host, port: server.port, auth: { user, pass } }))).toMatchObject({
      code: "unauthenticated",
      cause: expect.objectContaining({ message: "vault is sealed" }),
    });
  });

  it("finds out that something else answers", async () => {
    const other = await silentServer("HTTP/1.1 400 Bad Request\r\n\r\n");
    const error = await failure(imap({ id: "mail", host: "127.0.0.1", port: other.port, auth: { user, pass: "test" } }));
    expect(error).toMatchObject({ code: "unreachable" });
    other.server.close();
  });

  it("reads on one connection and closes it", async () => {
    const adapter = adapterFor(server, user);
    const box = await inbox(adapter);
    await Promise.all([looked(adapter, box), looked(adapter, box), listed(adapter), adapter.describe(never)]);
    expect(await open()).toBe(1);
    await adapter[Symbol.asyncDispose]();
    await noneOpen();
    await expect(listed(adapter)).rejects.toMatchObject({ code: "unreachable", message: expect.stringContaining("closed") });
  });

  it("takes a new connection when the kept one died, and when it is in doubt", async () => {
    const adapter = adapterFor(server, user);
    const box = await inbox(adapter);
    const [page] = await looked(adapter, box);
    await server.doveadm("kick", user);
    await server.append(user, "INBOX", ["Subject: two\r\n\r\nhello"]);
    expect((await looked(adapter, box, page!.position)).flatMap(({ sightings }) => sightings)).toHaveLength(1);
    const before = await server.doveadm("who", "-1");
    await looked(adapter, box, page!.position, { ...metadata, fresh: true });
    expect(await server.doveadm("who", "-1")).not.toBe(before);
    await adapter[Symbol.asyncDispose]();
  });

  it("comes back after the server was killed", async () => {
    const adapter = adapterFor(server, user);
    const box = await inbox(adapter);
    const [page] = await looked(adapter, box);
    await server.kill();
    await expect(looked(adapter, box, page!.position)).rejects.toMatchObject({ code: "unreachable" });
    await server.restart();
    expect(await looked(adapter, box, page!.position)).toEqual([]);
    await adapter[Symbol.asyncDispose]();
  });

  it("ends at any moment with the signal's reason and leaves no connection", async () => {
    await server.append(
      user,
      "Many",
      Array.from({ length: 3_000 }, (_, n) => `Subject: ${n}\r\nMessage-ID: <${n}@x>\r\n\r\nhello`),
    );
    const reason = new Error("enough");
    for (let after = 0; after < 120; after += 6) {
      const adapter = adapterFor(server, user);
      const aborting = new AbortController();
      const timer = setTimeout(() => aborting.abort(reason), after);
      const work = async (): Promise<void> => {
        for (;;) {
          for (const box of await listed(adapter, aborting.signal)) {
            for await (const page of adapter.changes!(box, undefined, { text: "full", behaviour: false }, aborting.signal)) {
              const keys = page.sightings.map(({ key }) => key);
              for await (const _ of adapter.fetch!(box, keys, { text: "full", behaviour: false }, aborting.signal));
            }
          }
        }
      };
      const started = performance.now();
      await expect(work()).rejects.toBe(reason);
      expect(performance.now() - started).toBeLessThan(after + 1_000);
      clearTimeout(timer);
    }
    await noneOpen();
  });

  it("wakes up for new mail, flags and removals, and ends on abort within a second", async () => {
    const adapter = adapterFor(server, user);
    const boxes = await listed(adapter);
    const aborting = new AbortController();
    const rung: CollectionId[] = [];
    const watching = (async () => {
      for await (const id of adapter.watch!(boxes, aborting.signal)) rung.push(id);
    })();
    watching.catch(() => undefined);
    // The first ring is the opening itself.
    await expect.poll(() => rung.length, { timeout: 10_000, interval: 10 }).toBeGreaterThan(0);
    const rings = async (act: () => Promise<unknown>): Promise<void> => {
      const before = rung.length;
      await act();
      await expect.poll(() => rung.length, { timeout: 5_000, interval: 10 }).toBeGreaterThan(before);
      await pause(700);
    };
    let uid = 0;
    await rings(async () => ([uid = 0] = await server.append(user, "INBOX", ["Subject: ring\r\n\r\nhello"])));
    await rings(() => server.doveadm("flags", "add", "-u", user, "\\Flagged", "mailbox", "INBOX", "uid", String(uid)));
    await rings(() => server.doveadm("expunge", "-u", user, "mailbox", "INBOX", "uid", String(uid)));
    expect(new Set(rung)).toEqual(new Set(["INBOX"]));
    const started = performance.now();
    aborting.abort(new Error("stop"));
    await expect(watching).rejects.toThrow("stop");
    expect(performance.now() - started).toBeLessThan(1_000);
    await adapter[Symbol.asyncDispose]();
    await noneOpen();
  });

  it("says when the watching line is cut", async () => {
    const adapter = adapterFor(server, user);
    const boxes = await listed(adapter);
    let rings = 0;
    const watching = (async () => {
      for await (const _ of adapter.watch!(boxes, never)) rings += 1;
    })();
    watching.catch(() => undefined);
    await expect.poll(() => rings, { timeout: 10_000, interval: 10 }).toBeGreaterThan(0);
    await server.doveadm("kick", user);
    await expect(watching).rejects.toMatchObject({ code: "unreachable" });
    await adapter[Symbol.asyncDispose]();
    await noneOpen();
  });
});
