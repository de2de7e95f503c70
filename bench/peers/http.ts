/**
 * Requests to addresses that strangers chose: our fence, two agents that filter, and plain fetch.
 *
 *     node --conditions=groupstream:source bench/peers/http.ts <folder with ssrf-req-filter and request-filtering-agent>
 *
 * Nothing leaves this machine: connections are made to loopback alone, other addresses are only judged.
 */

import { spawnSync } from "node:child_process";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { addressProblem, allowances, openFence } from "groupstream/protocol/http";
import { request as undiciRequest } from "undici";
import { peer, table } from "./peers.ts";

type Lookup = net.LookupFunction;
const { requestFilterHandler } = peer<{ requestFilterHandler: (agent: http.Agent) => http.Agent }>("ssrf-req-filter");
const { RequestFilteringHttpAgent } = peer<{
  RequestFilteringHttpAgent: new (options?: http.AgentOptions & { allowPrivateIPAddress?: boolean }) => http.Agent;
}>("request-filtering-agent");

const answers =
  (...addresses: readonly string[]): Lookup =>
  (_, options, done) => {
    const all = addresses.map((address) => ({ address, family: net.isIP(address) }));
    // As a resolver does, later: ssrf-req-filter listens after it has begun to connect.
    setImmediate(() => (options.all ? done(null, all) : done(null, all[0]?.address ?? "", all[0]?.family ?? 0)));
  };
const asked = (url: string, options: http.RequestOptions): Promise<string> =>
  new Promise((resolve) => {
    http
      .get(url, options, (response) => response.resume().on("end", () => resolve(`status ${response.statusCode}`)))
      .on("error", ({ message }) => resolve(message));
  });

/** Whether an address is refused, without asking it: the connection is a socket that only says what its resolver told it. */
const judges = async (agentOf: () => http.Agent, address: string): Promise<boolean> => {
  const { createConnection } = http.Agent.prototype as unknown as { createConnection: unknown };
  let refused: boolean | undefined;
  Object.assign(http.Agent.prototype, {
    createConnection(options: { host: string; lookup?: Lookup }) {
      const socket = new net.Socket();
      const judge = options.lookup ?? answers(address);
      judge(options.host, { all: true }, (error, found) => {
        const all = error ? [] : (found as { address: string }[]);
        for (const one of all) socket.emit("lookup", null, one.address, net.isIP(one.address), options.host);
        refused = error !== null || socket.destroyed;
        socket.destroy();
      });
      // Nothing is written before it is connected.
      return Object.assign(socket, { connecting: true });
    },
  });
  try {
    await asked("http://name.example/", { agent: agentOf(), lookup: answers(address) });
    if (refused === undefined) throw new Error(`${address} was not judged`);
    return refused;
  } finally {
    Object.assign(http.Agent.prototype, { createConnection });
  }
};

const ours = { strict: allowances(undefined), inside: allowances("private") };
const inside = [
  ...["127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.1.1", "100.64.0.1", "::1", "fc00::1", "fe80::1"],
  ...["::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1"],
];
const never = [
  ...["0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::", "ff02::1", "2001:db8::1"],
  ...["2002:7f00:1::", "2001:0:7f00:1::", "::7f00:1", "fec0::1", "169.254.169.254", "100.100.100.200", "192.0.0.192"],
  ...["168.63.129.16", "fd00:ec2::254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"],
];
const metadata = [
  "169.254.169.254",
  "100.100.100.200",
  "192.0.0.192",
  "168.63.129.16",
  "fd00:ec2::254",
  "::ffff:169.254.169.254",
];
const publicOnes = ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2001:4860:4860::8888"];
const passing = async (
  addresses: readonly string[],
  refuses: (address: string) => Promise<boolean> | boolean,
): Promise<string> => {
  const through: string[] = [];
  for (const address of addresses) if (!(await refuses(address))) through.push(address);
  return `${through.length} of ${addresses.length}${through.length > 0 && through.length < 3 ? `: ${through.join(" ")}` : ""}`;
};
const filter = (): http.Agent => requestFilterHandler(new http.Agent());
const filtering = (): http.Agent => new RequestFilteringHttpAgent();
const filteringOpen = (): http.Agent => new RequestFilteringHttpAgent({ allowPrivateIPAddress: true });
const fenced = (allowed: typeof ours.strict) => (address: string) => addressProblem(address, allowed, true) !== undefined;
table(
  ["let through", "fence", "request-filtering-agent", "ssrf-req-filter"],
  [
    [
      "public",
      await passing(publicOnes, fenced(ours.strict)),
      await passing(publicOnes, (address) => judges(filtering, address)),
      await passing(publicOnes, (address) => judges(filter, address)),
    ],
    [
      "inside, nothing allowed",
      await passing(inside, fenced(ours.strict)),
      await passing(inside, (address) => judges(filtering, address)),
      await passing(inside, (address) => judges(filter, address)),
    ],
    [
      "never to be asked",
      await passing(never, fenced(ours.strict)),
      await passing(never, (address) => judges(filtering, address)),
      await passing(never, (address) => judges(filter, address)),
    ],
    [
      "metadata, private allowed",
      await passing(metadata, fenced(ours.inside)),
      await passing(metadata, (address) => judges(filteringOpen, address)),
      "no such option",
    ],
  ],
);

