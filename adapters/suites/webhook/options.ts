/** The options, checked: every mistake is told at once and none repeats what is secret. */

import { isIP } from "node:net";
import { refuseMistakes, type SystemId } from "groupstream";
import { addressProblem, allowances, headerProblems } from "groupstream/protocol";
import { Webhook } from "standardwebhooks";
import type { WebhookOptions } from "./index.ts";

/** A webhook that can be asked. Signers keep their keys to themselves. */
export interface Target {
  readonly id: SystemId;
  readonly url: URL;
  readonly signers: readonly Webhook[];
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly timeout: number;
}

/** The target the options describe. Fails: `misconfigured`. */
export const checked = (options: WebhookOptions): Target => {
  const given: Readonly<Record<string, unknown>> = { ...options };
  const url = typeof given.url === "string" && URL.canParse(given.url) ? new URL(given.url) : undefined;
  refuseMistakes(
    `The webhook ${JSON.stringify(typeof given.id === "string" ? given.id.slice(0, 60) : "without id")} cannot be used`,
    [
      ...idMistakes(given.id),
      ...(url ? urlMistakes(url, options) : ["url: give an absolute https URL"]),
      ...secretMistakes(given),
      ...audienceMistakes(given.audience),
      ...allowMistakes(given.allow),
      ...timeoutMistakes(given.timeout),
      ...headerMistakes(given.headers),
      ...unknownMistakes(given),
    ],
  );
  return {
    id: options.id,
    url: url as URL,
    signers: (options.secrets ?? [options.secret as string]).map((secret) => new Webhook(secret)),
    headers: Object.fromEntries(Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])),
    timeout: options.timeout ?? 15_000,
  };
};

const known = ["id", "url", "secret", "secrets", "audience", "allow", "timeout", "headers"];

const unknownMistakes = (given: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.keys(given)
    .filter((name) => !known.includes(name))
    .map(
      (name) =>
        `${/^\w{1,40}$/.test(name) ? name : JSON.stringify(name.slice(0, 40))}: there is no such option; there are ${known.join(", ")}`,
    );

const idMistakes = (id: unknown): readonly string[] =>
  typeof id === "string" && /^[a-z0-9][a-z0-9-]*$/.test(id)
    ? []
    : ["id: must be lower-case letters, digits and hyphens, beginning with a letter or digit"];

/** What can be seen without resolving the name; the rest is judged at each connection. */
const urlMistakes = (url: URL, { allow }: WebhookOptions): readonly string[] => {
  if (url.protocol !== "https:" && url.protocol !== "http:") return ["url: must be https or http"];
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const address = host === "localhost" ? "127.0.0.1" : host;
  if (!isIP(address)) return [];
  const problem = addressProblem(address, allowances(allow), url.protocol === "https:");
  return problem === undefined ? [] : [`url: ${host} ${problem}`];
};

const secretMistakes = ({ secret, secrets }: Readonly<Record<string, unknown>>): readonly string[] => {
  if (secret !== undefined && secrets !== undefined) return ["secret, secrets: give one of them"];
  if (secrets !== undefined && (!Array.isArray(secrets) || secrets.length === 0)) return ["secrets: give a list of at least one"];
  if (secret === undefined && secrets === undefined)
    return ["secret: give whsec_ and base64 of 24 to 64 random bytes (the receiver needs the same)"];
  const all: readonly unknown[] = Array.isArray(secrets) ? secrets : [secret];
  return all.flatMap((one, index) =>
    isSecret(one)
      ? []
      : [`${secrets === undefined ? "secret" : `secrets[${index}]`}: must be whsec_ and base64 of 24 to 64 bytes`],
  );
};

/** Standard Webhooks 1.0: 24 to 64 bytes, base64 with its padding, `whsec_` before it. */
const isSecret = (secret: unknown): boolean => {
  if (typeof secret !== "string" || !/^(?:whsec_)?(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(secret))
    return false;
  const { length } = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return length >= 24 && length <= 64;
};

const audienceMistakes = (audience: unknown): readonly string[] =>
  audience === "public" ||
  (Array.isArray(audience) &&
    audience.length > 0 &&
    audience.every((one) => typeof one === "string" && /^[a-z][a-z0-9+.-]*:./i.test(one)))
    ? []
    : ['audience: say who can see what is sent there: a list of mailto:, acct: or https: ids, or "public"'];

const allowMistakes = (allow: unknown): readonly string[] =>
  allow === undefined || (Array.isArray(allow) ? allow : [allow]).every((one) => one === "private" || one === "http")
    ? []
    : ['allow: only "private" and "http" can be allowed'];

const timeoutMistakes = (timeout: unknown): readonly string[] =>
  timeout === undefined || (typeof timeout === "number" && timeout >= 100 && timeout <= 120_000)
    ? []
    : ["timeout: must be milliseconds, 100 to 120000"];

const headerMistakes = (headers: unknown): readonly string[] => {
  if (headers === undefined) return [];
  if (typeof headers !== "object" || headers === null || Array.isArray(headers)) return ["headers: give names and values"];
  const ours = Object.keys(headers).filter((name) => /^webhook-/i.test(name));
  return [
    ...headerProblems(headers as Record<string, unknown>).map((problem) => `headers: ${problem}`),
    ...ours.map((name) => `headers: ${JSON.stringify(name.slice(0, 40))} is set by the delivery itself`),
  ];
};
