/** One access to one DAV server: every request goes through the fence, and credentials only to the hosts that were named. */

import { GroupstreamError } from "../../contract/errors.ts";
import type { SystemId } from "../../contract/words.ts";
import type { Allowed } from "../http/address.ts";
import type { HttpAnswer, HttpAnswered } from "../http/answer.ts";
import { type Fence, openFence, type Resolve } from "../http/fence.ts";
import { type DavResponse, type Multistatus, scanMultistatus } from "./multistatus.ts";
import { davError } from "./refusals.ts";
import { trusts } from "./trust.ts";

/** A bearer token as it is now. */
export type DavToken = () => string | Promise<string>;

/** How the account is known: Basic with a password, or Bearer with a token; a function is asked again after one refusal. */
export type DavAuth = { readonly username: string; readonly password: string } | { readonly token: string | DavToken };

/** An access. */
export interface DavOptions {
  readonly system: SystemId;
  /** Where discovery begins: the host, a principal, a home, or a collection. */
  readonly url: string;
  readonly auth: DavAuth;
  /** Further hosts that get the credentials, each with everything below it: `icloud.com`; `host:port` for one port. Default none. */
  readonly hosts?: readonly string[];
  readonly allow?: Allowed;
  /** Milliseconds for one request, redirects apart; default 60,000. */
  readonly timeout?: number;
  /** Bytes of one answer, inclusive; default 64 MiB. */
  readonly maxBytes?: number;
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string | readonly string[];
  /** Default `groupstream`; servers treat an empty one badly. */
  readonly userAgent?: string;
  /** Milliseconds since 1970; default the system's clock. */
  readonly now?: () => number;
  readonly resolve?: Resolve;
}

/** One request. */
export interface DavRequest {
  readonly method: string;
  readonly url: string;
  readonly depth?: "0" | "1";
  readonly headers?: Readonly<Record<string, string>>;
  /** XML, unless `headers` has a content-type. */
  readonly body?: string;
  /** Bytes of the answer; default the access's. */
  readonly maxBytes?: number;
  /** Milliseconds, redirects apart; default the access's. */
  readonly timeout?: number;
}

/** The answer of any status, and the address it came from after redirects. */
export interface DavAnswer extends HttpAnswered {
  readonly url: string;
}

/** A request that was written and not answered: it may have been done. */
export type DavLost = Extract<HttpAnswer, { kind: "lost" }>;

/** An access that is open; it connects when first asked and must be disposed of. */
export interface Dav extends AsyncDisposable {
  readonly system: SystemId;
  readonly url: string;
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Sends one request and follows at most five redirects (301, 302, 307, 308) with method and body, to hosts that are trusted and
   * never from https to http. Gives an answer of any status but 401, its body perhaps cut; `lost` where nobody can say. Each has a
   * connection of its own.
   * Fails: `unauthenticated`; `unreachable` where nothing was sent.
   */
  send(request: DavRequest, signal: AbortSignal): Promise<DavAnswer | DavLost>;
  /** As `send`, where repeating does no harm: on a kept connection, and once more where that breaks; `lost`, and a body that broke off, is `unreachable`; it may be cut by size. */
  ask(request: DavRequest, signal: AbortSignal): Promise<DavAnswer>;
  /**
   * Asks for a multistatus. Fails: as `ask`; by the status where it is not 207 (see {@link davError}); `malformed` where it cannot be
   * read or is larger than allowed.
   */
  multistatus(request: DavRequest, signal: AbortSignal): Promise<Multistatus & { readonly answer: DavAnswer }>;
}

const mostRedirects = 5;
const redirects = new Set([301, 302, 307, 308]);

/** What is asked of what, for messages; the constructor of the error takes secrets out of the address. */
export const namingOf = ({ method, url }: Pick<DavRequest, "method" | "url">): string => `${method} of ${url}`;

/** The multistatus in an answer, response by response; gives its sync-token. Fails as {@link Dav.multistatus}. */
export const scanAnswer = (
  dav: Pick<Dav, "system" | "now">,
  what: string,
  answer: DavAnswer,
  each: (response: DavResponse) => void,
): Multistatus["syncToken"] => {
  if (answer.status !== 207) throw davError(dav.system, what, answer, dav.now());
  if (answer.cut === "size")
    throw new GroupstreamError("malformed", `${dav.system}: ${what}: the answer is too large; raise maxBytes.`, {
      system: dav.system,
    });
  try {
    return scanMultistatus(answer.body, each);
  } catch (cause) {
    if (!(cause instanceof GroupstreamError)) throw cause;
    throw new GroupstreamError(cause.code, `${dav.system}: ${what}: ${cause.message}`, { system: dav.system, cause });
  }
};

