import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { startDovecot } from "./dovecot.ts";
import { fill, mails } from "./mails.ts";
import { LabUnavailable, unpackPackages } from "./packages.ts";

const hasDovecot: boolean = await startDovecot().then(
  async (server) => {
    await server.stop();
    return true;
  },
  (error: unknown) => {
    if (!(error instanceof LabUnavailable) || process.env.CI) throw error;
    console.warn(`skipped: ${error.message}`);
    return false;
  },
);

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });

describe("packages", () => {
  it("says which package cannot be fetched and leaves nothing behind", async () => {
    const lab = `${import.meta.dirname}/../../.lab/test-${process.pid}`;
    await expect(unpackPackages("nothing", ["no-such-package-anywhere"], { lab })).rejects.toThrow(
      /no-such-package-anywhere cannot be fetched/,
    );
    expect(await readdir(lab)).toEqual([]);
    await rm(lab, { recursive: true });
  }, 60_000);
});

describe.skipIf(!hasDovecot)("Dovecot", () => {
  it("starts quickly with its packages at hand, keeps mail over kill and restart, and leaves nothing", async () => {
    const started = performance.now();
    const server = await startDovecot();
    expect(performance.now() - started).toBeLessThan(2_000);
    const user = server.user("anna");
    expect(
      await server.append(user, "Büro/A&B", ["Subject: one\r\n\r\nx", { raw: "Subject: two\r\n\r\nx", flags: ["\\Seen"] }]),
    ).toEqual([1, 2]);
    await server.kill();
    expect(await listens(server.port)).toBe(false);
    await server.restart({ without: ["QRESYNC"] });
    expect(await server.doveadm("mailbox", "status", "-u", user, "messages", "Büro/A&B")).toContain("messages=2");
    const raw = await server.raw(user);
    expect(await raw.command("CAPABILITY")).not.toContain("QRESYNC");
    raw.close();
    await server.stop();
    expect(await listens(server.port)).toBe(false);
    expect(existsSync(server.dir)).toBe(false);
  });

  it("ends with the process that started it, also when that is killed", async () => {
    const script = `import { startDovecot } from ${JSON.stringify(`${import.meta.dirname}/dovecot.ts`)}; const s = await startDovecot(); console.log(JSON.stringify({ port: s.port, dir: s.dir })); setInterval(() => {}, 1e6);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    const line = await new Promise<string>((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
    const { port, dir } = JSON.parse(line) as { port: number; dir: string };
    expect(await listens(port)).toBe(true);
    child.kill("SIGKILL");
    await expect.poll(() => listens(port), { timeout: 5_000 }).toBe(false);
    await expect.poll(() => existsSync(dir), { timeout: 5_000 }).toBe(false);
  });

  it("fills mailboxes with the same sample each time", async () => {
    const [first, second] = [[...mails({ count: 200 })], [...mails({ count: 200 })]];
    expect(first.map(({ raw }) => raw)).toEqual(second.map(({ raw }) => raw));
    const server = await startDovecot();
    const filled = await fill(server, server.user("bob"), { count: 200 });
    expect([...filled.values()].reduce((sum, count) => sum + count, 0)).toBe(200);
    expect(filled.size).toBe(4);
    await server.stop();
  });
});
