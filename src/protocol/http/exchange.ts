/**
 * One request on one pool, to its end. Knows the moment the first byte may be written: before it the request certainly had
 * no effect, after it nobody can say until a status comes.
 *
 *   queued ──onRequestStart──▶ written ──onResponseStart──▶ headed ──end, limit, time, loss──▶ answer (cut or whole)
 *     │ error, time: unreachable    │ error, time: lost
 */

import { Readable } from "node:stream";
import type { ReadableStream as WebStream } from "node:stream/web";
import type { Dispatcher } from "undici";
import type { HttpAnswer } from "./answer.ts";

/** What the fence's resolver throws: an address that is not asked. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** The request as the pool takes it. */
export interface Exchange {
  /** For messages. */
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | { readonly size: number; readonly stream: ReadableStream<Uint8Array> } | null;
  readonly timeout: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
}

type IncomingHeaders = Parameters<NonNullable<Dispatcher.DispatchHandler["onResponseStart"]>>[2];

/** Sends it once. Resolves whatever the network does; rejects only with the signal's reason. */
export const exchange = (pool: Dispatcher, request: Exchange): Promise<HttpAnswer> =>
  new Promise((resolve, reject) => {
    let over = false;
    let controller: Dispatcher.DispatchController | undefined;
    let head: { status: number; headers: Readonly<Record<string, string>> } | undefined;
    const chunks: Uint8Array[] = [];
    let size = 0;

    const end = (settle: () => void): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      request.signal?.removeEventListener("abort", aborted);
      settle();
      controller?.abort(new Error("The request is over."));
    };
    const answer = (cut?: "size" | "time" | "lost"): void => {
      if (head) resolve({ kind: "answer", ...head, body: Buffer.concat(chunks, size), ...(cut && { cut }) });
    };
    const fail = (error: Error, cut: "time" | "lost"): void =>
      end(() => {
        if (head) return answer(cut);
        const refusal = refusalIn(error);
        if (refusal !== undefined) return resolve({ kind: "refused", reason: refusal });
        const reason =
          cut === "time" ? `${request.host} did not answer within ${request.timeout} ms` : failure(request.host, error);
        resolve(controller ? { kind: "lost", reason, ...(cut === "time" && { late: true }) } : { kind: "unreachable", reason });
      });
    const aborted = (): void => end(() => reject(request.signal?.reason));
    const timer = setTimeout(() => fail(new Error("timeout"), "time"), request.timeout);
    request.signal?.addEventListener("abort", aborted, { once: true });

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        // Given up while it waited for a connection: it is never written.
        if (over) return started.abort(new Error("The request is over."));
        controller = started;
      },
      onResponseStart(_, status, headers) {
        if (status >= 200) head = { status, headers: flat(headers) };
      },
      onResponseData(_, chunk) {
        if (over) return;
        const room = request.maxBytes - size;
        chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
        size += Math.min(chunk.length, room);
        if (chunk.length > room) end(() => answer("size"));
      },
      onResponseEnd() {
        controller = undefined;
        // undici takes the connection back one turn later; who asks again before that would be given a new one.
        end(() => queueMicrotask(() => setImmediate(answer)));
      },
      onResponseError(_, error) {
        fail(error, "lost");
      },
    };
    const { path, method, headers, body } = request;
    if (body === null || typeof body === "string" || body instanceof Uint8Array) {
      pool.dispatch(
        { path, method, headers: { ...headers }, body: body instanceof Uint8Array ? Buffer.from(body) : body },
        handler,
      );
    } else {
      // undici holds the stream to the length it is told, destroys it when the request ends, and tells its failure as the request's.
      const stream = Readable.fromWeb(body.stream as WebStream);
      pool.dispatch({ path, method, headers: { ...headers, "content-length": String(body.size) }, body: stream }, handler);
    }
  });

const flat = (headers: IncomingHeaders): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  );

/** A refusal may come wrapped: Node tries several addresses and gathers their errors. */
const refusalIn = (error: unknown): string | undefined => {
  if (error instanceof Refusal) return error.message;
  if (error instanceof AggregateError) return error.errors.map(refusalIn).find((reason) => reason !== undefined);
  return error instanceof Error && error.cause !== undefined ? refusalIn(error.cause) : undefined;
};

const phrases: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refused the connection",
  ENOTFOUND: "does not resolve to an address",
  EAI_AGAIN: "could not be resolved just now",
  UND_ERR_CONNECT_TIMEOUT: "did not accept the connection in time",
  EHOSTUNREACH: "cannot be reached",
  ENETUNREACH: "cannot be reached",
  ECONNRESET: "broke the connection",
  UND_ERR_SOCKET: "broke the connection",
  DEPTH_ZERO_SELF_SIGNED_CERT: "has a certificate nobody vouches for",
  SELF_SIGNED_CERT_IN_CHAIN: "has a certificate nobody vouches for",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "has a certificate nobody vouches for",
  ERR_TLS_CERT_ALTNAME_INVALID: "has a certificate for another name",
  CERT_HAS_EXPIRED: "has a certificate that has expired",
};

/** Host, phrase and code; never the library's own message, which may quote what was received. */
const failure = (host: string, error: Error): string => {
  const code = (error as NodeJS.ErrnoException).code ?? "no code";
  return `${host} ${phrases[code] ?? "failed"} (${code})`;
};
