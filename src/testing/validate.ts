/**
 * Whether a document is what we promise: valid AS2, complete for its type, and with nothing in it that must not go out.
 * Pure. The rules per type are those of the table "What is told"; numbers are sections of AS2 Core and ActivityPub (AP).
 */

import { as2 } from "../activity/context.ts";
import type { ActivityType } from "../activity/types.ts";

type Json = Readonly<Record<string, unknown>>;

/** What an activity of a type must have. `whole`: embedded with id and type; `thing`: id or embedded with id; `inner`: embedded, may lack an id. */
interface Rule {
  readonly object: "whole" | "thing" | "inner" | "tombstone";
  readonly needs: readonly ("target" | "origin" | "target or origin" | "content" | "groupstream:changed")[];
}

/** Every type that is told. */
const rules: Readonly<Record<ActivityType, Rule>> = {
  Create: { object: "whole", needs: [] },
  Update: { object: "whole", needs: ["groupstream:changed"] },
  Delete: { object: "tombstone", needs: [] },
  Move: { object: "thing", needs: ["target", "origin"] },
  Add: { object: "thing", needs: ["target"] },
  Remove: { object: "thing", needs: ["target or origin"] },
  Announce: { object: "thing", needs: [] },
  Like: { object: "thing", needs: [] },
  EmojiReact: { object: "thing", needs: ["content"] },
  Undo: { object: "inner", needs: [] },
  Invite: { object: "thing", needs: ["target"] },
  Accept: { object: "thing", needs: [] },
  TentativeAccept: { object: "thing", needs: [] },
  Reject: { object: "thing", needs: [] },
  Offer: { object: "thing", needs: [] },
  Read: { object: "thing", needs: [] },
  Leave: { object: "thing", needs: [] },
};

/** Properties that name things: an IRI, an object, or several (4.1). */
const references = new Set([
  "actor",
  "object",
  "target",
  "origin",
  "instrument",
  "to",
  "cc",
  "audience",
  "attributedTo",
  "inReplyTo",
  "context",
  "url",
  "href",
  "attachment",
  "location",
]);
const times = new Set(["published", "updated", "deleted", "startTime", "endTime", "closed"]);
const languageMaps = new Set(["nameMap", "contentMap", "summaryMap"]);
const texts = new Set(["name", "content", "summary", "mediaType"]);

/** Deep enough for anything we write; what is deeper was not written by us. */
const deepest = 32;

/**
 * Every problem of a document, one sentence each with the path it is at and never its content; empty: it may go out.
 * Never throws, whatever it is given. Takes a complete activity as it is logged and delivered.
 */
export const problemsOf = (document: unknown): readonly string[] => {
  if (!isObject(document)) return ["the document is no JSON object"];
  const problems: string[] = [];
  const say = (path: string, problem: string): void => void problems.push(`${path || "the document"} ${problem}`);
  contextRules(document, say);
  activityRules(document, say);
  walk(document, "", 0, say);
  return problems;
};

type Say = (path: string, problem: string) => void;

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
const typesOf = (value: Json): readonly unknown[] => listOf(value.type);
const at = (path: string, key: string): string => (path ? `${path}.${key}` : key).slice(0, 200);

/** 2.1: the AS2 address is there; nothing else would have to be fetched, and `groupstream:` stays an absolute IRI. */
const contextRules = (document: Json, say: Say): void => {
  if (Object.keys(document)[0] !== "@context") say("@context", "must come first");
  const entries = listOf(document["@context"]);
  if (!entries.includes(as2)) say("@context", `must contain ${as2}`);
  for (const entry of entries) {
    if (entry === as2) continue;
    if (!isObject(entry)) say("@context", "names a remote context other than AS2");
    else inlineRules(entry, say, 0);
  }
};

const inlineRules = (entry: Json, say: Say, depth: number): void => {
  for (const [term, definition] of Object.entries(entry)) {
    if (term === "@import") say("@context", "imports a remote context");
    if (term === "groupstream") say("@context", "defines groupstream as a prefix");
    if (term === "@context" && listOf(definition).some((one) => typeof one === "string"))
      say("@context", "names a remote context in a term");
    for (const one of listOf(definition)) if (isObject(one) && depth < 4) inlineRules(one, say, depth + 1);
  }
};

const activityRules = (document: Json, say: Say): void => {
  if (!isIri(document.id)) say("id", "must be an absolute IRI");
  const [type] = typesOf(document);
  const rule = typeof type === "string" && Object.hasOwn(rules, type) ? rules[type as ActivityType] : undefined;
  if (!rule) {
    say("type", "is no activity that is told");
    return;
  }
  if (listOf(document.actor).length !== 1 || !hasId(document.actor)) say("actor", "must be one actor with an id");
  objectRules(rule.object, document.object, say);
  for (const need of rule.needs) {
    const there =
      need === "target or origin" ? document.target !== undefined || document.origin !== undefined : document[need] !== undefined;
    if (!there) say(need, "is missing");
  }
  const changed = document["groupstream:changed"];
  if (
    changed !== undefined &&
    !(Array.isArray(changed) && changed.length > 0 && changed.every((field) => typeof field === "string"))
  ) {
    say("groupstream:changed", "must be a list of field names");
  }
};

