/**
 * Sentences for people about what is told, in English and German: `summaryMap` of every activity.
 *
 * Names are data: never read as ICU syntax, escaped as HTML, cleaned of what cannot be seen or turns text around, cut. A person
 * or a title is never invented: where nobody is known to have acted the sentence is passive.
 */

import messageFormat, { type MessageFunction } from "@messageformat/core";
import type { Automatic, LocalTime, Party, View } from "../contract/view.ts";
import type { SystemId } from "../contract/words.ts";
import { escaped, short, unescaped } from "./clean.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import { isKind, type Kind, type Language } from "./kinds.ts";

export { clean } from "./clean.ts";
export { isKind, kinds } from "./kinds.ts";

/** The languages spoken. */
export const languages = { en, de } as const;

/** A language's tag. */
export type Tag = keyof typeof languages;

/** What a sentence is about. All text is taken as it comes and made fit here. */
export interface SentenceFacts {
  /** Who acted; absent: nobody is known to have. */
  readonly actor?: Party | undefined;
  /** What it is about: gives title, kind of thing, start, place, number of attachments, and whether a machine wrote it. */
  readonly view?: View;
  /** Where it was seen. Named by no sentence so far. */
  readonly system?: SystemId;
  /** Names of collections, as people know them. */
  readonly origin?: string;
  readonly target?: string;
  readonly flag?: string;
  /** Who was invited, joined or left. */
  readonly party?: Party;
  /** What changed: names of fields. */
  readonly fields?: readonly string[];
  readonly emoji?: string;
  /** Which occurrence of a series, by the time it would have had; `future`: and all that follow. */
  readonly occurrence?: { readonly id: LocalTime; readonly future?: true };
  /** IANA time zone to give times in; default the event's own, else UTC, also where it is not known. */
  readonly zone?: string;
}

/** Longest sentence, UTF-16 units, as HTML as well as text. */
export const longest = 300;

/** Units each part may take; the longest sentence with all of them at their limit stays within {@link longest}. */
const limits = { name: 96, person: 52, place: 44, flag: 32, emoji: 24, field: 22, sort: 12 } as const;

/** Fields named before "and n more". */
const mostFields = 3;

/**
 * The sentences of one activity as AS2 wants them: HTML, in which only `&`, `<` and `>` of names are escaped. At most 300
 * units each. A kind without a sentence of its own is told as `generic.updated`.
 */
export const summaryMap = (kind: string, told: SentenceFacts): { readonly [tag in Tag]: string } => {
  const facts = factsOf(kind, told);
  return { en: format(kind, told, facts, "en"), de: format(kind, told, facts, "de") };
};

/** One sentence as plain text, for terminals and logs. */
export const sentence = (kind: string, told: SentenceFacts, tag: Tag): string =>
  unescaped(format(kind, told, factsOf(kind, told), tag));

/** The plain text of one entry of a `summaryMap`. */
export const textOfSummary = (summary: string): string => unescaped(summary);

type Message = MessageFunction<"string">;

// Its types describe an ES module; what Node loads is CommonJS, and the class itself.
const MessageFormat = messageFormat as unknown as typeof messageFormat.default;

/** Compiled to functions: every activity is told in each language, and an interpreter would take three times as long. */
const compiled: { readonly [tag in Tag]: Map<Kind, Message> } = { en: new Map(), de: new Map() };

const messageOf = (tag: Tag, kind: Kind): Message => {
  const known = compiled[tag].get(kind);
  if (known) return known;
  const { sentences, locale } = languages[tag];
  const message = new MessageFormat(locale).compile(sentences[kind]);
  compiled[tag].set(kind, message);
  return message;
};

type Arguments = Readonly<Record<string, string | number>>;

const format = (kind: string, told: SentenceFacts, facts: Arguments, tag: Tag): string =>
  messageOf(tag, isKind(kind) ? kind : "generic.updated")({ ...facts, ...wordsOf(kind, told, languages[tag]) });

