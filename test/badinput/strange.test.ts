/** Small hostile mails through a whole hub: what is told, what a webhook is sent, what the command line prints. */

import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { type Activity, type Entry, openHub } from "groupstream";
import { webhook } from "groupstream/adapters/webhook";
import { afterAll, describe, expect, it } from "vitest";
import { Folder, records } from "../cli/command.ts";
import { ordinary } from "./mails.ts";
import { type Strange, strange } from "./strange.ts";
import { type Kind, kinds, makeRoom, policies } from "./world.ts";

const room = await makeRoom();
afterAll(() => room[Symbol.asyncDispose]());

/** C0 and C1, line and paragraph separators, what turns text around. */
const inOneLine = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
const inText = /[\u0000-\u0008\u000b-\u001f\u007f]/;

/** Every string of a document with the names that lead to it. */
function* strings(value: unknown, path = ""): Generator<readonly [path: string, text: string]> {
  if (typeof value === "string") yield [path, value];
  else if (typeof value === "object" && value !== null)
    for (const [name, one] of Object.entries(value)) {
      yield [`${path}.name of a field`, name];
      yield* strings(one, `${path}.${name}`);
    }
}

const expectClean = (activity: Activity): void => {
  for (const [path, text] of strings(activity)) {
    expect(text.isWellFormed(), path).toBe(true);
    expect(text, path).not.toMatch(path.startsWith(".object.content") || path.startsWith(".object.source") ? inText : inOneLine);
  }
};

const subjectOf = ({ activity }: Entry): string => String((activity.object as { name?: string }).name);

/** Delivers everything and an ordinary mail after it, by one round. */
const delivered = async (kind: Kind, body: (typeof policies)[number], more: Parameters<typeof openHub>[0] | object = {}) => {
  const box = await room.box(kind, `strange-${body}-${Object.keys(more).length}`);
  const hub = await openHub({
    store: join(room.dir, `strange-${kind}-${body}-${Object.keys(more).length}.db`),
    systems: [box.adapter()],
    policy: { body },
    ...more,
  });
  await hub.sync();
  let n = 10;
  for (const [, { raw }] of strange) await box.deliver(`${n++}.x`, raw);
  await box.deliver("99.x", ordinary("next"));
  const began = performance.now();
  const [line] = await hub.sync();
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(line).toMatchObject({ told: strange.size + 1, failures: [] });
  return hub;
};

describe.each(kinds)("%s", (kind) => {
  describe.skipIf(kind === "imap" && !room.server).each(policies)("text %s", (body) => {
    it("tells each of them once, clean, and invents nothing", async () => {
      await using hub = await delivered(kind, body);
      const entries = await Array.fromAsync(hub.activities());
      const named = (id: string, { name = id, byImap = name }: Strange): string => (kind === "imap" ? byImap : name);
      const names = [...strange].map(([id, one]) => named(id, one));
      expect(entries.map(subjectOf).sort()).toEqual([...names, "next"].sort());
      expect((await hub.status()).systems[0]).toMatchObject({ quarantined: 0, told: strange.size + 1 });
      for (const [id, one] of strange) {
        const [{ text, undated }, name] = [one, named(id, one)];
        const found = entries.filter((entry) => subjectOf(entry) === name);
        for (const { activity } of found) {
          const object = activity.object as { published?: string; content?: string; source?: { content: string } };
          expect(activity.type).toBe("Create");
          expectClean(activity);
          if (undated) {
            expect(activity).not.toHaveProperty("published");
            expect(object).not.toHaveProperty("published");
            expect(JSON.stringify(activity)).not.toMatch(/\d{4}-\d\d-\d\dT|\b20\d\d-\d\d-\d\d/);
          } else expect(object.published).toBe("2026-11-23T10:00:00Z");
          if (body === "none") expect(object).not.toHaveProperty("content");
          else if (text !== undefined && name === id) expect(object.source?.content, id).toBe(text);
          expect(object.content ?? "").not.toMatch(/<script|script:|onclick|<img/i);
        }
      }
      const people = entries.find((entry) => subjectOf(entry) === "people")?.activity.object as { cc?: { id: string }[] };
      expect(people.cc?.map(({ id }) => id) ?? []).not.toContain("mailto:y@example.org");
      await hub.sync();
      expect(await Array.fromAsync(hub.activities())).toHaveLength(strange.size + 1);
    });
  });
});

it("a webhook is sent the activity as a body and nothing of it as a header", async () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  const got: { request: IncomingMessage; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      got.push({ request, body });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  try {
    const box = await room.box("maildir", "hooked");
    const hook = webhook({ id: "hook", url: `http://127.0.0.1:${port}/`, secret, audience: "public", allow: "private" });
    await using hub = await openHub({
      store: join(room.dir, "hooked.db"),
      systems: [box.adapter(), hook],
      routes: [{ from: "mail", to: "hook", widen: "a test" }],
    });
    await hub.sync();
    let n = 10;
    for (const [, { raw }] of strange) await box.deliver(`${n++}.x`, raw);
    await hub.sync();
    const entries = new Map((await Array.fromAsync(hub.activities())).map(({ activity }) => [activity.id, activity]));
    expect(got).toHaveLength(strange.size);
    for (const { request, body } of got) {
      expect(Object.keys(request.headers).sort()).toEqual([
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "user-agent",
        "webhook-id",
        "webhook-signature",
        "webhook-timestamp",
      ]);
      const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signature } = request.headers;
      const key = Buffer.from(secret.slice(6), "base64");
      expect(signature).toBe(`v1,${createHmac("sha256", key).update(`${id}.${at}.${body}`).digest("base64")}`);
      const activity = JSON.parse(body) as Activity;
      expect(activity).toEqual(entries.get(activity.id));
      expect(body).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    }
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

it("the command line prints sentences of one line without anything that moves a terminal", async () => {
  const folder = await Folder.make();
  try {
    await folder.maildir('history: "all",');
    let n = 10;
    const box = await room.box("maildir", "printed");
    for (const [, { raw }] of strange) await box.deliver(`${n++}.x`, raw);
    await folder.write(
      "groupstream.config.mjs",
      `import { maildir } from "groupstream/adapters/maildir";
export default { store: "./strange.db", systems: [maildir({ id: "mail", path: ${JSON.stringify(box.source.kind === "maildir" ? box.source.path : "")} })], history: "all" };`,
    );
    for (const lang of ["en", "de"]) {
      const args = ["--config", "groupstream.config.mjs", "--text", "--lang", lang];
      const { status, stdout, stderr } = await folder.run([lang === "en" ? "sync" : "tail", ...args]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      const lines = stdout.trimEnd().split("\n");
      expect(lines.filter((line) => /^\s+\d+\s/.test(line))).toHaveLength(strange.size);
      for (const line of lines) expect(line).not.toMatch(inOneLine);
    }
    const { stdout } = await folder.run(["tail", "--config", "groupstream.config.mjs", "--json"]);
    expect(records(stdout)).toHaveLength(strange.size);
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
  } finally {
    await folder.remove();
  }
});
