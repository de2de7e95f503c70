/** What a hub is configured with, and every mistake in it at once. */

import { activityTypes } from "./activity/types.ts";
import type { Adapter } from "./adapter.ts";
import { answering } from "./bridge/answerable.ts";
import { type Route, type RouteEnd, systemAt } from "./bridge/routes.ts";
import { refuseMistakes } from "./errors.ts";
import { type Person, peopleMistakes } from "./identity/index.ts";
import { defaultPolicy, type FullPolicy, type Policy } from "./policy/index.ts";
import type { Store } from "./store/contract.ts";
import type { Progress } from "./sync/surroundings.ts";

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
const routed: ReadonlySet<string> = new Set(["Create", "Deliver", ...answering]);
const routeTypes: ReadonlySet<string> = new Set(activityTypes);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value as a mistake shows it, in one short line: not everything can be JSON. */
const shown = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? JSON.stringify(value).slice(0, 60) : `a ${typeof value}`;

/** RFC 3339; the time may be left out. */
const dateForm = /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2}))?$/;
const isDate = (value: unknown): boolean => typeof value === "string" && dateForm.test(value) && !Number.isNaN(Date.parse(value));

/** A longer time than this is none a timer can wait (2^31 ms). */
const POLL_LIMIT = 86_400_000;

const httpsUrl = (value: string): boolean => {
  try {
    return new URL(value).protocol === "https:";
  } catch {
    return false;
  }
};

const systemMistakes = (systems: unknown): string[] => {
  if (!Array.isArray(systems)) return ["systems: must be a list of adapters, such as [imap({ … })]"];
  const ids = new Set<string>();
  return systems.flatMap((system: unknown, index) => {
    const where = `systems[${index}]`;
    if (!isObject(system) || typeof system.describe !== "function" || typeof system.collections !== "function")
      return [`${where}: is no adapter`];
    const { id, contract } = system;
    const mistakes: string[] = [];
    if (typeof id !== "string" || !idPattern.test(id))
      mistakes.push(`${where}: id ${shown(id)} must be lower-case letters, digits and hyphens`);
    else if (ids.has(id)) mistakes.push(`${where}: id "${id}" is used twice`);
    else ids.add(id);
    if (contract !== 1) mistakes.push(`${where}: speaks contract ${shown(contract)}, this groupstream speaks 1`);
    return mistakes;
  });
};

const routeMistakes = (routes: unknown, systems: readonly unknown[]): string[] => {
  if (routes === undefined) return [];
  if (!Array.isArray(routes)) return ["routes: must be a list"];
  const ids = new Map(systems.filter(isObject).map((system) => [system.id as string, system as unknown as Adapter]));
  return routes.flatMap((route: unknown, index) => {
    const where = `routes[${index}]`;
    if (!isObject(route)) return [`${where}: must be { from, to }`];
    const mistakes: string[] = [];
    for (const end of ["from", "to"] as const) {
      if (!isEnd(route[end])) {
        mistakes.push(`${where}.${end}: must be "system", "system/collection", { system, collection } or { system, role }`);
        continue;
      }
      const system = systemAt(route[end]);
      if (!ids.has(system))
        mistakes.push(`${where}.${end}: there is no system "${system}"; there are ${[...ids.keys()].join(", ") || "none"}`);
    }
    const target = isEnd(route.to) ? ids.get(systemAt(route.to)) : undefined;
    if (target && !Object.keys(target.performs ?? {}).some((verb) => routed.has(verb)))
      mistakes.push(`${where}.to: ${target.id} (${target.kind}) cannot be delivered to`);
    for (const [at, type] of Array.isArray(route.types) ? route.types.entries() : [])
      if (!routeTypes.has(type))
        mistakes.push(`${where}.types[${at}]: ${shown(type)} is no type of activity; there are ${[...routeTypes].join(", ")}`);
    if (route.types !== undefined && (!Array.isArray(route.types) || route.types.length === 0))
      mistakes.push(`${where}.types: must be a list of activity types; leave it out for all`);
    if (route.widen !== undefined && (typeof route.widen !== "string" || route.widen.trim() === ""))
      mistakes.push(`${where}.widen: must say why in words`);
    mistakes.push(...unknownIn(route, routeFields, `${where}.`));
    for (const [field, values] of Object.entries(choices))
      if (route[field] !== undefined && !values.includes(route[field]))
        mistakes.push(`${where}.${field}: must be ${values.map((value) => JSON.stringify(value)).join(" or ")}`);
    for (const field of ["people", "labels"])
      if (route[field] !== undefined && !isNames(route[field]))
        mistakes.push(`${where}.${field}: must be a list of words; leave it out for all`);
    for (const field of ["where", "template"])
      if (route[field] !== undefined && typeof route[field] !== "function")
        mistakes.push(`${where}.${field}: must be a function of the object`);
    if (route.answers !== undefined && !isAnswers(route.answers))
      mistakes.push(`${where}.answers: must name for each emoji "accepted", "tentative" or "declined"`);
    if (route.history !== undefined && route.history !== "all") mistakes.push(`${where}.history: must be "all" or left out`);
    return mistakes;
  });
};

