/** What a hub is configured with, and every mistake in it at once. */

import * as v from "valibot";
import { activityTypes } from "../activity/types.ts";
import { answerVerbs } from "../bridge/invitation-answer.ts";
import { type Route, systemAt } from "../bridge/routes.ts";
import type { Adapter } from "../contract/adapter.ts";
import { refuseMistakes } from "../contract/errors.ts";
import { isPlain, mistakesIn, optionsOf, plainObject, wayTo } from "../contract/schema.ts";
import { defaultPolicy, type FullPolicy, type Policy } from "../policy/index.ts";
import type { Store } from "../store/contract.ts";
import type { Progress } from "../sync/context.ts";
import { type Person, people } from "./identity.ts";

/** Time, so that tests can give their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Where log lines go; a pino logger fits. Lines hold ids and counts, never content or secrets. */
export interface Logger {
  /** Every round. */
  debug(fields: object, message: string): void;
  /** Rare, worth knowing. */
  info(fields: object, message: string): void;
  /** Failed, and tried again by itself. */
  warn(fields: object, message: string): void;
  /** A person is needed. */
  error(fields: object, message: string): void;
}

/** Options of `openHub`. */
export interface HubOptions {
  /** Path of the embedded store's file, made if it is missing; `:memory:`; or a store, which the hub then does not close. */
  readonly store: string | Store;
  readonly systems: readonly Adapter[];
  readonly routes?: readonly Route[];
  readonly policy?: Policy;
  /** Ids that are one person's: an audience that knows one of them knows the person. Default: every id is somebody of their own. */
  readonly people?: readonly Person[];
  /** `https://…` under which ids are minted; only at the first start of a store, fixed ever after. Default `urn:uuid:`. */
  readonly base?: string;
  /** What of the first listings is told: nothing (default), `all`, or what came since an RFC 3339 date. */
  readonly history?: "all" | string;
  /** Milliseconds between rounds of `run` where no doorbell rings; default 60,000; 1,000 to 86,400,000. */
  readonly poll?: number;
  readonly logger?: Logger;
  /** Called after each committed page. */
  readonly progress?: (progress: Progress) => void;
  readonly clock?: Clock;
  /** 0–1, for jitter. Default `Math.random`. */
  readonly random?: () => number;
}

const idPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** A target must take one of these: posts and mails, each activity as it is, or reactions as answers. */
const routed: ReadonlySet<string> = new Set(["Create", "Deliver", ...answerVerbs]);

/** A value as a mistake shows it, in one short line: not everything can be JSON. */
const shown = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? JSON.stringify(value).slice(0, 60) : `a ${typeof value}`;

/** RFC 3339; the time may be left out. */
const dateForm = /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2}))?$/;
const date = v.pipe(
  v.string(),
  v.regex(dateForm),
  v.check((text) => !Number.isNaN(Date.parse(text))),
);

/** A longer time than this is none a timer can wait (2^31 ms). */
const POLL_LIMIT = 86_400_000;

/** An object that is called. */
const having = (...methods: readonly string[]) =>
  v.custom<object>(
    (value) => isPlain(value) && methods.every((method) => typeof value[method] === "function"),
    `must have the functions ${methods.join(", ")}`,
  );
const oneOf = (...words: readonly string[]) =>
  v.picklist(words, `must be ${words.map((word) => JSON.stringify(word)).join(" or ")}`);
const flag = v.boolean("must be true or false");

const store = v.message(
  v.union([
    v.pipe(v.string(), v.nonEmpty()),
    v.custom<Store>((value) => isPlain(value) && typeof value.transaction === "function"),
  ]),
  "must be a path, such as ./groupstream.db, or a store",
);

const system = v.pipe(
  v.custom<Adapter>(
    (one) => isPlain(one) && typeof one.describe === "function" && typeof one.collections === "function",
    "is no adapter",
  ),
  v.check(
    ({ id }) => typeof id === "string" && idPattern.test(id),
    ({ input }) => `id ${shown(input.id)} must be lower-case letters, digits and hyphens`,
  ),
  v.check(
    ({ contract }) => contract === 1,
    ({ input }) => `speaks contract ${shown(input.contract)}, this groupstream speaks 1`,
  ),
);
const systems = v.pipe(
  v.array(system, "must be a list of adapters, such as [imap({ … })]"),
  v.rawCheck(({ dataset: { value }, addIssue }) => {
    if (!Array.isArray(value)) return;
    const ids = value.map((one: unknown) => (isPlain(one) ? one.id : undefined));
    for (const [key, id] of ids.entries())
      if (typeof id === "string" && idPattern.test(id) && ids.indexOf(id) < key)
        addIssue({ message: `id "${id}" is used twice`, path: wayTo(key) });
  }),
);

