/** The options, checked: every mistake is told at once and none repeats what is secret. */

import { checkOptions, optionsOf, type SystemId } from "groupstream";
import { headerProblems } from "groupstream/protocol/http";
import { sharedOptions } from "groupstream/protocol/options";
import { Webhook } from "standardwebhooks";
import * as v from "valibot";
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

const actor = v.message(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9+.-]*:./i)), "must be a mailto:, acct: or https: id");
const unseen = 'say who can see what is sent there: a list of mailto:, acct: or https: ids, or "public"';

/** Standard Webhooks 1.0: 24 to 64 bytes, base64 with its padding, `whsec_` before it. */
const secret = v.message(
  v.pipe(
    v.string(),
    v.regex(/^(?:whsec_)?(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
    v.check((text) => {
      const { length } = Buffer.from(text.replace(/^whsec_/, ""), "base64");
      return length >= 24 && length <= 64;
    }),
  ),
  ({ input }) =>
    input === undefined
      ? "give whsec_ and base64 of 24 to 64 random bytes (the receiver needs the same)"
      : "must be whsec_ and base64 of 24 to 64 bytes",
);
const noSecrets = "give a list of at least one";

const headers = v.pipe(
  v.custom<Readonly<Record<string, unknown>>>(
    (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    "give names and values",
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const message of headerProblems(dataset.value)) addIssue({ message });
    for (const name of Object.keys(dataset.value))
      if (/^webhook-/i.test(name)) addIssue({ message: `${JSON.stringify(name.slice(0, 40))} is set by the delivery itself` });
  }),
);

/** What one option may be depends on another: the URL on what is allowed, a secret on whether there are several. */
const schemaFor = (given: { readonly [option in keyof WebhookOptions]?: unknown }): v.GenericSchema => {
  const entries: { readonly [option in keyof Required<WebhookOptions>]: v.GenericSchema } = {
    id: sharedOptions.id,
    url: sharedOptions.url(given.allow, "give an absolute https URL"),
    secret: given.secrets === undefined ? secret : v.unknown(),
    secrets: given.secret === undefined ? v.pipe(v.array(secret, noSecrets), v.nonEmpty(noSecrets)) : v.unknown(),
    audience: v.union([v.literal("public"), v.pipe(v.array(actor), v.nonEmpty(unseen))], unseen),
    allow: sharedOptions.allow,
    timeout: sharedOptions.milliseconds(100, 120_000),
    headers: headers,
  };
  const needed = ["id", "url", "audience", ...(given.secrets === undefined ? (["secret"] as const) : [])] as const;
  return v.pipe(
    optionsOf(entries, needed, "options are missing: at least id, url, secret and audience"),
    v.check(({ secret, secrets }) => secret === undefined || secrets === undefined, "secret, secrets: give one of them"),
  );
};

/** The target the options describe. Fails: `misconfigured`. */
export const checked = (options: WebhookOptions): Target => {
  checkOptions(schemaFor({ ...options }), options, "webhook");
  return {
    id: options.id,
    url: new URL(options.url),
    signers: (options.secrets ?? [options.secret as string]).map((secret) => new Webhook(secret)),
    headers: Object.fromEntries(Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])),
    timeout: options.timeout ?? 15_000,
  };
};
