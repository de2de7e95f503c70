/** The fence over TLS: the name is what is verified, although the connection goes to a pinned address. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFence } from "groupstream/protocol/http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Resolve } from "../../../src/protocol/http/fence.ts";

const loopback: Resolve = async () => [{ address: "127.0.0.1", family: 4 }];
let server: Server;
let port = 0;
let ca = "";
let requests = 0;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "groupstream-tls-"));
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const names = ["-subj", "/CN=hooks.example", "-addext", "subjectAltName=DNS:hooks.example"];
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-days",
      "1",
      "-keyout",
      key,
      "-out",
      certificate,
      ...names,
    ],
    {
      stdio: "pipe",
    },
  );
  ca = readFileSync(certificate, "utf8");
  server = createServer({ key: readFileSync(key), cert: ca }, (request, response) => {
    requests += 1;
    response.end(request.headers.host);
  });
  rmSync(folder, { recursive: true });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  port = (server.address() as AddressInfo).port;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

describe("https", () => {
  it("is answered where name and certificate agree", async () => {
    await using fence = openFence({ allow: "private", resolve: loopback, ca });
    const answer = await fence.request({ url: `https://hooks.example:${port}/` });
    expect(answer.kind === "answer" && Buffer.from(answer.body).toString()).toBe(`hooks.example:${port}`);
  });

  it("sends nothing to a server of another name, or that nobody vouches for", async () => {
    const before = requests;
    await using known = openFence({ allow: "private", resolve: loopback, ca });
    expect(await known.request({ url: `https://other.example:${port}/` })).toMatchObject({
      kind: "unreachable",
      reason: /another name/,
    });
    await using strict = openFence({ allow: "private", resolve: loopback });
    expect(await strict.request({ url: `https://hooks.example:${port}/` })).toMatchObject({
      kind: "unreachable",
      reason: /nobody vouches for/,
    });
    expect(requests).toBe(before);
  });
});
