/** Options that several adapters have, as schemas of valibot. Pure. */

import * as v from "valibot";
import { addressProblem, allowances } from "../http/address.ts";
import type { Invitations } from "../mail/authenticity.ts";

const one = v.picklist(["private", "http"]);
const allowed = v.union([one, v.array(one)]);

/** What can be seen without resolving a name; the rest is judged at each connection. */
const problemOf = (url: string, allow: unknown): string | undefined => {
  const { hostname, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  const given = v.is(allowed, allow) ? allow : undefined;
  const problem = addressProblem(host === "localhost" ? "127.0.0.1" : host, allowances(given), protocol === "https:");
  return problem === undefined || problem === "is no IP address" ? undefined : `${host} ${problem}`;
};

const invitations = v.union([v.picklist(["from", "off"]), v.object({ verifiedBy: v.pipe(v.string(), v.nonEmpty()) })]);

/** Schemas of options. */
export interface SharedOptions {
  /** Of a system. */
  readonly id: v.GenericSchema<unknown, string>;
  /**
   * An address of https or http that may be connected to, as far as that can be seen.
   * @param allow    the option `allow` as it was given
   * @param missing  what is said where it is no address
   */
  url(allow: unknown, missing: string): v.GenericSchema<unknown, string>;
  readonly allow: v.GenericSchema;
  /** Both ends included. */
  milliseconds(least: number, most: number): v.GenericSchema;
  /** 0 and `most` included. */
  bytes(most: number): v.GenericSchema;
  /** Ids of people by their schemes, without colons: one, or a list of them. */
  ids(...schemes: readonly string[]): { readonly one: v.GenericSchema; readonly list: v.GenericSchema };
  readonly insecure: v.GenericSchema;
  readonly invitations: v.GenericSchema;
}

/** Options that several adapters have: what `optionsOf` takes. */
export const sharedOptions: SharedOptions = {
  id: v.message(
    v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]*$/)),
    "must be lower-case letters, digits and hyphens, beginning with a letter or digit",
  ),
  url: (allow, missing) =>
    v.config(
      v.pipe(
        v.string(),
        v.check((url) => URL.canParse(url)),
        v.check((url) => /^https?:$/.test(new URL(url).protocol), "must be https or http"),
        v.check(
          (url) => problemOf(url, allow) === undefined,
          ({ input }) => String(problemOf(input, allow)),
        ),
      ),
      { message: missing, abortPipeEarly: true },
    ),
  allow: v.message(allowed, 'must be "private", "http" or both'),
  milliseconds: (least, most) =>
    v.message(v.pipe(v.number(), v.minValue(least), v.maxValue(most)), `must be milliseconds, ${least} to ${most}`),
  bytes: (most) =>
    v.message(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most)), `must be a whole number of bytes, 0 to ${most}`),
  ids: (...schemes) => {
    const named = `${schemes.slice(0, -1).join(":, ")}: or ${schemes.at(-1)}:`;
    const one = v.message(v.pipe(v.string(), v.regex(new RegExp(`^(?:${schemes.join("|")}):\\S+$`))), `must be a ${named} id`);
    return { one, list: v.array(one, `must be a list of ${named} ids`) };
  },
  insecure: v.literal("plaintext", 'can only be "plaintext"'),
  invitations: v.custom<Invitations>(
    (value) => v.is(invitations, value),
    'must be "from", "off" or { verifiedBy } with the name of a server',
  ),
};
