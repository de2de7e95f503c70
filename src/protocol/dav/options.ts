/** What a person may configure about an account of calendars or address books, and every mistake they can make in it. Pure. */

import { refuseMistakes } from "../../errors.ts";
import type { ActorId, SystemId } from "../../words.ts";
import { type Allowed, addressProblem, allowances } from "../http/address.ts";
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

const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== "";
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.length > 0 && value.every(isText);
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isActor = (value: unknown): boolean => isText(value) && /^(?:mailto|acct|https|urn):\S+$/.test(value);

const urlMistake = (url: unknown, allow: unknown): string | undefined => {
  if (!isText(url) || !URL.canParse(url)) return "url: give the address of the server, such as https://dav.example.org/";
  const { protocol, hostname, username, password } = new URL(url);
  if (protocol !== "https:" && protocol !== "http:") return "url: must be https or http";
  if (username !== "" || password !== "") return "url: leave user and password out of it; auth has them";
  const host = hostname.replace(/^\[|\]$/g, "");
  const problem = addressProblem(host === "localhost" ? "127.0.0.1" : host, allowances(allow as Allowed), protocol === "https:");
  return problem === undefined || problem === "is no IP address" ? undefined : `url: ${host} ${problem}`;
};

const authMistake = (auth: unknown): string | undefined => {
  if (isRecord(auth)) {
    const { username, password, token, ...rest } = auth;
    const basic = isText(username) && isText(password) && token === undefined;
    const bearer = (isText(token) || typeof token === "function") && username === undefined && password === undefined;
    if ((basic || bearer) && Object.keys(rest).length === 0) return undefined;
  }
  return "auth: give username and password, or token (a string or a function)";
};

/** What is wrong with an option; undefined: nothing. No sentence repeats what is secret. */
type Check = (value: unknown, all: Readonly<Record<string, unknown>>) => string | undefined;

const checks: { readonly [name in keyof Required<DavAccountOptions>]: Check } = {
  id: (id) =>
    isText(id) && /^[a-z0-9][a-z0-9-]*$/.test(id)
      ? undefined
      : "id: must be lower-case letters, digits and hyphens, beginning with a letter or digit",
  url: (url, { allow }) => urlMistake(url, isAllowed(allow) ? allow : undefined),
  auth: authMistake,
  owner: (owner) => (owner === undefined || isActor(owner) ? undefined : "owner: must be a mailto:, acct:, https: or urn: id"),
  readers: (readers) =>
    readers === undefined || (Array.isArray(readers) && readers.every(isActor))
      ? undefined
      : "readers: must be a list of mailto:, acct:, https: or urn: ids",
  hosts: (hosts) =>
    hosts === undefined || (isTexts(hosts) && (hosts as string[]).every((host) => /^[a-z0-9.-]+(:\d+)?$/i.test(host)))
      ? undefined
      : "hosts: must be a list of host names; leave it out for none",
  allow: (allow) => (isAllowed(allow) ? undefined : 'allow: must be "private", "http" or both'),
  ca: (ca) => (ca === undefined || isText(ca) || isTexts(ca) ? undefined : "ca: must be PEM certificates"),
  timeout: (timeout) =>
    timeout === undefined || (typeof timeout === "number" && timeout >= 1_000 && timeout <= 600_000)
      ? undefined
      : "timeout: must be milliseconds, 1000 to 600000",
};

const isAllowed = (allow: unknown): boolean =>
  allow === undefined || [allow].flat().every((one) => one === "private" || one === "http");

/**
 * Refuses wrong options, every mistake at once: `misconfigured`.
 * @param what   whose they are: `calendar account`
 * @param names  the option that names collections: `calendars`
 */
export const checkDavOptions = (what: string, names: string, options: DavAccountOptions): void => {
  if (!isRecord(options)) refuseMistakes(`The ${what} cannot be used`, ["options are missing: at least id, url and auth"]);
  const given: Readonly<Record<string, unknown>> = { ...options };
  const name = isText(given.id) ? JSON.stringify(given.id.slice(0, 60)) : "without id";
  const named: Check = (value) =>
    value === undefined || isTexts(value) ? undefined : `${names}: must be a list of names; leave it out for all`;
  const all: Readonly<Record<string, Check>> = { ...checks, [names]: named };
  refuseMistakes(`The ${what} ${name} cannot be used`, [
    ...Object.entries(all).flatMap(([option, wrong]) => wrong(given[option], given) ?? []),
    ...Object.keys(given)
      .filter((option) => !Object.hasOwn(all, option))
      .map(
        (option) =>
          `${/^\w{1,40}$/.test(option) ? option : JSON.stringify(option.slice(0, 40))}: there is no such option; there are ${Object.keys(all).join(", ")}`,
      ),
  ]);
};
