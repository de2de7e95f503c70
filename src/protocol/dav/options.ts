/** What a person may configure about an account of calendars or address books, and every mistake they can make in it. Pure. */

import * as v from "valibot";
import { checkOptions, isPlain, optionsOf } from "../../contract/schema.ts";
import type { ActorId, SystemId } from "../../contract/words.ts";
import type { Allowed } from "../http/address.ts";
import { sharedOptions } from "../options/index.ts";
import type { DavAuth } from "./client.ts";

/** A DAV account. */
export interface DavAccountOptions {
  /** Unique in the hub, stable over its life. */
  readonly id: SystemId;
  /** Where discovery begins (RFC 6764): the host, a principal, a home, or one collection. */
  readonly url: string;
  /** Basic with a password, or Bearer with a token; a function is asked again after one refusal. */
  readonly auth: DavAuth;
  /** Whose collections these are; default the first `mailto:` of the account's calendar-user-address-set (RFC 6638 section 2.4.1). */
  readonly owner?: ActorId;
  /** Who else reads them; with the owner the audience of what is in them. Never of what is private. */
  readonly readers?: readonly ActorId[];
  /** Further hosts that get the credentials, each with everything below it: `icloud.com`. Default none. */
  readonly hosts?: readonly string[];
  /** `"private"`: addresses of the inner network are asked; `"http"`: without TLS. Loopback needs `"private"`. */
  readonly allow?: Allowed;
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string | readonly string[];
  /** Milliseconds for one request; 1,000 to 600,000, default 60,000. */
  readonly timeout?: number;
}

const text = v.pipe(v.string(), v.regex(/\S/));
const ids = sharedOptions.ids("mailto", "acct", "https", "urn");
const hosts = "must be a list of host names; leave it out for none";
const host = v.message(v.pipe(v.string(), v.regex(/^[a-z0-9.-]+(:\d+)?$/i)), "must be a host name");
const hasLogin = (url: string): boolean => URL.canParse(url) && new URL(url).username + new URL(url).password !== "";
const none = v.optional(v.undefined());
const entriesWith = (allow: unknown): { readonly [option in keyof Required<DavAccountOptions>]: v.GenericSchema } => ({
  id: sharedOptions.id,
  url: v.pipe(
    sharedOptions.url(allow, "give the address of the server, such as https://dav.example.org/"),
    v.check((url) => !hasLogin(url), "leave user and password out of it; auth has them"),
  ),
  auth: v.message(
    v.union([
      v.strictObject({ username: text, password: text, token: none }),
      v.strictObject({ token: v.union([text, v.function()]), username: none, password: none }),
    ]),
    "give username and password, or token (a string or a function)",
  ),
  owner: ids.one,
  readers: ids.list,
  hosts: v.pipe(v.array(host, hosts), v.nonEmpty(hosts)),
  allow: sharedOptions.allow,
  ca: v.message(v.union([text, v.pipe(v.array(text), v.nonEmpty())]), "must be PEM certificates"),
  timeout: sharedOptions.milliseconds(1_000, 600_000),
});

/**
 * Refuses wrong options, every mistake at once: `misconfigured`.
 * @param what   whose they are: `calendar account`
 * @param names  the option that names collections: `calendars`
 */
export const checkDavOptions = (what: string, names: string, options: DavAccountOptions): void => {
  const given: unknown = options;
  const chosen = "must be a list of names; leave it out for all";
  const entries = {
    ...entriesWith(isPlain(given) ? given.allow : undefined),
    [names]: v.pipe(v.array(v.message(text, "must be a name"), chosen), v.nonEmpty(chosen)),
  };
  checkOptions(optionsOf(entries, ["id", "url", "auth"], "options are missing: at least id, url and auth"), given, what);
};
