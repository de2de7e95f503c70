/** What a hub's functions may be called with: a table, so that a wrong value is one sentence and never half an effect. Pure. */

import * as v from "valibot";
import { askedVerbs } from "../activity/types.ts";
import { GroupstreamError } from "../contract/errors.ts";
import { isPlain, mistakesIn, optionsOf, plainObject } from "../contract/schema.ts";

/** One sentence for the value as a whole, whatever is wrong inside. */
const whole = (schema: v.GenericSchema, message: string): v.GenericSchema => v.custom((value) => v.is(schema, value), message);

const notEmpty = "must be a text that is not empty";
const text = v.message(v.pipe(v.string(), v.nonEmpty()), notEmpty);
const texts = v.array(text, "must be a list of texts");
const flag = v.boolean("must be true or false");
const count = v.message(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), "must be a whole number, 0 or more");
const time = v.message(v.pipe(v.number(), v.finite()), "must be a time in milliseconds");
const signal = whole(v.object({ aborted: v.boolean(), addEventListener: v.function() }), "must be an AbortSignal");
const request = whole(v.object({ url: text, method: text, headers: v.custom(isPlain) }), "must be a Request");

const verb = v.picklist(askedVerbs, `must be one of ${askedVerbs.join(", ")}`);
const actor = v.message(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9+.-]*:./i)), "must be an id such as mailto:ada@example.org");
const parties = v.array(v.object({ id: actor }, 'must be { id: "mailto:…" }'), 'must be a list of { id: "mailto:…" }');
const attendees = v.array(
  v.message(v.object({ id: actor, answer: v.string() }), 'must be { id: "mailto:…", answer: "none" }'),
  'must be a list of { id: "mailto:…", answer: "none" }',
);

const string = v.string("must be a text");
/** Fields with one schema each. */
const each = <Schema extends v.GenericSchema>(names: readonly string[], schema: Schema): Readonly<Record<string, Schema>> =>
  Object.fromEntries(names.map((name) => [name, schema]));

const note = v.object({
  ...each(["name", "text", "content", "inReplyTo"], v.optional(string)),
  ...each(["to", "cc", "bcc"], v.optional(parties)),
});
const plannedTexts = ["name", "text", "location", "status", "classification", "startTime", "endTime", "start", "end", "timezone"];
const planned = v.object({
  ...each(["content", "completed", ...plannedTexts], v.optional(string)),
  attendees: v.optional(attendees),
  recurrence: v.optional(plainObject("must be an object")),
});
const contactLists = ["address", "members", "labels"];
const contact = v.object({
  name: v.optional(string),
  ...each(contactLists, v.optional(texts)),
  fields: v.optional(v.record(v.string(), v.optional(string), "must be texts by their names")),
});
/** What is made, by its type. */
const things: ReadonlyMap<unknown, v.GenericSchema> = new Map<unknown, v.GenericSchema>([
  ["Note", note],
  ["Event", planned],
  ["Task", planned],
  ["Person", contact],
  ["Group", contact],
  ["Organization", contact],
]);
const noThing = v.object({ type: v.picklist([...things.keys()] as string[]) });
const object = v.message(
  v.lazy((value) => (typeof value === "string" ? text : (things.get(isPlain(value) && value.type) ?? noThing))),
  `must be an id or a thing to be made: its type is one of ${[...things.keys()].join(", ")}`,
);

/** A change of a contact names its own fields, any other is one of a meeting or task. What is `null` is taken away. */
const ofContact = (value: unknown): boolean =>
  isPlain(value) && ["fields", ...contactLists].some((name) => value[name] !== undefined);
const noChange = "must be an object of what is to be otherwise";
const plannedChange = optionsOf(
  {
    ...each([...plannedTexts, "completed"], v.nullable(string)),
    attendees: v.nullable(attendees),
    ...each(["recurrence", "progress", "priority"], v.unknown()),
  },
  [],
  noChange,
);
const profileChange = optionsOf(
  {
    name: v.nullable(string),
    ...each(contactLists, v.nullable(texts)),
    fields: v.record(v.string(), v.nullish(string), "must be texts by their names"),
  },
  [],
  noChange,
);

const submission = optionsOf(
  {
    type: verb,
    actor,
    object,
    change: v.lazy((value) => (ofContact(value) ? profileChange : plannedChange)),
    occurrence: whole(
      v.object({ id: v.string(), future: v.optional(v.literal(true)) }),
      'must be { id: "2026-12-10T10:00:00", future: true }',
    ),
    notify: v.literal(true, "must be true"),
    target: text,
    flag: text,
    emoji: text,
    undoes: verb,
    to: parties,
    reach: v.picklist(["author", "everyone"], 'must be "author" or "everyone"'),
  },
  ["type", "actor", "object"],
  "must be an object",
);

const optionsWith = <Name extends string>(
  entries: Readonly<Record<Name, v.GenericSchema>>,
  ...needed: readonly NoInfer<Name>[]
) => optionsOf(entries, needed, "must be an object");
/** Options that may be left out, each of them and all. */
const options = (entries: Readonly<Record<string, v.GenericSchema>>): v.GenericSchema => v.optional(optionsWith(entries));

/** By name of the function: its parameters in order. A function that is not named here takes nothing, or checks for itself. */
const parameters: Readonly<Record<string, Readonly<Record<string, v.GenericSchema>>>> = {
  sync: { options: options({ signal, systems: texts }) },
  run: { options: optionsWith({ signal, onLine: v.function("must be a function") }, "signal") },
  activities: { options: options({ after: count, follow: flag, signal }) },
  reader: { name: text, options: options({ follow: flag, signal }) },
  describe: { system: text, options: options({ signal }) },
  explain: { options: options({ signal }) },
  receive: { system: text, request },
  content: { url: text, options: options({ signal }) },
  submit: { request: submission, options: options({ preview: flag, signal }) },
  remove: { system: text, options: options({ forget: flag }) },
  why: { activity: whole(v.union([text, count]), `${notEmpty}, or a whole number, 0 or more`) },
  deliveries: { options: options({ id: text, states: texts, target: text, seq: count, obstructed: flag, limit: count }) },
  quarantine: { system: v.optional(text) },
  retry: { delivery: text },
  reread: { place: text, key: text },
  release: { place: text, key: text },
  erase: { what: whole(v.union([text, v.object({ object: text })]), `${notEmpty}, or { object: its id }`) },
  prune: { options: optionsWith({ before: time, past: texts }, "before") },
  backup: { path: text },
};

/** Functions that iterate throw at once; all others reject. */
const iterating = new Set(["activities", "reader"]);

/** The same functions, which refuse what they are not meant for before anything is done. Fails: `misconfigured`. */
export const checked = <Functions extends object>(functions: Functions): Functions => {
  const guarded: Record<string, unknown> = {};
  for (const [name, schemas] of Object.entries(parameters)) {
    const work = (functions as Record<string, unknown>)[name] as ((...args: unknown[]) => unknown) | undefined;
    if (!work) continue;
    guarded[name] = (...args: unknown[]): unknown => {
      const mistakes = Object.entries(schemas).flatMap(([parameter, schema], index) =>
        mistakesIn(schema, args[index], parameter),
      );
      if (mistakes.length === 0) return work(...args);
      const error = new GroupstreamError("misconfigured", `hub.${name}: ${mistakes.join("; ")}`, { mistakes });
      if (iterating.has(name)) throw error;
      return Promise.reject(error);
    };
  }
  return { ...functions, ...guarded };
};
