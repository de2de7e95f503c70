import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { type Fence, fencedRequest, openFence } from "groupstream/protocol/http";
import { afterEach, describe, expect, it } from "vitest";
import type { FenceOptions } from "../../../src/protocol/http/fence.ts";
import { closedPort, http, type Listening, tcp } from "./servers.ts";

const opened: AsyncDisposable[] = [];
const fence = (options: FenceOptions = { allow: "private" }): Fence => {
  const one = openFence(options);
  opened.push(one);
  return one;
};
const start = async (server: Promise<Listening>): Promise<Listening> => {
  const one = await server;
  opened.push(one);
  return one;
};
const text = (body: Uint8Array): string => Buffer.from(body).toString("utf8");

afterEach(async () => {
  for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
});

describe("a request through the fence", () => {
  it("sends method, headers and body once and reads the answer", async () => {
    const seen: unknown[] = [];
    const server = await start(
      http((request, response) => {
        let body = "";
        request
          .on("data", (chunk) => (body += chunk))
          .on("end", () => {
            seen.push([request.method, request.url, request.headers["x-a"], request.headers["accept-encoding"], body]);
            response.writeHead(201, { "Set-Cookie": ["a=1", "b=2"] }).end("made");
          });
      }),
    );
    const answer = await fence().request({ url: `${server.url}/a?b=c`, method: "POST", headers: { "X-A": "1" }, body: "ü" });
    expect(answer).toMatchObject({ kind: "answer", status: 201, headers: { "set-cookie": "a=1, b=2" } });
    expect(answer.kind === "answer" && text(answer.body)).toBe("made");
    expect(seen).toEqual([["POST", "/a?b=c", "1", "identity", "ü"]]);
  });

  it("streams a body of a known size as it is read, and lets go of one that is not sent", async () => {
    const seen: string[] = [];
    const server = await start(
      http((request, response) => {
        let body = "";
        request
          .on("data", (chunk) => (body += chunk))
          .on("end", () => {
            seen.push(`${request.headers["content-length"]} ${request.headers["transfer-encoding"]} ${body}`);
            response.end();
          });
      }),
    );
    let ended = "";
    const streamed = (size: number) => ({
      size,
      stream: new ReadableStream<Uint8Array>({
        start(controller) {
          ended = "open";
          for (const piece of ["ab", "cd", "ef"]) controller.enqueue(Buffer.from(piece));
          controller.close();
        },
        cancel() {
          ended = "cancelled";
        },
      }),
    });
    expect(await fence().request({ url: server.url, method: "PUT", body: streamed(6) })).toMatchObject({ status: 200 });
    expect(seen).toEqual(["6 undefined abcdef"]);
    expect((await fence().request({ url: server.url, method: "PUT", body: streamed(7) })).kind).toBe("lost");
    expect((await fence().request({ url: server.url, method: "PUT", body: streamed(5) })).kind).toBe("lost");
    expect(seen).toHaveLength(1);
    const endless = { size: 9, stream: new ReadableStream<Uint8Array>({ cancel: () => void (ended = "cancelled") }) };
    expect((await fence({}).request({ url: server.url, method: "PUT", body: endless })).kind).toBe("refused");
    expect(ended).toBe("cancelled");
  });

  it("keeps its connections: 200 requests, four at a time, on at most four", async () => {
    const server = await start(http((_, response) => response.end("ok")));
    const one = fence();
    const worker = async () => {
      for (let count = 0; count < 50; count += 1) expect((await one.request({ url: server.url })).kind).toBe("answer");
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    expect(server.connections()).toBeLessThanOrEqual(4);
  });

  it.each([301, 302, 303, 307, 308])("takes a %d for an answer and does not follow it", async (status) => {
    let asked = 0;
    const server = await start(
      http((_, response) => {
        asked += 1;
        response.writeHead(status, { location: "/elsewhere" }).end();
      }),
    );
    expect(await fence().request({ url: server.url })).toMatchObject({ kind: "answer", status });
    expect(asked).toBe(1);
  });

  it("sends user and password of the URL as Basic authorization, not in the path", async () => {
    const server = await start(http((request, response) => response.end(`${request.url} ${request.headers.authorization}`)));
    const answer = await fence().request({ url: `http://ada:p%40ss@127.0.0.1:${server.port}/x` });
    expect(answer.kind === "answer" && text(answer.body)).toBe(`/x Basic ${Buffer.from("ada:p@ss").toString("base64")}`);
  });

  it.each([
    [{ "x-a": "1\r\nx-b: 2" }, /value of the header x-a/],
    [{ "x-a\r\nx-b": "1" }, /no header name/],
    [{ Host: "elsewhere" }, /set by the client/],
    [{ "transfer-encoding": "chunked" }, /set by the client/],
    [{ "x-a": "\u0000" }, /value of the header/],
    [{ "x-a": "ü" }, /printable ASCII/],
  ])("does not let a header become two: %j", async (headers, message) => {
    await expect(
      fence().request({ url: "http://127.0.0.1:9/", headers: headers as unknown as Record<string, string> }),
    ).rejects.toThrow(message);
  });
});

describe("the fence", () => {
  it.each([
    "http://127.0.0.1/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "https://169.254.169.254/latest/meta-data",
    "https://10.0.0.1/",
    "http://8.8.8.8/",
    "ftp://example.org/",
    "file:///etc/passwd",
  ])("refuses %s before it connects", async (url) => {
    expect(await fencedRequest({ url })).toMatchObject({ kind: "refused" });
    expect(await fence({}).check(url)).toMatchObject({ kind: "refused" });
  });

  it("refuses the metadata address also where private is allowed", async () => {
    expect(await fencedRequest({ url: "http://169.254.169.254/", allow: "private" })).toMatchObject({
      kind: "refused",
      reason: /metadata/,
    });
  });

  it("refuses a name that resolves inside, and one that has only one address inside", async () => {
    const server = await start(http((_, response) => response.end("inside")));
    const inside = [{ address: "127.0.0.1", family: 4 }];
    const mixed = [{ address: "93.184.216.34", family: 4 }, ...inside];
    for (const addresses of [inside, mixed]) {
      const answer = await fence({ resolve: async () => addresses }).request({ url: `https://innocent.example:${server.port}/` });
      expect(answer).toEqual({ kind: "refused", reason: expect.stringMatching(/innocent\.example resolves to 127\.0\.0\.1/) });
    }
    expect(server.connections()).toBe(0);
  });

  it("pins: a name that is rebound between judging and connecting is asked once and goes nowhere else", async () => {
    const server = await start(http((_, response) => response.end("inside")));
    let asked = 0;
    const resolve = async () => {
      asked += 1;
      return [{ address: asked === 1 ? "192.0.2.1" : "127.0.0.1", family: 4 }];
    };
    const one = fence({ resolve, allow: "http" });
    expect(await one.request({ url: `http://rebound.example:${server.port}/` })).toMatchObject({ kind: "refused" });
    expect(asked).toBe(1);
    // Asked again with a new connection, and judged again.
    expect(await one.request({ url: `http://rebound.example:${server.port}/` })).toMatchObject({
      kind: "refused",
      reason: /127\.0\.0\.1/,
    });
    expect(asked).toBe(2);
    expect(server.connections()).toBe(0);
  });

  it("connects to the judged address and resolves no second time while the connection lives", async () => {
    const server = await start(http((request, response) => response.end(request.headers.host)));
    let asked = 0;
    const resolve = async () => {
      asked += 1;
      return [{ address: asked === 1 ? "127.0.0.1" : "10.255.255.1", family: 4 }];
    };
    const one = fence({ resolve, allow: "private" });
    for (let count = 0; count < 3; count += 1) {
      const answer = await one.request({ url: `http://pinned.example:${server.port}/` });
      expect(answer.kind === "answer" && text(answer.body)).toBe(`pinned.example:${server.port}`);
    }
    expect(asked).toBe(1);
  });

  it("says that nothing was sent where the name or the port is wrong", async () => {
    const port = await closedPort();
    expect(await fence().request({ url: `http://127.0.0.1:${port}/` })).toMatchObject({
      kind: "unreachable",
      reason: /refused the connection/,
    });
    const nowhere = fence({
      resolve: async () => {
        throw Object.assign(new Error("no"), { code: "ENOTFOUND" });
      },
    });
    expect(await nowhere.request({ url: "https://nowhere.example/" })).toMatchObject({
      kind: "unreachable",
      reason: /does not resolve/,
    });
    expect(await nowhere.check("https://nowhere.example/")).toMatchObject({ kind: "unreachable" });
  });
});

describe("a bad answer", () => {
  it("of 100 MB is cut at the limit, without holding it", async () => {
    let written = 0;
    const block = Buffer.alloc(65_536, 97);
    const server = await start(
      http((_, response) => {
        response.writeHead(200, { "content-length": String(100 * 1024 * 1024) });
        const more = (): void => {
          while (!response.destroyed && written < 100 * 1024 * 1024) {
            written += block.length;
            if (!response.write(block)) return void response.once("drain", more);
          }
          response.end();
        };
        more();
      }),
    );
    const answer = await fence().request({ url: server.url, maxBytes: 10_000 });
    expect(answer).toMatchObject({ kind: "answer", status: 200, cut: "size" });
    expect(answer.kind === "answer" && answer.body.length).toBe(10_000);
    expect(written).toBeLessThan(20 * 1024 * 1024);
  });

  it("of exactly the limit is whole", async () => {
    const server = await start(http((_, response) => response.end(Buffer.alloc(10_000))));
    const answer = await fence().request({ url: server.url, maxBytes: 10_000 });
    expect(answer.kind === "answer" && [answer.body.length, answer.cut]).toEqual([10_000, undefined]);
  });

  it("that inflates without end is cut", async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
    const server = await start(http((_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(bomb)));
    expect(await fence().request({ url: server.url, maxBytes: 100_000 })).toMatchObject({
      kind: "answer",
      status: 200,
      cut: "size",
    });
  });

  it("whose head comes a byte a time (slowloris) ends with the time given, and may have been done", async () => {
    const server = await start(
      tcp((socket) => {
        const drip = setInterval(() => socket.write("x"), 50);
        socket.write("HTTP/1.1 200 OK\r\nx-slow: ");
        socket.on("close", () => clearInterval(drip));
      }),
    );
    const began = performance.now();
    expect(await fence().request({ url: server.url, timeout: 400 })).toMatchObject({ kind: "lost", reason: /within 400 ms/ });
    expect(performance.now() - began).toBeLessThan(1_500);
  });

  it("whose body drips for ever keeps its status", async () => {
    const server = await start(
      http((_, response) => {
        response.writeHead(202);
        const drip = setInterval(() => response.write("x"), 50);
        response.on("close", () => clearInterval(drip));
      }),
    );
    expect(await fence().request({ url: server.url, timeout: 400 })).toMatchObject({ kind: "answer", status: 202, cut: "time" });
  });

  it("that never comes is lost; the connection broken after the request, too", async () => {
    const silent = await start(tcp(() => undefined));
    expect(await fence().request({ url: silent.url, timeout: 200 })).toMatchObject({ kind: "lost" });
    const rude = await start(tcp((socket) => socket.destroy()));
    expect(await fence().request({ url: rude.url, method: "POST", body: "{}" })).toMatchObject({
      kind: "lost",
      reason: /broke the connection/,
    });
    const babble = await start(tcp((socket) => socket.end("220 mail.example ESMTP\r\n")));
    expect(await fence().request({ url: babble.url })).toMatchObject({ kind: "lost" });
  });

  it("that is gzip over HTTP/1.0 and closed, which kills a process that uses fetch, is read", async () => {
    const noise = randomBytes(400_000).toString("base64");
    for (const text of ["<multistatus/>".repeat(200_000), noise]) {
      const body = gzipSync(text);
      const server = await start(
        tcp((socket) => {
          socket.write(`HTTP/1.0 207 Multi-Status\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`);
          socket.end(body);
        }),
      );
      for (let count = 0; count < 5; count += 1) {
        const answer = await fence().request({ url: server.url, maxBytes: 10_000_000 });
        expect(answer).toMatchObject({ kind: "answer", status: 207 });
        expect(answer.kind === "answer" && Buffer.from(answer.body).equals(Buffer.from(text))).toBe(true);
      }
    }
  });

  it("is bounded in its head as well", async () => {
    const server = await start(tcp((socket) => socket.end(`HTTP/1.1 200 OK\r\nx-long: ${"x".repeat(1_000_000)}\r\n\r\n`)));
    expect(await fence().request({ url: server.url, timeout: 5_000 })).toMatchObject({ kind: "lost" });
  });
});

describe("aborting", () => {
  it("rejects with the signal's reason, before, during and after the request is written", async () => {
    const silent = await start(tcp(() => undefined));
    const reason = new Error("enough");
    await expect(fence().request({ url: silent.url, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const later = new AbortController();
    setTimeout(() => later.abort(reason), 100);
    await expect(fence().request({ url: silent.url, signal: later.signal })).rejects.toBe(reason);
    const resolving = new AbortController();
    setTimeout(() => resolving.abort(reason), 50);
    const never = fence({ resolve: () => new Promise(() => undefined) });
    await expect(never.request({ url: "https://never.example/", signal: resolving.signal })).rejects.toBe(reason);
  });

  it("never writes a request that was given up while it waited for a connection", async () => {
    const bodies: string[] = [];
    const server = await start(
      http((request, response) => {
        request.on("data", (chunk) => bodies.push(String(chunk)));
        setTimeout(() => response.end(), 200);
      }),
    );
    const one = fence({ allow: "private", connections: 1 });
    const first = one.request({ url: server.url, method: "POST", body: "first" });
    const second = one.request({ url: server.url, method: "POST", body: "second", timeout: 50 });
    expect(await second).toMatchObject({ kind: "unreachable" });
    expect(await first).toMatchObject({ kind: "answer", status: 200 });
    expect(await one.request({ url: server.url, method: "POST", body: "third" })).toMatchObject({ kind: "answer" });
    expect(bodies).toEqual(["first", "third"]);
  });
});

it("leaves a process free to end", async () => {
  const server = await start(http((_, response) => response.end("ok")));
  const script = `import { fencedRequest } from "groupstream/protocol/http";
    const { kind } = await fencedRequest({ url: "${server.url}", allow: "private" }); console.log(kind);`;
  const began = performance.now();
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=groupstream:source", "--input-type=module", "-e", script],
    { timeout: 20_000 },
  );
  expect(stdout.trim()).toBe("answer");
  expect(performance.now() - began).toBeLessThan(10_000);
});
