/**
 * The connection of an account: one stream, shared by looks, deliveries and the doorbell, opened when first needed and again
 * after it was lost. Whoever uses it next opens it, so that back-off is the core's.
 */

import { GroupstreamError } from "groupstream";
import { unlessAborted } from "./abort.ts";
import type { Item } from "./items.ts";
import type { XmppAccount } from "./options.ts";
import { type Line, openLine } from "./stream.ts";
import { elementsOf } from "./xml.ts";

/** The connection of an account between its uses. */
export interface Connection {
  /** Messages that were answered lately, as they were written, by room and key: a thread's first is answered again and again. */
  readonly heads: Map<string, Item>;
  /** The live stream, opened where there is none. Aborted: the signal's reason; the stream stays for others. */
  line(signal: AbortSignal, fresh?: boolean): Promise<Line>;
  close(): Promise<void>;
}

export const connectionOf = (account: XmppAccount): Connection => {
  let opening: Promise<Line> | undefined;
  let current: Line | undefined;
  let closed = false;
  const heads: Connection["heads"] = new Map();

  const open = (): Promise<Line> => {
    opening ??= openLine(account)
      .then(async (line) => {
        current = line;
        // What was taken back meanwhile was not heard; what is taken back from now on is.
        heads.clear();
        line.hear((stanza) => {
          if (elementsOf(stanza).some((child) => /message-(retract|moderate)/.test(child.getNS() ?? ""))) heads.clear();
        });
        if (closed) await line.close();
        return line;
      })
      .finally(() => {
        opening = undefined;
      });
    return opening;
  };

  return {
    heads,
    async line(signal, fresh = false) {
      signal.throwIfAborted();
      if (closed)
        throw new GroupstreamError("unreachable", `${account.id}: the adapter is closed; make a new one.`, {
          system: account.id,
        });
      if (fresh && current?.live) await unlessAborted(current.close(), signal);
      return current?.live ? current : unlessAborted(open(), signal);
    },
    async close() {
      closed = true;
      await opening?.catch(() => undefined);
      await current?.close();
    },
  };
};