const isAnswers = (value: unknown): boolean =>
  isObject(value) && Object.values(value).every((answer) => ["accepted", "tentative", "declined"].includes(answer as string));

const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string" && one !== "");

const isEnd = (value: unknown): value is RouteEnd => {
  if (typeof value === "string") return value !== "";
  if (!isObject(value) || typeof value.system !== "string" || value.system === "") return false;
  const { collection, role } = value;
  return typeof (collection ?? role) === "string" && (collection === undefined) !== (role === undefined);
};

const policyMistakes = (policy: unknown): string[] => {
  if (policy === undefined) return [];
  if (!isObject(policy)) return ["policy: must be an object"];
  const mistakes = unknownIn(policy, Object.keys(defaultPolicy), "policy.");
  if (policy.body !== undefined && !["none", "preview", "full"].includes(policy.body as string))
    mistakes.push('policy.body: must be "none", "preview" or "full"');
  if (policy.behaviour !== undefined && typeof policy.behaviour !== "boolean")
    mistakes.push("policy.behaviour: must be true or false");
  if (policy.exclude !== undefined && !Array.isArray(policy.exclude))
    mistakes.push("policy.exclude: must be a list of names or roles");
  for (const [at, rule] of Array.isArray(policy.exclude) ? policy.exclude.entries() : [])
    if (typeof rule !== "string") mistakes.push(`policy.exclude[${at}]: must be a name or a role`);
  return mistakes;
};

const routeFields = [
  "from",
  "to",
  "types",
  "people",
  "labels",
  "where",
  "only",
  "widen",
  "reach",
  "bots",
  "busy",
  "answers",
  "template",
  "language",
  "history",
];
const choices: Readonly<Record<string, readonly unknown[]>> = {
  only: ["replies"],
  reach: ["author", "everyone"],
  bots: [true, false],
  busy: [true, false],
  language: ["en", "de"],
};
const fields = [
  "store",
  "systems",
  "routes",
  "policy",
  "people",
  "base",
  "history",
  "poll",
  "logger",
  "progress",
  "clock",
  "random",
];

const forTests = ["rules", "uuid"];

const unknownIn = (given: object, known: readonly string[], where = ""): string[] =>
  Object.keys(given)
    .filter((name) => !known.includes(name) && !(where === "" && forTests.includes(name)))
    .map(
      (name) =>
        `${where}${/^\w{1,40}$/.test(name) ? name : JSON.stringify(name.slice(0, 40))}: there is no such option; there are ${known.join(", ")}`,
    );

/** Objects that are called: each must have these functions. */
const callableMistakes = (options: Readonly<Record<string, unknown>>): string[] => {
  const parts = { clock: ["now", "sleep"], logger: ["debug", "info", "warn", "error"] } as const;
  const mistakes = Object.entries(parts).flatMap(([name, methods]) => {
    const value = options[name];
    const whole = value === undefined || (isObject(value) && methods.every((method) => typeof value[method] === "function"));
    return whole ? [] : [`${name}: must have the functions ${methods.join(", ")}`];
  });
  for (const name of ["progress", "random"]) {
    if (options[name] !== undefined && typeof options[name] !== "function") mistakes.push(`${name}: must be a function`);
  }
  return mistakes;
};

/** Refuses wrong options, all mistakes in one `misconfigured` error; fills in the policy's defaults. */
export const checkedOptions = (options: HubOptions): FullPolicy => {
  if (!isObject(options)) refuseMistakes("This configuration cannot be used", ["it must be an object with store and systems"]);
  const { store, systems, routes, policy, base, history, poll } = options;
  const mistakes: string[] = [];
  if (typeof store === "string" ? store === "" : !isObject(store) || typeof (store as Store).transaction !== "function")
    mistakes.push("store: must be a path, such as ./groupstream.db, or a store");
  mistakes.push(
    ...systemMistakes(systems),
    ...(Array.isArray(systems) ? routeMistakes(routes, systems) : []),
    ...policyMistakes(policy),
    ...peopleMistakes(options.people),
  );
  if (base !== undefined && (typeof base !== "string" || !httpsUrl(base))) mistakes.push("base: must be an https URL");
  if (history !== undefined && history !== "all" && !isDate(history)) mistakes.push('history: must be "all" or an RFC 3339 date');
  if (poll !== undefined && (typeof poll !== "number" || !(poll >= 1000 && poll <= POLL_LIMIT)))
    mistakes.push("poll: must be milliseconds, 1000 to 86400000");
  mistakes.push(...callableMistakes(options as unknown as Record<string, unknown>), ...unknownIn(options, fields));
  refuseMistakes("This configuration cannot be used", mistakes);
  return { ...defaultPolicy, ...policy };
};