const text = (value: string, most: number): string => escaped(short(value, most));

/** Present and not empty once cleaned: `[has, value]` for the messages. */
const part = (value: string | undefined, most: number): readonly ["yes" | "no", string] => {
  const fit = value === undefined ? "" : text(value, most);
  return [fit === "" ? "no" : "yes", fit];
};

/** A name, or the address without its scheme; a bare UUID is nobody people know. */
const partyPart = (party: Party | undefined): readonly ["yes" | "no", string] => {
  const named = part(party?.name, limits.person);
  if (named[0] === "yes") return named;
  return part(party?.id.startsWith("urn:uuid:") ? "" : party?.id.replace(/^(?:mailto|acct):/, ""), limits.person);
};

const types: { readonly [type in View["type"]]: string } = {
  Note: "message",
  Event: "event",
  Task: "task",
  Person: "person",
  Group: "group",
  Organization: "organization",
};

/** ICU's select takes letters only. */
const automatics: { readonly [automatic in Automatic]: string } = {
  list: "list",
  bounce: "bounce",
  "auto-reply": "autoreply",
  receipt: "receipt",
  bot: "bot",
};

/** Kinds that are told of something without a view. */
const nouns = new Set(["event", "task", "person", "group"]);

/** The arguments that are the same in every language. */
const factsOf = (kind: string, told: SentenceFacts): Arguments => {
  const { view } = told;
  const [named, name] = part(view?.name, limits.name);
  const noun = kind.slice(0, kind.indexOf("."));
  const type = view ? types[view.type] : nouns.has(noun) ? noun : "message";
  const titled = type === "message" || type === "event" || type === "task";
  const [acted, actor] = partyPart(told.actor);
  const [hasOrigin, origin] = part(told.origin, limits.place);
  const [hasTarget, target] = part(told.target, limits.place);
  const [hasParty, party] = partyPart(told.party);
  const [hasEmoji, emoji] = part(told.emoji, limits.emoji);
  const planned = view?.type === "Event" || view?.type === "Task" ? view : undefined;
  const [hasLocation, location] = part(planned?.location, limits.place);
  const attachments = view?.type === "Note" ? (view.attachment?.length ?? 0) : 0;
  const automatic = view?.type === "Note" && view.automatic ? automatics[view.automatic] : "no";
  const thing = named === "no" ? type : titled ? "named" : "who";
  const has = { acted, hasOrigin, hasTarget, hasParty, hasEmoji, hasLocation };
  return { thing, name, actor, origin, target, party, emoji, location, attachments, automatic, ...has };
};

/** The arguments that are words of a language themselves. */
const wordsOf = (kind: string, told: SentenceFacts, language: Language): Arguments => {
  const planned = told.view?.type === "Event" || told.view?.type === "Task" ? told.view : undefined;
  const zone = told.zone ?? planned?.timezone;
  const { occurrence } = told;
  // Which occurrence it is says when it is, unless that is the news.
  const timed = occurrence === undefined || kind === "event.rescheduled" || kind === "event.proposed" ? planned : undefined;
  const start = timed ? timeOf(timed.startTime, timed.start, zone, language) : "";
  const due = timed ? timeOf(timed.endTime, timed.end, zone, language) : "";
  // What a message or event is called is its title; a person's name is their name.
  const titled = told.view === undefined || told.view.type === "Note" || planned !== undefined;
  const fields = fieldsOf(
    (told.fields ?? []).map((field) => (titled && field === "name" ? "subject" : field)),
    language,
  );
  return {
    hasStart: start === "" ? "no" : "yes",
    start,
    hasDue: due === "" ? "no" : "yes",
    due,
    occurrence: occurrence === undefined ? "no" : occurrence.future ? "future" : "one",
    occurred: occurrence === undefined ? "" : localOf(occurrence.id, language),
    hasFields: fields === "" ? "no" : "yes",
    fields,
    flag: told.flag === undefined ? "…" : flagOf(told.flag, language),
  };
};

