/** Writing one resource under the condition that it is as it was read, RFC 9110 section 13.1, RFC 4791 section 5.3, RFC 6352 section 6.3. */

import type { Revision } from "../../contract/words.ts";
import { type Dav, type DavAnswer, type DavLost, type DavRequest, namingOf } from "./client.ts";
import { isStrongEtag, opaqueEtag, quotedEtag } from "./etag.ts";
import { preconditionOf } from "./multistatus.ts";
import { type DavKind, kinds, making } from "./names.ts";
import { davError } from "./refusals.ts";

/** What became of a write. */
export type DavWritten =
  | {
      readonly kind: "done";
      /** The revision that now stands, where the server says it. */
      readonly revision?: Revision;
      /** The stored octets are those that were sent: a strong ETag came back. Else read it: the server may have rewritten it. */
      readonly asSent: boolean;
    }
  /** It is not as it was read any more, or something stands there already, or it is gone: read it (412). */
  | { readonly kind: "changed" }
  /** There is nothing to change (404, 410). */
  | { readonly kind: "gone" }
  /** Certainly not done; trying again changes nothing. */
  | {
      readonly kind: "refused";
      readonly status: number;
      /** What the server says must hold, `{urn:ietf:params:xml:ns:caldav}no-uid-conflict`. */
      readonly precondition?: string;
      /** The account has no room left (507, or the precondition says so). */
      readonly full?: true;
    }
  /** It may have been done: the line was cut or the server failed. Read it. */
  | { readonly kind: "unknown"; readonly reason: string };

/** When a write is done: something stands there with this revision, or nothing stands there. */
export type DavCondition = { readonly match: Revision } | { readonly create: true };

const conditionHeader = (condition: DavCondition): Readonly<Record<string, string>> =>
  "match" in condition ? { "if-match": quotedEtag(condition.match) } : { "if-none-match": "*" };

const outcome = (dav: Dav, request: DavRequest, answer: DavAnswer | DavLost): DavWritten => {
  if (answer.kind === "lost") return { kind: "unknown", reason: answer.reason };
  const { status, headers } = answer;
  if (status >= 200 && status < 300) {
    const revision = opaqueEtag(headers.etag);
    return { kind: "done", ...(revision !== undefined && { revision }), asSent: isStrongEtag(headers.etag) };
  }
  if (status === 412) return { kind: "changed" };
  if (status === 404 || status === 410) return { kind: "gone" };
  const error = davError(dav.system, namingOf(request), answer, dav.now());
  if (error.code === "throttled") throw error;
  const precondition = preconditionOf(answer.body);
  if (status === 507 || (status >= 400 && status < 500)) {
    const full = status === 507 || precondition === "{DAV:}quota-not-exceeded" || precondition === "{DAV:}sufficient-disk-space";
    return {
      kind: "refused",
      status,
      ...(precondition !== undefined && { precondition }),
      ...(full && { full: true as const }),
    };
  }
  return { kind: "unknown", reason: error.message };
};

const sent = async (dav: Dav, request: DavRequest, signal: AbortSignal): Promise<DavWritten> =>
  outcome(dav, request, await dav.send(request, signal));

/**
 * Writes a resource, once. Throws only where it was certainly not done: `unreachable` (nothing was sent), `throttled`,
 * `unauthenticated`.
 * @param url   normalised
 * @param body  iCalendar or vCard
 */
export const davPut = (
  dav: Dav,
  url: string,
  body: string,
  { kind, ...condition }: DavCondition & { readonly kind: DavKind },
  signal: AbortSignal,
): Promise<DavWritten> =>
  sent(
    dav,
    { method: "PUT", url, body, headers: { "content-type": kinds[kind].contentType, ...conditionHeader(condition) } },
    signal,
  );

/**
 * Deletes a resource that is as it was read. Throws as {@link davPut}.
 * @param silent  an invitation that goes is not answered by it (RFC 6638 section 8.1); default: by the server's own rules
 */
export const davRemove = (
  dav: Dav,
  url: string,
  match: Revision,
  signal: AbortSignal,
  silent: boolean = false,
): Promise<DavWritten> =>
  sent(
    dav,
    { method: "DELETE", url, headers: { ...conditionHeader({ match }), ...(silent && { "schedule-reply": "F" }) } },
    signal,
  );

/**
 * Makes a calendar (MKCALENDAR) or an address book (extended MKCOL, RFC 5689) where nothing is. Throws as {@link davPut}.
 * @param components  what the calendar may hold: `VEVENT`; default the server's choice
 */
export const davMake = (
  dav: Dav,
  url: string,
  { kind, name, components = [] }: { readonly kind: DavKind; readonly name: string; readonly components?: readonly string[] },
  signal: AbortSignal,
): Promise<DavWritten> =>
  sent(dav, { method: kind === "calendar" ? "MKCALENDAR" : "MKCOL", url, body: making(kind, name, components) }, signal);