const listening = async (
  handle: http.RequestListener,
): Promise<{ port: number; connections: () => number; close: () => void }> => {
  let count = 0;
  const server = http.createServer(handle).on("connection", () => (count += 1));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => count,
    close: () => server.close().closeAllConnections(),
  };
};

console.log();
const rows: string[][] = [];
for (const [name, addresses] of [
  ["a name that resolves inside", ["127.0.0.1"]],
  ["a name with one address inside", ["93.184.216.34", "127.0.0.1"]],
  ["the same, inside first", ["127.0.0.1", "93.184.216.34"]],
] as const) {
  const server = await listening((_, response) => response.end("inside"));
  const url = `http://innocent.example:${server.port}/`;
  const cell = async (ask: () => Promise<string>): Promise<string> => {
    const before = server.connections();
    const what = await Promise.race([
      ask(),
      new Promise<string>((done) => setTimeout(() => done("still trying after 3 s"), 3_000)),
    ]);
    return `${server.connections() - before} connections, ${what.slice(0, 34)}`;
  };
  const fence = openFence({
    allow: "http",
    resolve: async () => addresses.map((address) => ({ address, family: net.isIP(address) })),
  });
  rows.push([
    name,
    await cell(async () => (await fence.request({ url })).kind),
    await cell(() => asked(url, { agent: filtering(), lookup: answers(...addresses) })),
    await cell(() => asked(url, { agent: filter(), lookup: answers(...addresses) })),
  ]);
  await fence[Symbol.asyncDispose]();
  server.close();
}
table(["", "fence", "request-filtering-agent", "ssrf-req-filter"], rows);

console.log();
/** Plain fetch: what it follows, how much it takes, and whether it lives. */
{
  let elsewhere = 0;
  const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
  const server = await listening((request, response) => {
    if (request.url === "/inside") {
      elsewhere += 1;
      response.end();
    } else if (request.url === "/bomb") response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
    else if (request.url === "/") response.end("ok");
    else response.writeHead(302, { location: "/inside" }).end();
  });
  const base = `http://127.0.0.1:${server.port}`;
  const fence = openFence({ allow: "private" });
  await fetch(`${base}/redirect`);
  console.log(`fetch follows a redirect: ${elsewhere === 1}`);
  await fence.request({ url: `${base}/redirect` });
  console.log(`fence follows a redirect: ${elsewhere === 2}`);
  console.log(`fetch of ${bomb.length} bytes of gzip: ${(await (await fetch(`${base}/bomb`)).arrayBuffer()).byteLength} bytes`);
  const cut = await fence.request({ url: `${base}/bomb`, maxBytes: 1e6 });
  console.log(`fence of the same, at most 1 MB: ${cut.kind === "answer" && cut.cut === "size" ? "cut by size" : cut.kind}`);

  console.log();
  const agent = new RequestFilteringHttpAgent({ keepAlive: true, allowPrivateIPAddress: true });
  const many = 2_000;
  const timed = async (ask: () => Promise<unknown>): Promise<string> => {
    for (let n = 0; n < 200; n += 1) await ask();
    const before = process.cpuUsage();
    for (let n = 0; n < many; n += 1) await ask();
    const { user, system } = process.cpuUsage(before);
    return (((user + system) / 1_000 / many) * 1_000).toFixed(0);
  };
  table(
    ["1,000 requests, one after the other, server included", "ms of processor"],
    [
      ["fence", await timed(() => fence.request({ url: base }))],
      ["undici's request", await timed(async () => (await undiciRequest(base)).body.text())],
      ["node:http with request-filtering-agent", await timed(() => asked(base, { agent }))],
      ["fetch", await timed(async () => (await fetch(base)).text())],
    ],
  );
  agent.destroy();
  await fence[Symbol.asyncDispose]();
  server.close();
}

console.log();
const fatal = `
import net from "node:net";
import { gzipSync } from "node:zlib";
import { randomBytes } from "node:crypto";
const body = gzipSync(randomBytes(400_000).toString("base64"));
const server = net.createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", () => {
    socket.write("HTTP/1.0 207 Multi-Status\\r\\ncontent-encoding: gzip\\r\\ncontent-length: " + body.length + "\\r\\n\\r\\n");
    socket.end(body);
  });
});
server.listen(0, "127.0.0.1", async () => {
  let read = 0;
  for (let n = 0; n < 20; n += 1) {
    try {
      const answer = await fetch("http://127.0.0.1:" + server.address().port);
      await new Promise((done) => setTimeout(done, 50));
      read += (await answer.text()).length > 0 ? 1 : 0;
    } catch {}
  }
  console.log(read);
  process.exit(0);
});`;
const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", fatal], { timeout: 60_000 });
console.log(
  `fetch of large gzip over HTTP/1.0 on Node ${process.version}: ${status === 0 ? `${String(stdout).trim()} of 20 read` : `the process ends, status ${status}: ${/\w*Error \[\w+\]|\w*Error/.exec(String(stderr))?.[0]}`}`,
);
process.exit();
