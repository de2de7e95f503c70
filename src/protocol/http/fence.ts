/**
 * The one HTTP client of the house: undici pools behind a fence.
 *
 * undici's `Pool` is driven directly and never global `fetch`, which in Node 24 ends the process with an assertion nobody
 * can catch on a large gzip answer over HTTP/1.0 (Radicale sends those), and is several times slower.
 *
 * The fence stands in the resolver of each connection: a name is resolved once, every address it gave is judged, and the
 * socket connects to those very addresses. A name that answers otherwise the second time (DNS rebinding) is judged again
 * with the new connection.
 */

import { lookup as systemLookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { buildConnector, Pool } from "undici";
import type { Allow, Allowed } from "./address.ts";
import { addressProblem, allowances } from "./address.ts";
import type { HttpAnswer } from "./answer.ts";
import { decoded } from "./answer.ts";
import { exchange, Refusal } from "./exchange.ts";
import { headerProblems } from "./headers.ts";

/** A body that is written as it is read; what is not of this size fails the request. */
export interface StreamedBody {
  /** Bytes. */
  readonly size: number;
  /** Read to its end, or cancelled. */
  readonly stream: ReadableStream<Uint8Array>;
}

/** One request. */
export interface FencedRequest {
  /** http or https; user and password in it become Basic authorization unless `headers` has one. */
  readonly url: string | URL;
  /** Default GET. */
  readonly method?: string;
  /** Names of RFC 9110 tokens, values without control characters; framing headers (`host`, `content-length` …) are ours. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | StreamedBody;
  /** Milliseconds for everything together, name resolution to last byte; default 15,000. */
  readonly timeout?: number;
  /** Bytes of the answer's body, before and after decoding, inclusive; default 1 MiB. A longer one is cut, not an error. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

/** An address as a resolver gives it. */
export interface Resolved {
  readonly address: string;
  readonly family: number;
}

/** Every address of a host name; rejects if there is none. */
export type Resolve = (hostname: string) => Promise<readonly Resolved[]>;

/** How a fence stands. */
export interface FenceOptions {
  /** Default: nothing; see {@link Allow}. */
  readonly allow?: Allowed;
  /** Default: the system's resolver (`getaddrinfo`). */
  readonly resolve?: Resolve;
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string | readonly string[];
  /** Connections to one origin at a time; default 64; requests beyond wait. */
  readonly connections?: number;
  /**
   * Connections are kept for further requests; default true. False: each request has one of its own, and none is lost to a server
   * that closes a kept one at that very moment.
   */
  readonly keeps?: boolean;
}

/** A client with connections of its own. */
export interface Fence extends AsyncDisposable {
  /**
   * Sends one request once: no redirect is followed, nothing is repeated.
   * Resolves with what became of it, also when the network failed. Rejects with the signal's reason on abort (the
   * connection is closed; what was sent may have been done), with a `TypeError` for a header or URL that cannot be sent.
   */
  request(request: FencedRequest): Promise<HttpAnswer>;
  /** Why a request to this URL would be refused now, or that its name does not resolve; nothing is connected. */
  check(url: string | URL): Promise<{ readonly kind: "refused" | "unreachable"; readonly reason: string } | undefined>;
}

/** Pools kept at a time; the one used longest ago is closed. */
const mostPools = 100;

const resolveBySystem: Resolve = (hostname) => systemLookup(hostname, { all: true });

const nameOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "");

/** The fence's judgement in place of the resolver: all addresses are fit, or none is used. */
const judgedLookup =
  (resolve: Resolve, allow: ReadonlySet<Allow>, secure: boolean): LookupFunction =>
  (hostname, options, done) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (!first) return done(new Error(`${hostname} has no address`), "", 0);
        for (const { address } of addresses) {
          const problem = addressProblem(address, allow, secure);
          if (problem !== undefined) return done(new Refusal(`${hostname} resolves to ${address}, which ${problem}`), "", 0);
        }
        if (options.all) done(null, [...addresses]);
        else done(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => done(error, "", 0),
    );
  };

