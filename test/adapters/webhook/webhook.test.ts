import { createHash } from "node:crypto";
import { inspect } from "node:util";
import fc from "fast-check";
import type { Adapter, Collection, Command, Receipt } from "groupstream";
import { isGroupstreamError } from "groupstream";
import { type WebhookOptions, webhook } from "groupstream/adapters/webhook";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, it } from "vitest";
import { closedPort, http, type Listening, tcp } from "../../protocol/http/servers.ts";

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const older = `whsec_${Buffer.alloc(24, 9).toString("base64")}`;
const activity = {
  "@context": "https://www.w3.org/ns/activitystreams",
  type: "Create",
  id: "urn:uuid:1",
  name: "Grüße 👋\r\nx-evil: 1",
};
const command: Command = {
  id: "0b7c2c7e-6a2e-4d8e-9b2e-000000000001",
  attempt: 1,
  verb: "Deliver",
  actor: "mailto:a@example.org",
  activity,
  trail: [],
};

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
});
const start = async (server: Promise<Listening>): Promise<Listening> => {
  const one = await server;
  opened.push(one);
  return one;
};
const open = (options: Partial<WebhookOptions> & { url: string }): Adapter => {
  const keys = options.secrets ? {} : { secret };
  const one = webhook({ id: "hook", ...keys, audience: "public", allow: "private", timeout: 1_000, ...options });
  opened.push(one);
  return one;
};
const { signal } = new AbortController();
const deliver = (adapter: Adapter, changes: Partial<Command> = {}): Promise<Receipt> => {
  const perform = adapter.performs?.Deliver;
  if (!perform) throw new Error("no Deliver");
  return perform({ ...command, ...changes }, signal);
};
const answering = (status: number, headers: Record<string, string> = {}) =>
  start(http((_, response) => response.writeHead(status, headers).end()));

