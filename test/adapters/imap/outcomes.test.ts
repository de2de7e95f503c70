/** What a submission server answers, or fails to, and what the receipt says of it. */

import { readFile, rm } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { Receipt } from "groupstream";
import { imap } from "groupstream/adapters/imap";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Certificate, makeCertificate } from "../../lab/certificate.ts";
import { delaying, refusing } from "../../lab/imap-proxy/traits/trouble.ts";
import { without } from "../../lab/imap-proxy/traits/without.ts";
import type { Cut } from "../../lab/smtp.ts";
import { note, office, reasons, stood } from "./sending.ts";
import { hasDovecot, never } from "./world.ts";

const ann = { id: "mailto:ann@example.org" };
const bob = { id: "mailto:bob@example.net" };

describe.skipIf(!hasDovecot)("outcomes", () => {
  const at = office();
  const mail = (more = {}) => at.command("Create", { object: note({ name: "Word", to: [ann], cc: [bob], ...more }) });

  const refusedBy = (receipt: Receipt, reason: RegExp, again: boolean): void => {
    expect(receipt).toMatchObject({ outcome: "refused", reason: expect.stringMatching(reason) });
    expect("again" in receipt && receipt.again === true).toBe(again);
    expect("reason" in receipt && receipt.reason).not.toMatch(/ann@|bob@|\bWord\b|such user/);
  };

  describe.each([
    ["pipelined", false],
    ["one by one", true],
  ])("recipients, asked %s", (_, hidePipelining) => {
    it("every one refused for good: refused, naming their domains", async () => {
      await at.begin({ lab: { hidePipelining } });
      at.smtp.refused.set("ann@example.org", "550 5.1.1 no such user");
      at.smtp.refused.set("bob@example.net", "550 5.1.1 no such user");
      refusedBy(await at.perform(mail()), /every recipient, at example\.org, example\.net \(550 5\.1\.1\)/, false);
      expect(at.smtp.begun()).toBe(0);
      expect(await at.subjects("Sent")).toEqual([]);
    });

    it("one of all refused for now: refused, to be tried again", async () => {
      await at.begin({ lab: { hidePipelining } });
      at.smtp.refused.set("ann@example.org", "450 4.2.1 busy");
      at.smtp.refused.set("bob@example.net", "550 5.1.1 no such user");
      refusedBy(await at.perform(mail()), /takes no mail now \(450 4\.2\.1\)/, true);
    });

    it("some refused: done, a loss for each, sent once", async () => {
      await at.begin({ lab: { hidePipelining } });
      at.smtp.refused.set("bob@example.net", "550 5.1.1 no such user");
      const receipt = await at.done(mail());
      expect(reasons(receipt.losses)).toBe(
        "cc: A recipient at example.net was refused by the server (550 5.1.1) and did not get it.",
      );
      expect(at.smtp.taken.map(({ to }) => to)).toEqual([["ann@example.org"]]);
      expect(receipt.stands).toBeDefined();
    });
  });

  it.each([
    ["sender", "550 5.7.1 not you", /does not take mail from this sender \(550 5\.7\.1\); check smtp\.from/, false],
    ["sender", "451 4.7.1 later", /takes no mail now \(451 4\.7\.1\)/, true],
    ["data", "554 5.6.0 spam", /refused the mail \(554 5\.6\.0\)/, false],
    ["data", "451 4.3.0 later", /takes no mail now \(451 4\.3\.0\)/, true],
    ["data", "421 4.3.2 closing", /takes no mail now \(421 4\.3\.2\)/, true],
    ["data", "552 5.3.4 big", /too large .*\(552 5\.3\.4\)/, false],
  ] as const)("%s answered %s", async (what, answer, reason, again) => {
    await at.begin();
    at.smtp.instead[what] = answer;
    refusedBy(await at.perform(mail()), reason, again);
    expect(await at.subjects("Sent")).toEqual([]);
    delete at.smtp.instead[what];
    await at.done(mail());
    expect(at.smtp.taken).toHaveLength(1);
  });

  it("mails one after the other go over one connection; one that has ended meanwhile is opened again, and nothing is unsure", async () => {
    await at.begin();
    await at.done(mail());
    await at.done(mail());
    expect(at.smtp.connections()).toBe(1);
    for (const how of ["421", "silently"] as const) {
      at.smtp.hangUp(how);
      // Not waited for: it is found out by the next mail.
      await at.done(mail());
    }
    expect([at.smtp.connections(), at.smtp.taken.length, at.smtp.begun()]).toEqual([3, 4, 4]);
    at.smtp.hangUp("silently");
    await pause(50);
    await at.done(mail());
    expect([at.smtp.connections(), at.smtp.taken.length]).toEqual([4, 5]);
    at.smtp.refused.set("ann@example.org", "450 4.2.1 busy");
    at.smtp.refused.set("bob@example.net", "450 4.2.1 busy");
    refusedBy(await at.perform(mail()), /takes no mail now \(450 4\.2\.1\)/, true);
    expect(at.smtp.connections()).toBe(4);
  });

  it("a mail larger than the server says is not even begun; where it says nothing, its refusal is told", async () => {
    await at.begin({ lab: { size: 4_000 } });
    const large = mail({ text: "long line\n".repeat(1_000) });
    refusedBy(await at.perform(large), /too large/, false);
    expect(at.smtp.begun()).toBe(0);
    await at.begin({ lab: { size: 4_000, hideSize: true } });
    refusedBy(await at.perform(large), /too large .*\(552 5\.3\.4\)/, false);
    expect(at.smtp.begun()).toBe(1);
  });

  it("nobody there, and a port where something else is", async () => {
    await at.begin();
    const closed = at.again({ smtp: { port: 1 } });
    refusedBy(await closed.performs!.Create!(mail(), never), /nothing was sent to 127\.0\.0\.1:1: nothing answers/, true);
    const http = at.again({ smtp: { port: at.server.port } });
    refusedBy(await http.performs!.Create!(mail(), never), /nothing was sent/, true);
  }, 60_000);

  const cut = async (where: Cut): Promise<Receipt> => {
    at.smtp.cut = where;
    return at.perform(mail());
  };

  it.each(["login", "recipient"] as const)("cut at the %s: certainly not sent", async (where) => {
    await at.begin({ lab: { users: {} } });
    at.smtp.users.set(at.user, "test");
    refusedBy(await cut(where), /nothing was sent/, true);
    expect(at.smtp.begun()).toBe(0);
    await at.done(mail());
  });

  it.each(["data", "taken"] as const)(
    "cut while or after the mail is handed in (%s): unknown, sent once by us",
    async (where) => {
      await at.begin();
      const receipt = await cut(where);
      expect(receipt).toMatchObject({ outcome: "unknown", reason: expect.stringMatching(/may have been taken/) });
      expect(at.smtp.begun()).toBe(1);
      expect(await at.subjects("Sent")).toEqual([]);
    },
  );

  it("cut instead of the answer: unknown; the repeat is the same mail by Message-ID, to the last byte", async () => {
    await at.begin();
    at.smtp.cut = "answer";
    const published = new Date(Date.now() - 60_000).toISOString();
    const command = mail({ published, content: "<p>Hi</p>", text: "Hi" });
    expect(await at.perform(command)).toMatchObject({ outcome: "unknown" });
    expect(await at.adapter.find!(command, never)).toBe("unknown");
    await at.done({ ...command, attempt: 2 });
    const [first, second] = at.smtp.taken;
    expect(at.smtp.taken).toHaveLength(2);
    expect(second?.raw.equals(first!.raw)).toBe(true);
    expect(first?.raw.toString()).toContain(`Message-ID: <gs.${command.id}@example.org>`);
    expect(await at.subjects("Sent")).toEqual(["Word"]);
  });

  it("a mail whose copy stands among the sent is found, and not sent again", async () => {
    await at.begin();
    const command = mail();
    const sent = await at.done(command);
    const found = await at.again().find!(command, never);
    expect(found).toEqual(sent.stands);
    const repeated = await at.done({ ...command, attempt: 2 });
    expect(repeated.stands).toEqual(sent.stands);
    expect(at.smtp.taken).toHaveLength(1);
    expect(await at.subjects("Sent")).toEqual(["Word"]);
    expect(await at.adapter.find!(mail(), never)).toBe("unknown");
  });

  it("a copy that cannot be kept: done all the same, with the loss, and not sent again", async () => {
    const trouble = refusing();
    await at.begin({ traits: [trouble] });
    const tries = 4;
    for (let time = 0; time < tries; time += 1) trouble.instead.push({ command: /^APPEND/, answer: "NO [OVERQUOTA] full" });
    const receipt = await at.done(mail());
    expect(reasons(receipt.losses)).toMatch(/^sent copy: The mail was sent; its copy/);
    expect(receipt.stands).toBeUndefined();
    for (let time = 0; time < tries; time += 1)
      trouble.instead.push({ command: /^APPEND/, answer: "BYE [UNAVAILABLE] going down" });
    expect(reasons((await at.done(mail())).losses)).toMatch(/^sent copy/);
    expect(at.smtp.taken).toHaveLength(2);
  });

  it("no copy where the server keeps one itself", async () => {
    await at.begin({ smtp: { saveSent: false } });
    expect(await at.done(mail())).not.toHaveProperty("stands");
    expect(await at.subjects("Sent")).toEqual([]);
  });

  it("without UIDPLUS the copy is found by its Message-ID", async () => {
    await at.begin({ traits: [without("UIDPLUS")] });
    const command = mail();
    expect(stood((await at.done(command)).stands).mine).toEqual({ marker: command.id });
  });

  it("an abort waits for the copy of a mail that has been taken: else it would be sent again", async () => {
    const slow = delaying();
    await at.begin({ traits: [slow] });
    await at.adapter.describe(never);
    await at.collection("sent");
    slow.ms = 150;
    const control = new AbortController();
    const command = mail();
    const work = at.adapter.performs!.Create!(command, control.signal);
    while (at.smtp.taken.length === 0) await pause(10);
    await pause(200);
    control.abort(new Error("too late"));
    const receipt = await work;
    expect(receipt).toMatchObject({ outcome: "done", stands: { sighting: { mine: { marker: command.id } } } });
  });

  it("an abort ends with the signal's reason", async () => {
    await at.begin();
    at.smtp.delay = 2_000;
    const control = new AbortController();
    const work = at.adapter.performs!.Create!(mail(), control.signal);
    setTimeout(() => control.abort(new Error("enough")), 500);
    const began = Date.now();
    await expect(work).rejects.toThrow("enough");
    expect(Date.now() - began).toBeLessThan(1_500);
    await expect(at.adapter.performs!.Create!(mail(), AbortSignal.abort(new Error("never")))).rejects.toThrow("never");
  });

  it("an abort ends the wait for a connection, and leaves the place to others", async () => {
    await at.begin();
    at.smtp.delay = 400;
    const control = new AbortController();
    const sending = Array.from({ length: 3 }, () => at.perform(mail()));
    await expect.poll(() => at.smtp.begun(), { timeout: 10_000, interval: 10 }).toBeGreaterThan(0);
    const waiting = at.adapter.performs!.Create!(mail(), control.signal);
    const last = at.perform(mail());
    control.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    expect(at.smtp.taken).toHaveLength(0);
    expect((await Promise.all([...sending, last])).map(({ outcome }) => outcome)).toEqual(Array(4).fill("done"));
    expect(at.smtp.taken).toHaveLength(4);
  });

  it("twenty at once arrive once each, over few connections", async () => {
    await at.begin();
    const commands = Array.from({ length: 20 }, (_, n) => mail({ name: `Mail ${n}` }));
    const receipts = await Promise.all(commands.map((command) => at.perform(command)));
    expect(receipts.map(({ outcome }) => outcome)).toEqual(Array(20).fill("done"));
    expect(at.smtp.taken).toHaveLength(20);
    expect(new Set(await at.subjects("Sent")).size).toBe(20);
  });

  describe("TLS and logins", () => {
    let certificate: Certificate;
    let tls: { cert: string; key: string };
    beforeAll(async () => {
      certificate = await makeCertificate(["DNS:localhost", "IP:127.0.0.1"]);
      tls = { cert: certificate.pem, key: await readFile(certificate.key, "utf8") };
    });
    afterAll(() => rm(certificate.dir, { recursive: true }));

    it("STARTTLS with a known authority, and the account's own login", async () => {
      await at.begin({ lab: { tls, users: {} }, smtp: { tls: { ca: certificate.pem } } });
      at.smtp.users.set(at.user, "test");
      await at.done(mail());
      expect(at.smtp.taken[0]).toMatchObject({ secure: true, user: at.user, method: "PLAIN" });
    });

    it("TLS from the first byte, and a login of its own", async () => {
      await at.begin({
        lab: { tls: { ...tls, implicit: true }, users: { relay: "secret" } },
        smtp: { secure: true, tls: { ca: certificate.pem }, auth: { user: "relay", pass: async () => "secret" } },
      });
      await at.done(mail());
      expect(at.smtp.taken[0]).toMatchObject({ secure: true, user: "relay" });
    });

    it("an unknown authority, or no TLS where it is asked for: nothing is sent, no password told", async () => {
      await at.begin({ lab: { tls, users: {} }, smtp: { tls: {} } });
      refusedBy(await at.perform(mail()), /nothing was sent .*its certificate is not trusted/, true);
      await at.begin({ lab: { users: {} }, smtp: { tls: {} } });
      refusedBy(await at.perform(mail()), /nothing was sent .*it offers no TLS/, true);
      expect(at.smtp.taken).toEqual([]);
    });

    it("a wrong password, and a token that is renewed once", async () => {
      await at.begin({ lab: { users: { relay: "secret" } }, smtp: { auth: { user: "relay", pass: "hunter2" } } });
      const receipt = await at.perform(mail());
      refusedBy(receipt, /the login at 127\.0\.0\.1:\d+ failed \(535 5\.7\.8\); renew smtp\.auth/, true);
      expect(JSON.stringify(receipt)).not.toContain("hunter2");
      const asked: boolean[] = [];
      const accessToken = (again: boolean): string => {
        asked.push(again);
        return again ? "secret" : "stale";
      };
      const adapter = at.again({ smtp: { auth: { user: "relay", accessToken } } });
      expect(await adapter.performs!.Create!(mail(), never)).toMatchObject({ outcome: "done" });
      expect(asked).toEqual([false, true]);
      expect(at.smtp.taken[0]).toMatchObject({ user: "relay", method: "XOAUTH2" });
    });
  });

  it("every mistake of the option at once, without its values", () => {
    const make = () =>
      imap({
        id: "mail",
        host: "imap.example.org",
        auth: { user: "someone", pass: "x" },
        smtp: {
          host: "smtp://h",
          port: 0,
          auth: {} as never,
          from: { address: "nobody", name: "" },
          replyTo: "@",
          saveSent: 1 as never,
          insecure: "plaintext",
          secure: true,
          extra: 1,
        } as never,
      });
    expect(make).toThrow(/misconfigured|cannot be used/);
    try {
      make();
    } catch (error) {
      const { mistakes } = error as { mistakes: string[] };
      expect(mistakes.map((mistake) => mistake.split(/ |:/)[0])).toEqual([
        "smtp.host",
        "smtp.port",
        "smtp.auth.user",
        "smtp.auth",
        "smtp.from.address",
        "smtp.from.name",
        "smtp.replyTo",
        "smtp.saveSent",
        "smtp.extra",
        "smtp.secure",
      ]);
      expect(mistakes.join()).not.toMatch(/smtp:\/\/h|nobody/);
    }
    expect(() => imap({ id: "m", host: "h", auth: { user: "someone", pass: "x" }, smtp: { host: "s" } })).toThrow(
      /smtp\.from: give an address/,
    );
  });
});
