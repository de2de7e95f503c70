/**
 * Deliver: one POST, one receipt. Retries are the core's.
 *
 *   2xx                    done
 *   410                    refused: the receiver wants no more (Standard Webhooks)
 *   408 425 429            refused, again, after Retry-After
 *   other 3xx and 4xx      refused: the same request would be refused again; a redirect is never followed
 *   5xx                    refused, again, after Retry-After
 *   no connection, no DNS  refused, again: nothing was sent
 *   connection lost, time  unknown: it may have been done; repeated with the same webhook-id, which the receiver drops
 */

import { createHash } from "node:crypto";
import type { Command, Obstacle, Receipt } from "groupstream";
import type { Fence, HttpAnswered } from "groupstream/protocol/http";
import { retryAfterSeconds } from "groupstream/protocol/http";
import type { Target } from "./options.ts";

/**
 * What Standard Webhooks leaves open and AS2 Core section 8 registers: a receiver sees by it that the body is an activity.
 * One that only parses `application/json` gets that by the option `headers`.
 */
const contentType = "application/activity+json";

/** The answer is not used beyond its head. */
const mostAnswer = 16_384;

/** Hands over `command.activity`. Rejects only on abort, with the signal's reason; what was sent by then may have been done. */
export const deliver = async (target: Target, fence: Fence, command: Command, signal: AbortSignal): Promise<Receipt> => {
  const body = JSON.stringify(command.activity);
  if (command.preview) return previewOf(target, command, body);
  if (!/^[\x21-\x2d\x2f-\x7e]+$/.test(command.id)) {
    return { outcome: "refused", reason: "A delivery's id must be printable ASCII without a dot: it is signed as webhook-id." };
  }
  const answer = await fence.request({
    url: target.url,
    method: "POST",
    headers: { ...plainHeaders(target), ...signed(target, command.id, new Date(), body) },
    body,
    timeout: target.timeout,
    maxBytes: mostAnswer,
    signal,
  });
  switch (answer.kind) {
    case "answer":
      return receiptOf(target, answer, Date.now());
    case "refused":
      return { outcome: "refused", reason: `Not sent: ${answer.reason}. Correct the url, or allow the address by name.` };
    case "unreachable":
      return { outcome: "refused", reason: `Not sent: ${answer.reason}.`, obstacle: "unreachable", again: true };
    case "lost":
      return { outcome: "unknown", reason: `Sent, but ${answer.reason}; it is repeated with the same webhook-id.` };
  }
};

const plainHeaders = (target: Target): Readonly<Record<string, string>> => ({
  "content-type": contentType,
  "user-agent": "groupstream",
  ...target.headers,
});

/** The id stays the same for every attempt, the time is new: a receiver takes a signature for five minutes. */
const signed = (target: Target, id: string, at: Date, body: string): Readonly<Record<string, string>> => ({
  "webhook-id": id,
  "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
  "webhook-signature": target.signers.map((signer) => signer.sign(id, at, body)).join(" "),
});

const refusals: Readonly<Record<number, string>> = {
  400: "it could not read the delivery; see the receiver's log",
  401: "it wants other credentials; check secret and headers",
  403: "it forbids the delivery; check secret and headers",
  404: "there is nothing at this path; check the url",
  405: "it takes no POST there; check the url",
  410: "it is switched off and wants no more deliveries; remove the route or renew the webhook",
  413: "the delivery is too large for it; raise its limit or carry less text",
  415: "it does not take this content type; set content-type in headers",
  422: "it could not use the delivery; see the receiver's log",
};

/** What is in the way, by status; other refusals are by the receiver's rules. */
const obstacles: Readonly<Record<number, Obstacle>> = {
  401: "unauthenticated",
  403: "forbidden",
  404: "no-place",
  410: "no-place",
  413: "too-large",
};

const receiptOf = (target: Target, { status, headers }: HttpAnswered, now: number): Receipt => {
  const said = `${target.url.host} answered ${status}`;
  if (status < 300) return { outcome: "done" };
  if (status < 400)
    return {
      outcome: "refused",
      reason: `${said}: redirects are not followed; set url to where the receiver is now.`,
      obstacle: "no-place",
    };
  const again = status >= 500 || status === 408 || status === 425 || status === 429;
  if (!again)
    return {
      outcome: "refused",
      reason: `${said}: ${refusals[status] ?? "the same delivery would be refused again; see the receiver's log"}.`,
      obstacle: obstacles[status] ?? "rejected",
    };
  const retryAfter = retryAfterSeconds(headers["retry-after"], now);
  const reason =
    status >= 500 ? `${said}: the receiver failed; it is tried again.` : `${said}: it is tried again when the receiver allows.`;
  const obstacle = status >= 500 ? "unreachable" : "throttled";
  return { outcome: "refused", reason, obstacle, again: true, ...(retryAfter !== undefined && { retryAfter }) };
};

/** The request as it would be sent. Signature, path, query and the values of given headers may be secret and are left out. */
const previewOf = (target: Target, command: Command, body: string): Receipt => {
  const given = Object.keys(target.headers).filter((name) => name !== "content-type");
  const head = [
    `POST ${target.url.origin}/…`,
    `content-type: ${target.headers["content-type"] ?? contentType}`,
    ...given.map((name) => `${name}: …`),
    `webhook-id: ${command.id}`,
    "webhook-timestamp: …",
    `webhook-signature: ${target.signers.map(() => "v1,…").join(" ")}`,
  ];
  return { outcome: "done", native: `${head.join("\n")}\n\n${body}`, digest: createHash("sha256").update(body).digest("hex") };
};