describe("Deliver", () => {
  it("posts the activity once, signed so that the Standard Webhooks library verifies it", async () => {
    const got: { headers: Record<string, string>; body: string; method: string | undefined; url: string | undefined }[] = [];
    const server = await start(
      http((request, response) => {
        let body = "";
        request.setEncoding("utf8").on("data", (chunk) => (body += chunk));
        request.on("end", () => {
          got.push({ headers: request.headers as Record<string, string>, body, method: request.method, url: request.url });
          response.writeHead(204).end();
        });
      }),
    );
    expect(await deliver(open({ url: `${server.url}/in?k=v`, headers: { "X-Team": "sales" } }))).toEqual({ outcome: "done" });
    expect(got).toHaveLength(1);
    const [{ headers, body, method, url } = { headers: {}, body: "", method: "", url: "" }] = got;
    expect([method, url, headers["content-type"], headers["x-team"]]).toEqual([
      "POST",
      "/in?k=v",
      "application/activity+json",
      "sales",
    ]);
    expect(headers["webhook-id"]).toBe(command.id);
    expect(headers["x-evil"]).toBeUndefined();
    expect(new Webhook(secret).verify(body, headers)).toEqual(activity);
    expect(() => new Webhook(older).verify(body, headers)).toThrow();
  });

  it("signs with every secret while they rotate, and anew for each attempt", async () => {
    const seen: Record<string, string>[] = [];
    const server = await start(
      http((request, response) => {
        request.resume().on("end", () => {
          seen.push(request.headers as Record<string, string>);
          response.writeHead(500).end();
        });
      }),
    );
    const hook = open({ url: server.url, secrets: [secret, older] });
    await deliver(hook);
    await new Promise((done) => setTimeout(done, 1_100));
    await deliver(hook, { attempt: 2 });
    const body = JSON.stringify(activity);
    for (const headers of seen)
      for (const key of [secret, older]) expect(new Webhook(key).verify(body, headers)).toEqual(activity);
    expect(seen.map((headers) => headers["webhook-id"])).toEqual([command.id, command.id]);
    expect(seen[0]?.["webhook-timestamp"]).not.toBe(seen[1]?.["webhook-timestamp"]);
  });

  it.each([200, 201, 202, 204, 299])("takes %d for done", async (status) => {
    expect(await deliver(open({ url: (await answering(status)).url }))).toEqual({ outcome: "done" });
  });

  it.each([
    [301, "no-place"],
    [307, "no-place"],
    [400, "rejected"],
    [401, "unauthenticated"],
    [403, "forbidden"],
    [404, "no-place"],
    [405, "rejected"],
    [409, "rejected"],
    [410, "no-place"],
    [413, "too-large"],
    [415, "rejected"],
    [422, "rejected"],
  ])("takes %d for refused, not again: %s", async (status, obstacle) => {
    const server = await answering(status, { location: "http://127.0.0.1:1/", "retry-after": "5" });
    expect(await deliver(open({ url: server.url }))).toEqual({
      outcome: "refused",
      reason: expect.stringContaining(`answered ${status}`),
      obstacle,
    });
    expect(server.connections()).toBe(1);
  });

  it.each([408, 425, 429, 500, 502, 503, 504])("takes %d for refused, again, after Retry-After", async (status) => {
    const obstacle = status < 500 ? "throttled" : "unreachable";
    const again = { outcome: "refused", again: true, reason: expect.stringContaining(`answered ${status}`), obstacle };
    expect(await deliver(open({ url: (await answering(status)).url }))).toEqual(again);
    expect(await deliver(open({ url: (await answering(status, { "retry-after": "120" })).url }))).toEqual({
      ...again,
      retryAfter: 120,
    });
    expect(await deliver(open({ url: (await answering(status, { "retry-after": "9999999" })).url }))).toEqual({
      ...again,
      retryAfter: 86_400,
    });
    const date = new Date(Date.now() + 90_000).toUTCString();
    const receipt = await deliver(open({ url: (await answering(status, { "retry-after": date })).url }));
    expect(receipt.outcome === "refused" && receipt.retryAfter).toBeGreaterThan(85);
    expect(receipt.outcome === "refused" && receipt.retryAfter).toBeLessThanOrEqual(90);
  });

  it("says refused, again, where nothing was sent", async () => {
    const receipt = await deliver(open({ url: `http://127.0.0.1:${await closedPort()}/` }));
    expect(receipt).toEqual({
      outcome: "refused",
      again: true,
      reason: expect.stringMatching(/^Not sent: .*refused the connection/),
      obstacle: "unreachable",
    });
    const nowhere = await deliver(open({ url: "https://does-not-exist.invalid/" }));
    expect(nowhere).toMatchObject({ outcome: "refused", again: true });
  });

  it("says unknown where it may have been done: silence, a cut line, nonsense", async () => {
    const receivers = [tcp(() => undefined), tcp((socket) => socket.destroy()), tcp((socket) => socket.end("SSH-2.0-nope\r\n"))];
    for (const receiver of receivers) {
      const server = await start(receiver);
      expect(await deliver(open({ url: server.url, timeout: 300 }))).toMatchObject({
        outcome: "unknown",
        reason: expect.stringMatching(/^Sent, but/),
      });
    }
  });

  it("is done by the status, however long or slow the answer's body is", async () => {
    const endless = await start(
      http((_, response) => {
        response.writeHead(200);
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536)));
          if (!response.destroyed) response.once("drain", more);
        };
        more();
      }),
    );
    expect(await deliver(open({ url: endless.url }))).toEqual({ outcome: "done" });
    const dripping = await start(http((_, response) => void response.writeHead(200).write("x")));
    expect(await deliver(open({ url: dripping.url, timeout: 300 }))).toEqual({ outcome: "done" });
  });

  it("refuses a name that leads inside, without sending", async () => {
    const server = await answering(200);
    const { port } = new URL(server.url);
    const adapter = webhook({ id: "hook", url: `https://localhost.localdomain:${port}/`, secret, audience: "public" });
    opened.push(adapter);
    const receipt = await deliver(adapter);
    expect(receipt.outcome).toBe("refused");
    expect(server.connections()).toBe(0);
  });

  it("previews without sending and without what is secret", async () => {
    const server = await answering(200);
    const hook = open({
      url: `http://ada:pass@127.0.0.1:${server.port}/in?token=hidden`,
      headers: { authorization: "Bearer hidden-too" },
    });
    const receipt = await deliver(hook, { preview: true });
    const body = JSON.stringify(activity);
    expect(receipt).toMatchObject({ outcome: "done", digest: createHash("sha256").update(body).digest("hex") });
    const native = receipt.outcome === "done" ? (receipt.native ?? "") : "";
    expect(native).toContain(`POST http://127.0.0.1:${server.port}/…\n`);
    expect(native.endsWith(`\n\n${body}`)).toBe(true);
    expect(native).not.toMatch(/hidden|pass|whsec|x-evil: 1\n/);
    expect(server.connections()).toBe(0);
  });

  it("ends with the signal's reason", async () => {
    const silent = await start(tcp(() => undefined));
    const hook = open({ url: silent.url, timeout: 10_000 });
    const reason = new Error("closing");
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 100);
    await expect(hook.performs?.Deliver?.(command, controller.signal)).rejects.toBe(reason);
  });

  it("lets no id break the signed text or a header", async () => {
    const server = await answering(200);
    const hook = open({ url: server.url });
    for (const id of ["a.b", "a\r\nb: c", "", "ü"]) expect(await deliver(hook, { id })).toMatchObject({ outcome: "refused" });
    expect(server.connections()).toBe(0);
  });
});