/** The multistatus in an answer. Fails as {@link Dav.multistatus}. */
export const readMultistatus = (dav: Pick<Dav, "system" | "now">, what: string, answer: DavAnswer): Multistatus => {
  const responses: DavResponse[] = [];
  const syncToken = scanAnswer(dav, what, answer, (response) => responses.push(response));
  return { responses, ...(syncToken !== undefined && { syncToken }) };
};

/** Opens an access. Fails: `misconfigured` where `url` is no address of http or https. */
export const openDav = (options: DavOptions): Dav => {
  const { system, auth, hosts = [], timeout = 60_000, maxBytes = 64 * 1024 * 1024, userAgent = "groupstream" } = options;
  if (!URL.canParse(options.url) || !/^https?:$/.test(new URL(options.url).protocol))
    throw new GroupstreamError("misconfigured", `${system}: the DAV address is none of https; correct url.`, { system });
  const start = new URL(options.url);
  start.username = start.password = start.hash = "";
  const now = options.now ?? Date.now;
  const fenced = {
    connections: 4,
    ...(options.allow !== undefined && { allow: options.allow }),
    ...(options.ca !== undefined && { ca: options.ca }),
    ...(options.resolve !== undefined && { resolve: options.resolve }),
  };
  const kept = openFence(fenced);
  // SOGo closes each connection without having said so: a write that met that moment could not be known to be done or not.
  const fresh = openFence({ ...fenced, keeps: false });
  const failed = (code: "unreachable" | "unauthenticated", what: string, why: string): GroupstreamError =>
    new GroupstreamError(code, `${system}: ${what}: ${why}.`, { system });

  const authorization = async (): Promise<string> => {
    if ("username" in auth) return `Basic ${Buffer.from(`${auth.username}:${auth.password}`, "utf8").toString("base64")}`;
    return `Bearer ${typeof auth.token === "function" ? await auth.token() : auth.token}`;
  };

  /** One request to one address, no redirects; after a 401 once more where another token may be had. */
  const once = async (fence: Fence, request: DavRequest, signal: AbortSignal, again = true): Promise<HttpAnswer> => {
    const answer = await fence.request({
      url: request.url,
      method: request.method,
      headers: {
        "user-agent": userAgent,
        authorization: await authorization(),
        ...(request.depth !== undefined && { depth: request.depth }),
        ...(request.body !== undefined && { "content-type": "application/xml; charset=utf-8" }),
        ...request.headers,
      },
      ...(request.body !== undefined && { body: request.body }),
      timeout: request.timeout ?? timeout,
      maxBytes: request.maxBytes ?? maxBytes,
      signal,
    });
    if (answer.kind !== "answer" || answer.status !== 401) return answer;
    if (again && "token" in auth && typeof auth.token === "function") return once(fence, request, signal, false);
    throw davError(system, namingOf(request), answer, now());
  };

  const follow = async (fence: Fence, asked: DavRequest, signal: AbortSignal): Promise<DavAnswer | DavLost> => {
    signal.throwIfAborted();
    let request = asked;
    for (let followed = 0; ; followed += 1) {
      const what = namingOf(request);
      const { host } = new URL(request.url);
      // Nothing goes to a stranger, not even without credentials: what is written would be shown to them.
      if (!trusts(start, hosts, request.url))
        throw failed(
          "unreachable",
          namingOf(asked),
          `the server leads to ${host}; name it in hosts if it may get the credentials`,
        );
      const answer = await once(fence, request, signal);
      if (answer.kind === "lost") return answer;
      if (answer.kind !== "answer") throw failed("unreachable", what, answer.reason);
      const { location } = answer.headers;
      if (!redirects.has(answer.status) || location === undefined) return { ...answer, url: request.url };
      if (followed >= mostRedirects) throw failed("unreachable", namingOf(asked), "the server redirects in circles; check url");
      if (!URL.canParse(location, request.url))
        throw failed("unreachable", what, "the server redirects to what is no address; check url");
      request = { ...request, url: new URL(location, request.url).href };
    }
  };

  const ask = async (request: DavRequest, signal: AbortSignal): Promise<DavAnswer> => {
    const first = await follow(kept, request, signal);
    // The kept line broke (RFC 9112 section 9.3.1): once more on a new one.
    const answer = first.kind === "lost" && !first.late ? await follow(fresh, request, signal) : first;
    if (answer.kind === "lost") throw failed("unreachable", namingOf(request), answer.reason);
    if (answer.cut === "time" || answer.cut === "lost")
      throw failed("unreachable", namingOf(request), "the answer broke off; it is tried again");
    return answer;
  };

  return {
    system,
    url: start.href,
    now,
    send: (request, signal) => follow(fresh, request, signal),
    ask,
    multistatus: async (request, signal) => {
      const answer = await ask(request, signal);
      return { ...readMultistatus({ system, now }, namingOf(request), answer), answer };
    },
    [Symbol.asyncDispose]: async () => {
      await kept[Symbol.asyncDispose]();
      await fresh[Symbol.asyncDispose]();
    },
  };
};