/** Opens a fence; it connects when first asked and must be disposed of. */
export const openFence = (options: FenceOptions = {}): Fence => {
  const allow = allowances(options.allow);
  const resolve = options.resolve ?? resolveBySystem;
  const pools = new Map<string, Pool>();

  /** What the URL itself shows: scheme, and addresses written out (a socket asks no resolver for those). */
  const urlProblem = (url: URL): string | undefined => {
    if (url.protocol !== "https:" && url.protocol !== "http:") return `${url.protocol} is not spoken, only https and http`;
    if (!isIP(nameOf(url))) return undefined;
    const problem = addressProblem(nameOf(url), allow, url.protocol === "https:");
    return problem === undefined ? undefined : `${nameOf(url)} ${problem}`;
  };

  const open = (url: URL): Pool => {
    const lookup = judgedLookup(resolve, allow, url.protocol === "https:");
    const ca = options.ca === undefined ? {} : { ca: typeof options.ca === "string" ? options.ca : [...options.ca] };
    return new Pool(url.origin, {
      connections: options.connections ?? 64,
      ...(options.keeps === false && { pipelining: 0 }),
      // Our own clock counts the whole request; a kept connection is used for five minutes at most, then the name is asked again.
      connect: buildConnector({ lookup, allowH2: false, timeout: 10_000, ...ca }),
      headersTimeout: 0,
      bodyTimeout: 0,
      clientTtl: 300_000,
    });
  };

  const poolOf = (url: URL): Pool => {
    const known = pools.get(url.origin);
    if (known) pools.delete(url.origin);
    const pool = known ?? open(url);
    pools.set(url.origin, pool);
    const [oldest] = pools;
    if (pools.size > mostPools && oldest) {
      pools.delete(oldest[0]);
      void oldest[1].close();
    }
    return pool;
  };

  return {
    async request(request) {
      request.signal?.throwIfAborted();
      const url = new URL(request.url);
      const problems = headerProblems(request.headers ?? {});
      const problem = urlProblem(url);
      if (problems.length > 0 || problem !== undefined) await unread(request.body);
      if (problems.length > 0) throw new TypeError(`The request to ${url.host} cannot be sent: ${problems.join("; ")}.`);
      if (problem !== undefined) return { kind: "refused", reason: problem };
      const maxBytes = request.maxBytes ?? 1_048_576;
      const answer = await exchange(poolOf(url), {
        host: url.host,
        path: `${url.pathname}${url.search}`,
        method: request.method ?? "GET",
        headers: { "accept-encoding": "identity", ...authorization(url), ...lowerCased(request.headers ?? {}) },
        body: request.body ?? null,
        timeout: request.timeout ?? 15_000,
        maxBytes,
        signal: request.signal,
      });
      return answer.kind === "answer" ? decoded(answer, maxBytes) : answer;
    },

    async check(input) {
      const url = new URL(input);
      const problem = urlProblem(url);
      if (problem !== undefined) return { kind: "refused", reason: problem };
      if (isIP(nameOf(url))) return undefined;
      const lookup = judgedLookup(resolve, allow, url.protocol === "https:");
      const error = await new Promise<Error | null>((done) => lookup(nameOf(url), { all: true }, done));
      if (error === null) return undefined;
      return error instanceof Refusal
        ? { kind: "refused", reason: error.message }
        : { kind: "unreachable", reason: `${url.hostname} does not resolve to an address` };
    },

    async [Symbol.asyncDispose]() {
      const open = [...pools.values()];
      pools.clear();
      await Promise.all(open.map((pool) => pool.destroy()));
    },
  };
};

/** What is not sent is let go. */
const unread = async (body: FencedRequest["body"]): Promise<void> => {
  if (typeof body === "object" && "stream" in body) await body.stream.cancel();
};

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

const authorization = (url: URL): Record<string, string> => {
  if (url.username === "" && url.password === "") return {};
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { authorization: `Basic ${Buffer.from(credentials, "utf8").toString("base64")}` };
};

const shared = new Map<string, Fence>();

/**
 * One request through a fence shared by the whole process, one for each set of allowances; otherwise as {@link Fence}.
 * Its idle connections close by themselves and do not keep the process alive.
 */
export const fencedRequest = (request: FencedRequest & { readonly allow?: Allowed }): Promise<HttpAnswer> => {
  const allow = [...allowances(request.allow)].sort();
  const key = allow.join(" ");
  const fence = shared.get(key) ?? openFence({ allow });
  shared.set(key, fence);
  return fence.request(request);
};
