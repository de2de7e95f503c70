/** What an answer that is no success means for the error table. Pure. No word of the server's own gets into a message. */

import { type ErrorCode, GroupstreamError } from "../../contract/errors.ts";
import type { SystemId } from "../../contract/words.ts";
import type { HttpAnswered } from "../http/answer.ts";
import { retryAfterSeconds } from "../http/retry-after.ts";

/** What is said of a status: `{what}` failed since … */
const row = (status: number): [code: ErrorCode, words: string] => {
  if (status === 401) return ["unauthenticated", "the user name, password or token is refused; renew it"];
  if (status === 403) return ["forbidden", "it is not permitted; give the account the right, or exclude the collection"];
  if (status === 404 || status === 410)
    return ["forbidden", "there is nothing at this address (any more); check it, or find again"];
  if (status === 423) return ["throttled", "it is locked just now; it is tried again"];
  if (status === 429 || status === 503) return ["throttled", "the server asks for patience; it is tried again"];
  if (status >= 500) return ["unreachable", "the server failed; it is tried again, look at its log if that goes on"];
  if (status >= 400) return ["forbidden", "the server does not take this request; check that the address is one of DAV"];
  return ["unreachable", "the answer is none of DAV; check the address, and what stands between"];
};

/**
 * The error a status stands for: 401 `unauthenticated`; 403, 404, 410 and other 4xx `forbidden` (one collection); 423, 429, 503
 * `throttled` with `retryAfter` where the server says it; everything else `unreachable`.
 * @param what  what was asked of what, for the message: `PROPFIND of https://dav.example.net/cal/`
 * @param now   milliseconds since 1970, what a date in Retry-After is compared with
 */
export const davError = (
  system: SystemId,
  what: string,
  { status, headers }: Pick<HttpAnswered, "status" | "headers">,
  now: number,
): GroupstreamError => {
  const [code, words] = row(status);
  const retryAfter = code === "throttled" ? retryAfterSeconds(headers["retry-after"], now) : undefined;
  return new GroupstreamError(code, `${system}: ${what} was answered by ${status}: ${words}.`, {
    system,
    ...(retryAfter !== undefined && { retryAfter }),
  });
};