describe("what it is", () => {
  it("holds nothing, gives nothing, takes Deliver", async () => {
    const hook = open({ url: "http://127.0.0.1:9/in?token=hidden" });
    expect(Object.keys(hook.performs ?? {})).toEqual(["Deliver"]);
    const manifest = await hook.describe(signal);
    expect(manifest).toMatchObject({
      holds: false,
      takes: { Deliver: { level: "full" } },
      gives: { changes: { level: "none" } },
    });
  });

  it("has one collection, with the declared audience and an address that gives no path, query or credentials away", async () => {
    const audience = ["mailto:sales@example.org"];
    const hook = open({ url: "http://ada:pass@127.0.0.1:9/in?token=hidden#x", audience });
    const all: Collection[] = [];
    for await (const collection of hook.collections(signal)) all.push(collection);
    const address = expect.stringMatching(/^http:\/\/127\.0\.0\.1:9\/#[\w-]{22}$/);
    expect(all).toEqual([{ id: "activities", name: "127.0.0.1:9", audience, address }]);
  });

  it("describes itself only where its name may be asked", async () => {
    const nowhere = webhook({ id: "hook", url: "https://does-not-exist.invalid/", secret, audience: "public" });
    opened.push(nowhere);
    await expect(nowhere.describe(signal)).rejects.toMatchObject({ code: "unreachable", system: "hook" });
  });
});

describe("options", () => {
  const mistakes = (options: unknown): readonly string[] => {
    try {
      webhook(options as WebhookOptions);
    } catch (error) {
      if (isGroupstreamError(error)) return error.mistakes ?? [];
      throw error;
    }
    return [];
  };

  it("tells all mistakes at once", () => {
    const all = mistakes({
      id: "Hook!",
      url: "nowhere",
      audience: [],
      allow: "all",
      timeout: 5,
      headers: { "webhook-id": "x", a: "1\r\n2" },
      secrte: "x",
    });
    expect(all.map((mistake) => mistake.split(":")[0])).toEqual([
      "id",
      "url",
      "secret",
      "audience",
      "allow",
      "timeout",
      "headers",
      "headers",
      "secrte",
    ]);
    expect(all.at(-1)).toBe(
      "secrte: there is no such option; there are id, url, secret, secrets, audience, allow, timeout, headers",
    );
  });

  it.each([
    [{ url: "http://example.org/" }, []],
    [{ url: "http://127.0.0.1/" }, ["url"]],
    [{ url: "https://127.0.0.1/" }, ["url"]],
    [{ url: "http://localhost/" }, ["url"]],
    [{ url: "https://[::ffff:10.0.0.1]/" }, ["url"]],
    [{ url: "http://10.0.0.1/", allow: "private" }, ["url"]],
    [{ url: "http://10.0.0.1/", allow: ["private", "http"] }, []],
    [{ url: "http://127.0.0.1/", allow: "private" }, []],
    [{ url: "ftp://example.org/" }, ["url"]],
    [{ secret: "short" }, ["secret"]],
    [{ secret: "whsec_" }, ["secret"]],
    [{ secret: `whsec_${Buffer.alloc(23).toString("base64")}` }, ["secret"]],
    [{ secret: `whsec_${Buffer.alloc(65).toString("base64")}` }, ["secret"]],
    [{ secrets: [secret] }, ["secret, secrets"]],
    [{ secret: undefined, secrets: [] }, ["secrets"]],
    [{ secret: undefined, secrets: [secret, "x"] }, ["secrets[1]"]],
    [{ audience: undefined }, ["audience"]],
    [{ audience: "unknown" }, ["audience"]],
    [{ url: "https://127.0.0.1/", allow: {} }, ["url", "allow"]],
  ])("judges %j", (change, expected) => {
    const all = mistakes({ id: "hook", url: "https://example.org/in", secret, audience: "public", ...change });
    expect(all.map((mistake) => mistake.split(":")[0])).toEqual(expected);
  });

  it("never shows a secret, whatever is wrong with it, nor a header's value", () => {
    const hidden = "s3cr3t-value-that-must-not-show";
    fc.assert(
      fc.property(fc.constantFrom("secret", "secrets", "headers"), fc.constantFrom("\n", "ü", "", "=", "."), (option, dirt) => {
        const value =
          option === "secrets" ? [hidden + dirt] : option === "headers" ? { authorization: `${hidden}\n${dirt}` } : hidden + dirt;
        try {
          webhook({ id: "Bad", url: "nowhere", audience: "public", [option]: value } as unknown as WebhookOptions);
          throw new Error("accepted");
        } catch (error) {
          expect(isGroupstreamError(error)).toBe(true);
          expect(inspect(error, { depth: 10 })).not.toContain(hidden);
        }
      }),
    );
  });

  it("keeps the secret out of JSON, inspection, manifest and errors", async () => {
    const server = await answering(401);
    const hook = open({ url: `${server.url}/?token=hidden`, headers: { authorization: "Bearer hidden" } });
    const shown = [
      JSON.stringify(hook),
      inspect(hook, { depth: 10, showHidden: true }),
      JSON.stringify(await hook.describe(signal)),
      JSON.stringify(await deliver(hook)),
    ];
    for (const text of shown) expect(text).not.toMatch(/hidden(?!:)|whsec_|BwcHBwcH/);
  });
});
