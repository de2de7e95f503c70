/** What a hub's functions may be called with: a table, so that a wrong value is one sentence and never half an effect. Pure. */

import { askedVerbs } from "./activity/types.ts";
import { GroupstreamError } from "./errors.ts";

/** What one value must be. */
interface Rule {
  readonly ok: (value: unknown) => boolean;
  readonly must: string;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;
const isText = (value: unknown): boolean => typeof value === "string" && value !== "";

const text: Rule = { ok: isText, must: "a text that is not empty" };
const texts: Rule = { ok: (value) => Array.isArray(value) && value.every(isText), must: "a list of texts" };
const flag: Rule = { ok: (value) => typeof value === "boolean", must: "true or false" };
const count: Rule = { ok: (value) => Number.isSafeInteger(value) && (value as number) >= 0, must: "a whole number, 0 or more" };
const time: Rule = { ok: Number.isFinite, must: "a time in milliseconds" };
const call: Rule = { ok: (value) => typeof value === "function", must: "a function" };
const signal: Rule = {
  ok: (value) => isObject(value) && typeof value.aborted === "boolean" && typeof value.addEventListener === "function",
  must: "an AbortSignal",
};
const request: Rule = {
  ok: (value) => isObject(value) && isText(value.url) && isText(value.method) && isObject(value.headers),
  must: "a Request",
};
const either = (a: Rule, b: Rule): Rule => ({ ok: (value) => a.ok(value) || b.ok(value), must: `${a.must} or ${b.must}` });

/** A parameter: a value by a rule, or options by their fields. */
type Parameter =
  | { readonly name: string; readonly rule: Rule; readonly optional?: true }
  | { readonly name: string; readonly fields: Readonly<Record<string, Rule>>; readonly needed?: readonly string[] };

const given = (name: string, rule: Rule): Parameter => ({ name, rule });
const options = (fields: Readonly<Record<string, Rule>>, needed?: readonly string[]): Parameter => ({
  name: "options",
  fields,
  ...(needed && { needed }),
});
const object: Rule = { ok: (value) => isObject(value) && isText(value.object), must: "{ object: its id }" };

const verb: Rule = {
  ok: (value) => (askedVerbs as readonly unknown[]).includes(value),
  must: `one of ${askedVerbs.join(", ")}`,
};
const actor: Rule = {
  ok: (value) => typeof value === "string" && /^[a-z][a-z0-9+.-]*:./i.test(value),
  must: "an id such as mailto:ada@example.org",
};
const parties: Rule = {
  ok: (value) => Array.isArray(value) && value.every((one) => isObject(one) && actor.ok(one.id)),
  must: 'a list of { id: "mailto:…" }',
};
const optional = (value: unknown, rule: Rule): boolean => value === undefined || rule.ok(value);
const note: Rule = {
  ok: (value) =>
    isObject(value) &&
    value.type === "Note" &&
    ["name", "text", "content", "inReplyTo"].every((field) =>
      optional(value[field], { ok: (one) => typeof one === "string", must: "" }),
    ) &&
    ["to", "cc", "bcc"].every((field) => optional(value[field], parties)),
  must: 'a Note: { type: "Note", name, text, content, to, cc, bcc, inReplyTo }',
};
const strings = (value: Readonly<Record<string, unknown>>, fields: readonly string[], or?: null): boolean =>
  fields.every((field) => value[field] === undefined || value[field] === or || typeof value[field] === "string");
const plannedTexts = ["name", "text", "location", "status", "classification", "startTime", "endTime", "start", "end", "timezone"];
const attendees: Rule = {
  ok: (value) => parties.ok(value) && (value as { answer?: unknown }[]).every(({ answer }) => typeof answer === "string"),
  must: 'a list of { id: "mailto:…", answer: "none" }',
};
const planned: Rule = {
  ok: (value) =>
    isObject(value) &&
    (value.type === "Event" || value.type === "Task") &&
    strings(value, ["content", "completed", ...plannedTexts]) &&
    optional(value.attendees, attendees) &&
    optional(value.recurrence, { ok: isObject, must: "" }),
  must: 'an Event or a Task: { type: "Event", name, text, start, end, timezone, location, attendees, recurrence }',
};
const contactLists = ["address", "members", "labels"];
/** Fields of a contact: lists of texts, and texts by their names. */
const contactFields = (value: Readonly<Record<string, unknown>>, or?: null): boolean =>
  contactLists.every((field) => value[field] === or || optional(value[field], texts)) &&
  optional(value.fields, { ok: (fields) => isObject(fields) && strings(fields, Object.keys(fields), or), must: "" });
const contact: Rule = {
  ok: (value) =>
    isObject(value) &&
    ["Person", "Group", "Organization"].includes(value.type as string) &&
    strings(value, ["name"]) &&
    contactFields(value),
  must: 'a contact: { type: "Person", name, address, fields, members, labels }',
};
const profileChange: Rule = {
  ok: (value) =>
    isObject(value) &&
    Object.keys(value).every((field) => ["name", "fields", ...contactLists].includes(field)) &&
    strings(value, ["name"], null) &&
    contactFields(value, null),
  must: "{ name, address, fields, members, labels } of a contact",
};
const plannedChange: Rule = {
  ok: (value) =>
    isObject(value) &&
    Object.keys(value).every((field) =>
      [...plannedTexts, "attendees", "recurrence", "completed", "progress", "priority"].includes(field),
    ) &&
    strings(value, [...plannedTexts, "completed"], null) &&
    (value.attendees === null || optional(value.attendees, attendees)),
  must: "an object of what is to be otherwise: { name, text, start, end, timezone, location, status, attendees, recurrence }",
};
const occurrence: Rule = {
  ok: (value) =>
    isObject(value) && typeof value.id === "string" && optional(value.future, { ok: (one) => one === true, must: "" }),
  must: '{ id: "2026-12-10T10:00:00", future: true }',
};
const reach: Rule = { ok: (value) => value === "author" || value === "everyone", must: '"author" or "everyone"' };

/** By name of the function. A function that is not named here takes nothing, or checks for itself. */
const parameters: Readonly<Record<string, readonly Parameter[]>> = {
  sync: [options({ signal, systems: texts })],
  run: [options({ signal, onLine: call }, ["signal"])],
  activities: [options({ after: count, follow: flag, signal })],
  reader: [given("name", text), options({ follow: flag, signal })],
  describe: [given("system", text), options({ signal })],
  explain: [options({ signal })],
  receive: [given("system", text), given("request", request)],
  content: [given("url", text), options({ signal })],
  submit: [
    {
      name: "request",
      fields: {
        type: verb,
        actor,
        object: either(text, either(note, either(planned, contact))),
        change: either(plannedChange, profileChange),
        occurrence,
        notify: { ok: (value) => value === true, must: "true" },
        target: text,
        flag: text,
        emoji: text,
        undoes: verb,
        to: parties,
        reach,
      },
      needed: ["type", "actor", "object"],
    },
    options({ preview: flag, signal }),
  ],
  remove: [given("system", text), options({ forget: flag })],
  why: [given("activity", either(text, count))],
  deliveries: [options({ id: text, states: texts, target: text, seq: count, obstructed: flag, limit: count })],
  quarantine: [{ name: "system", rule: text, optional: true }],
  retry: [given("delivery", text)],
  reread: [given("place", text), given("key", text)],
  release: [given("place", text), given("key", text)],
  erase: [given("what", either(text, object))],
  prune: [options({ before: time, past: texts }, ["before"])],
  backup: [given("path", text)],
};

const mistakesIn = (parameter: Parameter, value: unknown): readonly string[] => {
  if ("rule" in parameter) {
    if (value === undefined && parameter.optional) return [];
    return parameter.rule.ok(value) ? [] : [`${parameter.name} must be ${parameter.rule.must}`];
  }
  if (value === undefined && !parameter.needed) return [];
  if (!isObject(value) || Array.isArray(value)) return [`${parameter.name} must be an object`];
  const unknown = Object.keys(value).filter((name) => !Object.hasOwn(parameter.fields, name));
  const missing = (parameter.needed ?? []).filter((name) => value[name] === undefined);
  return [
    ...unknown.map((name) => `there is no option ${name.slice(0, 40)}`),
    ...missing.map((name) => `${name} is missing: ${parameter.fields[name]?.must}`),
    ...Object.entries(parameter.fields).flatMap(([name, rule]) =>
      value[name] === undefined || rule.ok(value[name]) ? [] : [`${name} must be ${rule.must}`],
    ),
  ];
};

/** Functions that iterate throw at once; all others reject. */
const iterating = new Set(["activities", "reader"]);

/** The same functions, which refuse what they are not meant for before anything is done. Fails: `misconfigured`. */
export const checked = <Functions extends object>(functions: Functions): Functions => {
  const guarded: Record<string, unknown> = {};
  for (const [name, list] of Object.entries(parameters)) {
    const work = (functions as Record<string, unknown>)[name] as ((...args: unknown[]) => unknown) | undefined;
    if (!work) continue;
    guarded[name] = (...args: unknown[]): unknown => {
      const mistakes = list.flatMap((parameter, index) => mistakesIn(parameter, args[index]));
      if (mistakes.length === 0) return work(...args);
      const error = new GroupstreamError("misconfigured", `hub.${name}: ${mistakes.join("; ")}`, { mistakes });
      if (iterating.has(name)) throw error;
      return Promise.reject(error);
    };
  }
  return { ...functions, ...guarded };
};