const own = <K extends string>(words: { readonly [key in K]: string }, key: string): string | undefined =>
  Object.hasOwn(words, key) ? words[key as K] : undefined;

const flagOf = (flag: string, language: Language): string =>
  own(language.flags, flag.toLowerCase().replace(/^[$\\]/, "")) ?? language.quoted(text(flag, limits.flag) || "…");

/** `tel.work`: the phone number (work). A field without a word is called as its source calls it. */
const fieldOf = (field: string, language: Language): string => {
  const [name = "", sort, ...more] = field.split(".");
  const word = own(language.fields, field) ?? own(language.fields, name);
  if (word === undefined) return text(field, limits.field);
  if (sort === undefined || more.length > 1) return word;
  // Of two sorts the first that has a word.
  const said = [sort, ...more].find((one) => own(language.sorts, one) !== undefined) ?? sort;
  return `${word} (${own(language.sorts, said) ?? text(said, limits.sort)})`;
};

const lists = new Map<string, Intl.ListFormat>();

const fieldsOf = (fields: readonly string[], language: Language): string => {
  if (fields.length === 0) return "";
  const labels = [...new Set(fields.map((field) => fieldOf(field, language)))].filter((label) => label !== "");
  const shown = labels.length > mostFields ? [...labels.slice(0, mostFields), language.more(labels.length - mostFields)] : labels;
  const list = lists.get(language.locale) ?? new Intl.ListFormat(language.locale, { type: "conjunction" });
  lists.set(language.locale, list);
  return list.format(shown);
};

const clocks = new Map<string, Intl.DateTimeFormat>();

/** A day, or what is no time but for its date. */
const isDay = (local: LocalTime): boolean => /^\d{4}-\d{2}-\d{2}$/.test(local);

/** Weekday, date, time and zone, of a day the date alone; empty for what is no time. */
const timeOf = (
  time: string | undefined,
  local: LocalTime | undefined,
  zone: string | undefined,
  { locale }: Language,
): string => {
  if (local !== undefined && isDay(local)) return localOf(local, { locale });
  const at = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(at) ? "" : clockOf(locale, zone ?? "UTC", "zoned").format(at);
};

/** A time as a calendar keeps it, in whatever zone that is; a day without a time. */
const localOf = (local: LocalTime, { locale }: Pick<Language, "locale">): string => {
  const day = isDay(local);
  const at = Date.parse(day ? `${local}T00:00:00Z` : local.endsWith("Z") ? local : `${local}Z`);
  return Number.isNaN(at) ? "" : clockOf(locale, "UTC", day ? "day" : "local").format(at);
};

type Shape = "zoned" | "local" | "day";

const clockOf = (locale: string, zone: string, shape: Shape): Intl.DateTimeFormat => {
  const key = `${locale} ${zone} ${shape}`;
  const known = clocks.get(key);
  if (known) return known;
  // There are some 600 zones; more keys than that are somebody's mistakes.
  if (clocks.size > 2_000) clocks.clear();
  const clock = newClock(locale, zone, shape);
  clocks.set(key, clock);
  return clock;
};

const date = { weekday: "short", day: "numeric", month: "short", year: "numeric" } as const;
const time = { ...date, hour: "2-digit", minute: "2-digit" } as const;
const shapes = { zoned: { ...time, timeZoneName: "short" }, local: time, day: date } as const satisfies {
  readonly [shape in Shape]: Intl.DateTimeFormatOptions;
};

const newClock = (locale: string, zone: string, shape: Shape): Intl.DateTimeFormat => {
  try {
    return new Intl.DateTimeFormat(locale, { ...shapes[shape], timeZone: zone });
  } catch {
    return new Intl.DateTimeFormat(locale, { ...shapes[shape], timeZone: "UTC" });
  }
};
