/** What a webhook can give and take. */

import { GroupstreamError, type Manifest } from "groupstream";
import type { Fence } from "groupstream/protocol/http";
import type { Target } from "./options.ts";

/**
 * There is no request that asks a webhook without doing something, so nothing is sent: the name is resolved and its addresses
 * are judged, the rest shows with the first delivery.
 * Fails: `unreachable` when the name does not resolve; `misconfigured` when it resolves to an address that is not allowed.
 */
export const manifestOf = async (target: Target, fence: Fence, signal: AbortSignal): Promise<Manifest> => {
  signal.throwIfAborted();
  const problem = await unlessAborted(fence.check(target.url), signal);
  if (problem?.kind === "unreachable") {
    throw new GroupstreamError(
      "unreachable",
      `The webhook ${target.id} cannot be reached: ${problem.reason}. Check its url and the network.`,
      {
        system: target.id,
      },
    );
  }
  if (problem) {
    throw new GroupstreamError(
      "misconfigured",
      `The webhook ${target.id} must not be asked: ${problem.reason}. Correct its url or allow it by name.`,
      {
        system: target.id,
      },
    );
  }
  return {
    server: `Standard Webhooks 1.0 receiver at ${target.url.host}`,
    mapping: 1,
    holds: false,
    gives: {
      changes: {
        level: "none",
        why: "A webhook is only written to.",
        remedy: "Read the system behind it with an adapter of its own.",
      },
    },
    takes: { Deliver: { level: "full" } },
    limits: { timeout: `${target.timeout} ms`, signatures: target.signers.length },
  };
};

/** The promise's value, or the signal's reason, whichever comes first; nothing stays on the signal. */
const unlessAborted = async <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> => {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
};
