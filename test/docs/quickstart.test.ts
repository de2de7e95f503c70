/** What a newcomer starts: `npm run quickstart` and `npm run lab`, twice, in a folder of the test. */

import { execFile, spawn } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startDovecot } from "../lab/dovecot.ts";
import { LabUnavailable } from "../lab/packages.ts";
import { root } from "./blocks.ts";

const run = promisify(execFile);
let folder: string;
/** Why there is no server, where there is none. */
let reason: string | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "groupstream-quickstart-"));
  // A server of root runs as somebody else, who must be able to enter.
  await chmod(folder, 0o755);
  try {
    await (await startDovecot()).stop();
  } catch (error) {
    if (!(error instanceof LabUnavailable) || process.env.CI === "1") throw error;
    reason = error.message;
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const quickstart = async (...args: string[]): Promise<string> => {
  const { stdout } = await run(process.execPath, ["scripts/start.mjs", "examples/quickstart.ts", "--folder", folder, ...args], {
    cwd: root,
    env: { ...process.env, LANG: "C.UTF-8" },
  });
  return stdout;
};

const latency = /told (\d+) ms after it was stored, webhook received and verified after (\d+) ms/;

it("shows a real server's mail, then one new mail with its latency; the second time nothing is told twice", async ({ skip }) => {
  if (reason !== undefined) return skip(reason);
  const first = await quickstart();
  expect(first).toMatch(/A real Dovecot 2\.3/);
  expect(first).toContain("400 messages read in");
  expect(first).toMatch(/only the newest \d+ messages are/);
  expect(first).toMatch(/\d+ signed webhooks received, every signature verified/);
  expect(first).toContain("New message from Ada Lovelace in INBOX: “Greetings from the quickstart”");
  const [, told, received] = latency.exec(first) ?? [];
  expect(Number(told)).toBeLessThan(5_000);
  expect(Number(received)).toBeGreaterThanOrEqual(Number(told));
  const second = await quickstart("--lang", "de");
  expect(second).toContain("401 Nachrichten");
  expect(second).toContain("0 neue: Was schon erzählt ist");
  expect(second).toContain("0 Webhooks: Was schon zugestellt ist");
  expect(second).toContain("Neue Nachricht von Ada Lovelace in INBOX: „Gruß vom Quickstart“");
});

it("shows the same with a folder, and says so in one line", async () => {
  const first = await quickstart("--maildir");
  expect(first).toMatch(/^No Dovecot here \(--maildir\); the same is shown with a Maildir folder\.\n/);
  expect(first).toContain("400 messages read in");
  expect(first).toMatch(latency);
  const second = await quickstart("--maildir");
  expect(second).toContain("401 messages read");
  expect(second).toContain("0 new: what was told before is not told again.");
});

it("the lab runs until it is told to end, and leaves nothing", async ({ skip }) => {
  if (reason !== undefined) return skip(reason);
  const lab = spawn(process.execPath, ["--conditions=groupstream:source", "scripts/lab.ts", "--folder", folder], {
    cwd: root,
    env: { ...process.env, LANG: "C.UTF-8" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => lab.once("exit", resolve));
  const printed = await new Promise<string>((resolve) => {
    let text = "";
    lab.stdout.setEncoding("utf8").on("data", (more: string) => {
      text += more;
      if (text.includes("Ctrl-C")) resolve(text);
    });
    void ended.then(() => resolve(text));
  });
  const port = Number(/port (\d+)/.exec(printed)?.[1]);
  const reachable = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      }).once("error", () => resolve(false));
    });
  expect(await reachable()).toBe(true);
  lab.kill("SIGTERM");
  expect(await ended).toBe(0);
  expect(await reachable()).toBe(false);
});