const hasId = (value: unknown): boolean => isIri(value) || (isObject(value) && isIri(value.id));

const objectRules = (rule: Rule["object"], object: unknown, say: Say): void => {
  if (!hasId(object) && !(rule === "inner" && isObject(object))) {
    say("object", "must be one thing with an id");
    return;
  }
  if (rule === "whole" && !isObject(object)) say("object", "must be embedded in full");
  if (rule === "tombstone" && !(isObject(object) && typesOf(object).includes("Tombstone") && object.formerType !== undefined)) {
    say("object", "must be a Tombstone with formerType");
  }
};

const walk = (value: Json, path: string, depth: number, say: Say): void => {
  if (depth > deepest) {
    say(path, `is nested deeper than ${deepest}`);
    return;
  }
  for (const [key, field] of Object.entries(value)) {
    const here = at(path, key);
    if (key === "bcc" || key === "bto") say(here, "must not go out (AP 6)");
    if (depth > 0 && key === "@context") say(here, "belongs to the document");
    if (key === "@context" && depth === 0) continue;
    if (times.has(key) && !listOf(field).every(isTime)) say(here, "must be an RFC 3339 time with a zone (2.3)");
    if (references.has(key) && !listOf(field).every(isReference)) say(here, "must name things by absolute IRIs");
    if (texts.has(key) && field !== null && typeof field !== "string") say(here, "must be a string");
    if (languageMaps.has(key) && !isLanguageMap(field)) say(here, "must map language tags to strings (4.7)");
    if (key === "id" && depth > 0 && !isIri(field)) say(here, "must be an absolute IRI");
    if (key === "type" && !isTypes(field)) say(here, "must be a type's name, or several");
    plainRules(field, here, depth, say);
  }
  if (typesOf(value).includes("Link") && value.href === undefined) say(at(path, "href"), "is missing");
};

/** Plain JSON without `undefined`, `null` and NUL, so that what is stored, signed and sent is the same. */
const plainRules = (field: unknown, path: string, depth: number, say: Say): void => {
  if (field === undefined || field === null) {
    say(path, `must not be ${field}`);
    return;
  }
  if (typeof field === "string") {
    if (field.includes("\0")) say(path, "contains NUL");
    if (!field.isWellFormed()) say(path, "contains half a character (lone surrogate)");
  } else if (typeof field === "number") {
    if (!Number.isFinite(field)) say(path, "is no JSON number");
  } else if (Array.isArray(field)) {
    if (depth > deepest) {
      say(path, `is nested deeper than ${deepest}`);
      return;
    }
    for (const one of field) plainRules(one, path, depth + 1, say);
  } else if (isObject(field)) {
    const prototype: unknown = Object.getPrototypeOf(field);
    if (prototype !== Object.prototype && prototype !== null) {
      say(path, "is no plain JSON");
      return;
    }
    walk(field, path, depth + 1, say);
  } else if (typeof field !== "boolean") {
    say(path, "is no plain JSON");
  }
};

/** RFC 3987 roughly: a scheme, something behind it, nothing that ends an IRI; stricter where the scheme is known. */
const isIri = (value: unknown): boolean => {
  if (typeof value !== "string" || !/^[a-z][a-z0-9+.-]*:[^\s<>"{}|\\^`\0-\x20\x7f]+$/i.test(value)) return false;
  if (/^https?:/i.test(value)) return URL.canParse(value);
  if (/^urn:uuid:/i.test(value)) return /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
  return true;
};

const isReference = (value: unknown): boolean => isIri(value) || isObject(value);

/** 2.3: `T`, a zone, seconds may be missing; a date that exists. */
const isTime = (value: unknown): boolean => {
  const parts =
    typeof value === "string"
      ? /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d(:([0-5]\d|60)(\.\d+)?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/.exec(value)
      : null;
  if (!parts) return false;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  if (month < 1 || month > 12 || day < 1) return false;
  // The calendar repeats every 400 years; Date.UTC would take the years 0 to 99 for 1900 to 1999.
  return day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
};

const isTypes = (value: unknown): boolean =>
  listOf(value).length > 0 && listOf(value).every((type) => typeof type === "string" && type !== "");

const isLanguageMap = (value: unknown): boolean =>
  isObject(value) &&
  Object.keys(value).length > 0 &&
  Object.entries(value).every(([tag, text]) => /^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i.test(tag) && typeof text === "string");