const name = v.pipe(v.string(), v.nonEmpty());
const end = v.union([
  name,
  v.object({ system: name, collection: v.string(), role: v.optional(v.undefined()) }),
  v.object({ system: name, role: v.string(), collection: v.optional(v.undefined()) }),
]);
const listed = "must be a list of words; leave it out for all";
const words = v.pipe(v.array(v.message(name, "must be a word"), listed), v.nonEmpty(listed));
const carried = "must be a list of activity types; leave it out for all";
const answers = '"accepted", "tentative" or "declined"';
const onObject = v.function("must be a function of the object");

/** A route among these systems. */
const routeAmong = (systems: ReadonlyMap<string, Adapter>) => {
  const ending = (able: (target: Adapter) => boolean) =>
    v.config(
      v.pipe(
        end,
        v.check(
          (at) => systems.has(systemAt(at)),
          ({ input }) => `there is no system ${shown(systemAt(input))}; there are ${[...systems.keys()].join(", ") || "none"}`,
        ),
        v.check(
          (at) => able(systems.get(systemAt(at)) as Adapter),
          ({ input }) => `${systemAt(input)} (${systems.get(systemAt(input))?.kind}) cannot be delivered to`,
        ),
      ),
      { message: 'must be "system", "system/collection", { system, collection } or { system, role }', abortPipeEarly: true },
    );
  const entries: { readonly [option in keyof Required<Route>]: v.GenericSchema } = {
    from: ending(() => true),
    to: ending(({ performs }) => Object.keys(performs ?? {}).some((verb) => routed.has(verb))),
    types: v.pipe(
      v.array(
        v.picklist(activityTypes, ({ input }) => `${shown(input)} is no type of activity; there are ${activityTypes.join(", ")}`),
        carried,
      ),
      v.nonEmpty(carried),
    ),
    people: words,
    labels: words,
    where: onObject,
    only: oneOf("replies"),
    widen: v.message(v.pipe(v.string(), v.regex(/\S/)), "must say why in words"),
    reach: oneOf("author", "everyone"),
    bots: flag,
    busy: flag,
    answers: v.pipe(
      plainObject(`must name for each emoji ${answers}`),
      v.record(v.string(), v.picklist(["accepted", "tentative", "declined"], `must be ${answers}`)),
    ),
    template: onObject,
    language: oneOf("en", "de"),
    history: v.literal("all", 'must be "all" or left out'),
  };
  return optionsOf(entries, ["from", "to"], "must be { from, to }");
};

const policyEntries: { readonly [option in keyof Required<Policy>]: v.GenericSchema } = {
  body: v.picklist(["none", "preview", "full"], 'must be "none", "preview" or "full"'),
  behaviour: flag,
  exclude: v.array(v.string("must be a name or a role"), "must be a list of names or roles"),
};

const routesAmong = (given: unknown): v.GenericSchema => {
  // Which systems there are cannot be said: no end of a route is judged.
  if (!Array.isArray(given)) return v.any();
  const named = given.flatMap((one: unknown) => (isPlain(one) && typeof one.id === "string" ? [one as unknown as Adapter] : []));
  return v.array(routeAmong(new Map(named.map((one) => [one.id, one]))), "must be a list");
};

const optionsAmong = (given: unknown): v.GenericSchema => {
  const entries: { readonly [option in keyof Required<HubOptions> | "rules" | "uuid"]: v.GenericSchema } = {
    store,
    systems,
    routes: routesAmong(given),
    policy: optionsOf(policyEntries, [], "must be an object"),
    people: people,
    base: v.message(
      v.pipe(
        v.string(),
        v.check((url) => URL.canParse(url) && new URL(url).protocol === "https:"),
      ),
      "must be an https URL",
    ),
    history: v.message(v.union([v.literal("all"), date]), 'must be "all" or an RFC 3339 date'),
    poll: v.message(v.pipe(v.number(), v.minValue(1000), v.maxValue(POLL_LIMIT)), `must be milliseconds, 1000 to ${POLL_LIMIT}`),
    logger: having("debug", "info", "warn", "error"),
    progress: v.function("must be a function"),
    clock: having("now", "sleep"),
    random: v.function("must be a function"),
    // For tests.
    rules: v.any(),
    uuid: v.any(),
  };
  return optionsOf(entries, ["store", "systems"], "it must be an object with store and systems");
};

/** Refuses wrong options, all mistakes in one `misconfigured` error; fills in the policy's defaults. */
export const checkedOptions = (options: HubOptions): FullPolicy => {
  const given: unknown = options;
  const schema = optionsAmong(isPlain(given) ? given.systems : undefined);
  refuseMistakes("This configuration cannot be used", mistakesIn(schema, given));
  return { ...defaultPolicy, ...options.policy };
};
