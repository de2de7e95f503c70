/**
 * New mail to webhook received, against a raw IDLE client (RFC 2177) on the same mailbox: what the product adds. The hub runs
 * in a process of its own; mails are stored, seen and received by this one, on one clock.
 */

import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startDovecot } from "../test/lab/dovecot.ts";
import type { RawImap } from "../test/lab/imap.ts";
import { fill, mails } from "../test/lab/mails.ts";
import { type Bench, percentile, round } from "./bar.ts";
import type { HubSettings } from "./latency/hub.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

/** Dovecot gathers changes for 500 ms before an idling client hears of them; each mail is to be heard alone. */
const apart = 700;
const jitter = 300;

/** Resolves once the first round over every mailbox has ended. */
const startHub = (settings: HubSettings): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, "latency/hub.ts"), { execArgv: ["--conditions=groupstream:source"] });
    child.once("exit", (code) => reject(new Error(`the hub's process ended with ${code}`)));
    child.once("error", reject);
    child.on("message", ({ looked, failures }: { looked: string; failures: readonly string[] }) => {
      if (failures.length > 0) reject(new Error(`${looked}: ${failures.join("; ")}`));
      else if (looked === "mail") resolve(child);
    });
    child.send(settings);
  });

/** When an idling client was told of the n-th new mail, ms. */
const listen = async (client: RawImap): Promise<readonly number[]> => {
  const heard: number[] = [];
  let known = Number(/\* (\d+) EXISTS/.exec(await client.command("SELECT INBOX"))?.[1]);
  await client.write("idle IDLE\r\n");
  await client.until(/\+ [^\r\n]*\r\n/);
  void (async () => {
    for (;;) {
      const [, count] = /\* (\d+) EXISTS\r\n$/.exec(await client.until(/\* \d+ EXISTS\r\n/)) ?? [];
      const at = performance.now();
      for (; known < Number(count); known += 1) heard.push(at);
    }
  })().catch(() => undefined);
  return heard;
};

/** Names that say which mail it was. */
const subjectOf = (n: number): string => `Mail number ${n}`;

const settled = async (receiver: Receiver, count: number): Promise<void> => {
  for (let waited = 0; waited < 10_000 && receiver.received.length < count; waited += 50) await pause(50);
  // A repeat would come now.
  await pause(500);
};

/** What is wrong with what was received; empty: one activity for each mail, in order, each rightly signed. */
const mistakesIn = ({ received, forged }: Receiver, count: number): string[] => {
  const names = received.map(({ activity }) => activity.object.name ?? "");
  const wanted = Array.from({ length: count }, (_, n) => subjectOf(n));
  return [
    ...(forged > 0 ? [`${forged} signatures were wrong`] : []),
    ...received.filter(({ activity }) => activity.type !== "Create").map(({ activity }) => `a ${activity.type} was received`),
    ...wanted.filter((name) => !names.includes(name)).map((name) => `${name} was not received`),
    ...names.filter((name, n) => names.indexOf(name) !== n).map((name) => `${name} was received again`),
    ...(names.every((name, n) => n === 0 || wanted.indexOf(name) > wanted.indexOf(names[n - 1] ?? ""))
      ? []
      : ["the order is another"]),
  ];
};

export const run = async ({ full, say, note }: Bench): Promise<void> => {
  const count = full ? 200 : 40;
  const server = await startDovecot();
  const dir = await mkdtemp(join(tmpdir(), "groupstream-latency-"));
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  const user = server.user("latency");
  const receiver = await startReceiver(secret);
  let hub: ChildProcess | undefined;
  const clients: RawImap[] = [];
  try {
    await fill(server, user, { count: 500, seed: 2 });
    hub = await startHub({
      store: join(dir, "hub.db"),
      host: server.host,
      port: server.port,
      user,
      pass: server.password,
      url: receiver.url,
      secret,
    });
    const [idle, writer] = [await server.raw(user), await server.raw(user)];
    clients.push(idle, writer);
    const heard = await listen(idle);
    // The hub's own IDLE begins right after its first round.
    await pause(1_500);
    note(`${count} mails, ${apart} to ${apart + jitter} ms apart`);
    let n = 0;
    for (const { raw } of mails({ count, seed: 3, mailboxes: ["INBOX"] })) {
      const text = typeof raw === "string" ? raw : Buffer.from(raw).toString("latin1");
      await writer.append("INBOX", [{ raw: text.replace(/^Subject:.*$/m, `Subject: ${subjectOf(n)}`) }]);
      n += 1;
      await pause(apart + Math.random() * jitter);
    }
    await settled(receiver, count);
    const mistakes = mistakesIn(receiver, count);
    for (const mistake of mistakes) note(mistake);
    const first = new Map(receiver.received.toReversed().map(({ activity, at }) => [activity.object.name, at]));
    const later = heard.flatMap((at, index) => {
      const got = first.get(subjectOf(index));
      return got === undefined ? [] : [got - at];
    });
    if (heard.length !== count) throw new Error(`the idling client heard of ${heard.length} of ${count} mails`);
    const [p50, p95] = [percentile(later, 0.5), percentile(later, 0.95)];
    const against = `a raw IDLE client, ${count} mails`;
    say({
      name: "new mail to webhook received, p50",
      value: round(p50, 1),
      unit: "ms later",
      against,
      bar: 30,
      holds: p50 <= 30,
    });
    say({
      name: "new mail to webhook received, p95",
      value: round(p95, 1),
      unit: "ms later",
      against,
      bar: 100,
      holds: p95 <= 100,
    });
    say({ name: "  slowest", value: round(Math.max(...later), 1), unit: "ms later" });
    say({ name: "  fastest", value: round(Math.min(...later), 1), unit: "ms later" });
    say({
      name: "mails not received once, signed, in order",
      value: mistakes.length,
      unit: "mistakes",
      bar: 0,
      holds: mistakes.length === 0,
    });
  } finally {
    for (const client of clients) client.close();
    if (hub && hub.exitCode === null) {
      hub.removeAllListeners("exit");
      const ended = new Promise((resolve) => hub?.once("exit", resolve));
      hub.kill("SIGKILL");
      await ended;
    }
    await receiver[Symbol.asyncDispose]();
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
};
