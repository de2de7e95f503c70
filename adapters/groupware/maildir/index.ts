/**
 * Maildir and Maildir++: a folder of mail on this machine. The smallest full example of an adapter.
 *
 * It keeps nothing: every look lists the names of the files, which hold key and flags, and the core asks for those that are
 * new or changed. It only reads: nothing is moved from `new` to `cur`, no flag is set.
 */

import { isAbsolute } from "node:path";
import { type ActorId, type Adapter, checkOptions, optionsOf, type SystemId } from "groupstream";
import type { Invitations } from "groupstream/protocol/mail";
import { sharedOptions } from "groupstream/protocol/options";
import * as v from "valibot";
import { changesOf, fetchOf } from "./changes.ts";
import { collectionsOf } from "./collections.ts";
import { contentOf } from "./content.ts";
import { manifestOf } from "./manifest.ts";
import { watchOf } from "./watch.ts";

export type { Invitations } from "groupstream/protocol/mail";

/** Where the mail is and whose it is. */
export interface MaildirOptions {
  /** `[a-z0-9][a-z0-9-]*`, unique in a hub, stable over its life. */
  readonly id: SystemId;
  /** The absolute path of the Maildir: the folder with `cur` and `new` in it. Folders of Maildir++ lie in it as `.Sent`. */
  readonly path: string;
  /** Whose mail it is: `mailto:someone@example.org`. */
  readonly owner?: ActorId;
  /** Who else reads it. With neither owner nor readers its audience is unknown, and nothing is delivered into it. */
  readonly readers?: readonly ActorId[];
  /**
   * Which messages about meetings in mail count (iMIP, RFC 6047): `"from"` those whose From may say so, unless the
   * Authentication-Results of whoever delivered it say that it is forged (default); `{ verifiedBy: "mx.example.org" }` only those that
   * the server of that name found to be genuine; `"off"` none.
   */
  readonly invitations?: Invitations;
}

const ids = sharedOptions.ids("mailto", "acct", "https");

const entries: { readonly [option in keyof Required<MaildirOptions>]: v.GenericSchema } = {
  id: sharedOptions.id,
  path: v.message(
    v.pipe(
      v.string(),
      v.check((path) => isAbsolute(path) && !path.includes("\0")),
    ),
    "give the absolute path of the folder that has cur and new in it",
  ),
  owner: ids.one,
  readers: ids.list,
  invitations: sharedOptions.invitations,
};
const schema = optionsOf(entries, ["id", "path"], "options are missing: at least id and path");

/**
 * A Maildir as a system. Checks its options and reads nothing yet.
 * Fails: `misconfigured`, with every mistake at once.
 */
export const maildir = (options: MaildirOptions): Adapter => {
  checkOptions(schema, options, "Maildir");
  const { id, path, owner, readers = [], invitations = "from" } = options;
  const people = [...new Set(owner === undefined ? readers : [owner, ...readers])];

  const place = { id, path, people, invitations, ...(owner !== undefined && { owner }) };
  return {
    contract: 1,
    id,
    kind: "maildir",
    describe: (signal) => manifestOf(place, signal),
    collections: (signal) => collectionsOf(place, signal),
    changes: (collection, since, read, signal) => changesOf(place, collection.id, since, read, signal),
    fetch: (collection, keys, read, signal) => fetchOf(place, collection.id, keys, read, signal),
    watch: (collections, signal) => watchOf(place, collections, signal),
    content: (item, part, signal) => contentOf(place, item, part, signal),
    [Symbol.asyncDispose]: async () => {},
  };
};
