/**
 * The adapters as a configuration sees them when the command line reads it: a factory that finds mistakes does not throw but
 * notes them, so that a person reads all mistakes of all systems at once. The stand-in it gives back is never used.
 */

import { type Adapter, isGroupstreamError } from "groupstream";
import { caldav as realCaldav } from "groupstream/adapters/caldav";
import { carddav as realCarddav } from "groupstream/adapters/carddav";
import { imap as realImap } from "groupstream/adapters/imap";
import { maildir as realMaildir } from "groupstream/adapters/maildir";
import { webhook as realWebhook } from "groupstream/adapters/webhook";
import { xmpp as realXmpp } from "groupstream/adapters/xmpp";
import { faultOf } from "../contract/errors.ts";

/** Names of the package that are answered by this module. */
export const gatheredNames: ReadonlySet<string> = new Set(
  ["caldav", "carddav", "imap", "maildir", "webhook", "xmpp"].map((kind) => `groupstream/adapters/${kind}`),
);

/** Where this module is, for the resolver. */
export const url: string = import.meta.url;

const mistakes: string[] = [];

/** The mistakes noted since the last call. */
export const takeMistakes = (): readonly string[] => mistakes.splice(0);

let unnamed = 0;

const standIn = (kind: string, id: unknown): Adapter => {
  const refused = (): never => {
    throw new Error("a system with mistakes was used");
  };
  return {
    contract: 1,
    id: typeof id === "string" && /^[a-z0-9][a-z0-9-]{0,62}$/.test(id) ? id : `unnamed-${++unnamed}`,
    kind,
    describe: refused,
    collections: refused,
    performs: { Deliver: refused },
    [Symbol.asyncDispose]: async () => undefined,
  };
};

const noting =
  <Options>(kind: string, factory: (options: Options) => Adapter) =>
  (options: Options): Adapter => {
    try {
      return factory(options);
    } catch (error) {
      const { id } = (options ?? {}) as { id?: unknown };
      const name = typeof id === "string" && id !== "" ? `${kind} ${JSON.stringify(id.slice(0, 60))}` : kind;
      // Anything else a factory throws is about its options, too: it does no I/O.
      const found =
        isGroupstreamError(error) && error.mistakes ? error.mistakes : [error instanceof Error ? error.message : faultOf(error)];
      mistakes.push(...found.map((mistake) => `${name}: ${mistake}`));
      return standIn(kind, id);
    }
  };

export const caldav: typeof realCaldav = noting("caldav", realCaldav);
export const carddav: typeof realCarddav = noting("carddav", realCarddav);
export const imap: typeof realImap = noting("imap", realImap);
export const maildir: typeof realMaildir = noting("maildir", realMaildir);
export const webhook: typeof realWebhook = noting("webhook", realWebhook);
export const xmpp: typeof realXmpp = noting("xmpp", realXmpp);
