/**
 * A webhook: every activity is handed over as it is, signed by Standard Webhooks 1.0. It only performs, it gives nothing.
 */

import { hash } from "node:crypto";
import type { ActorId, Adapter, Collection, SystemId } from "groupstream";
import type { Allow } from "groupstream/protocol/http";
import { openFence } from "groupstream/protocol/http";
import { manifestOf } from "./manifest.ts";
import { checked } from "./options.ts";
import { deliver } from "./verbs.ts";

/** A webhook's options. */
export interface WebhookOptions {
  readonly id: SystemId;
  /**
   * Where to POST to; https, or http to loopback. User and password in it are sent as Basic authorization. Path and query may
   * hold a token: neither stands in any message of this adapter; the collection's address holds their digest.
   */
  readonly url: string;
  /** `whsec_` and base64 of 24 to 64 random bytes. Exactly one of `secret` and `secrets` is given. */
  readonly secret?: string;
  /** Rotation: each delivery is signed with all of them, newest first, so that the receiver may know any one. */
  readonly secrets?: readonly string[];
  /** Who can see what is sent there. No default: only the operator knows. */
  readonly audience: readonly ActorId[] | "public";
  /**
   * `private`: the receiver is on this machine or in this network; `http`: it is elsewhere and speaks no TLS.
   * Default: neither. Metadata addresses are refused in any case.
   */
  readonly allow?: Allow | readonly Allow[];
  /** Milliseconds for one attempt, name resolution to answer; 100 to 120,000, default 15,000. */
  readonly timeout?: number;
  /**
   * Sent with every delivery (a token of the receiver's gateway, another content type). Printable ASCII; `webhook-*` and
   * framing headers are ours.
   */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A webhook target. Checks its options and does no I/O; connections are kept between deliveries and closed by disposal.
 * Fails: `misconfigured` with every mistake at once; no message repeats a secret, a header's value, or the URL's path.
 */
export const webhook = (options: WebhookOptions): Adapter => {
  const target = checked(options);
  const fence = openFence({ allow: options.allow ?? [] });
  const collection: Collection = {
    id: "activities",
    name: target.url.host,
    audience: options.audience,
    address: `${target.url.origin}/#${hash("sha256", `${target.url.pathname}${target.url.search}`, "base64url").slice(0, 22)}`,
  };
  return {
    contract: 1,
    id: options.id,
    kind: "webhook",
    describe: (signal) => manifestOf(target, fence, signal),
    async *collections(signal) {
      signal.throwIfAborted();
      yield collection;
    },
    performs: { Deliver: (command, signal) => deliver(target, fence, command, signal) },
    [Symbol.asyncDispose]: () => fence[Symbol.asyncDispose](),
  };
};
