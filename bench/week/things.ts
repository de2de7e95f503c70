/** What stands in the week's calendars, as iCalendar. Pure: equal things are equal texts. */

import { berlin, two } from "../caldav/events.ts";

/** A calendar: its account's system and its name, `anna/Work`. */
export type Place = `${string}/${string}`;

export type PartStat = "NEEDS-ACTION" | "ACCEPTED" | "TENTATIVE" | "DECLINED";

/** Who is asked to a meeting, and what they say. */
export interface Invitation {
  readonly organiser: string;
  readonly answer: PartStat;
}

/** One thing in one calendar. */
export interface Thing {
  /** Its number: the last word of its name, whatever it is called. */
  readonly n: number;
  readonly shape: "utc" | "zoned" | "day" | "series" | "task";
  readonly title: string;
  /** Of the year, from 0; a series is of one occurrence a week. */
  readonly day: number;
  readonly hour: number;
  readonly room?: number;
  readonly sequence: number;
  /** Minutes; of its last change. */
  readonly stamp: number;
  readonly cancelled?: true;
  readonly done?: true;
  /** Occurrences that are left out (EXDATE). */
  readonly without: readonly number[];
  /** Occurrences at another hour, alone or with all that follow (RANGE=THISANDFUTURE). */
  readonly moved: readonly { readonly occurrence: number; readonly hour: number; readonly following: boolean }[];
  readonly invitation?: Invitation;
  /** Its time is none that is believed: it cannot be read. */
  readonly broken: boolean;
}

export const uidOf = (n: number): string => `matter-${n}`;
export const keyOf = (n: number): string => `${uidOf(n)}.ics`;
export const nameOf = ({ title, n }: Pick<Thing, "title" | "n">): string => `${title} ${n}`;
/** The number in a name, or in an English sentence about it. */
export const numberIn = (text: string): number | undefined => {
  const found = /\b(\d+)(?:”|$)/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
};

const dateOf = (day: number): string => new Date(Date.UTC(2027, 0, 4 + day)).toISOString().slice(0, 10).replaceAll("-", "");

const timeOf = ({ shape }: Thing, name: string, day: number, hour: number): string =>
  shape === "day"
    ? `${name};VALUE=DATE:${dateOf(day)}`
    : shape === "utc" || shape === "task"
      ? `${name}:${dateOf(day)}T${two(hour)}0000Z`
      : `${name};TZID=Europe/Berlin:${dateOf(day)}T${two(hour)}0000`;

const stampOf = (minutes: number): string => new Date(Date.UTC(2026, 10, 2, 8, minutes)).toISOString().replace(/[-:]|\.\d+/g, "");

const lastingOf = (shape: Thing["shape"]): string => (shape === "day" ? "DURATION:P1D" : "DURATION:PT1H");

const exception = (thing: Thing, { occurrence, hour, following }: Thing["moved"][number]): readonly string[] => {
  const day = thing.day + 7 * occurrence;
  const named = timeOf(thing, "RECURRENCE-ID", day, thing.hour);
  return [
    "BEGIN:VEVENT",
    `UID:${uidOf(thing.n)}`,
    `DTSTAMP:${stampOf(thing.stamp)}`,
    following ? named.replace("RECURRENCE-ID", "RECURRENCE-ID;RANGE=THISANDFUTURE") : named,
    timeOf(thing, "DTSTART", day, hour),
    lastingOf(thing.shape),
    `SUMMARY:${nameOf(thing)}`,
    "END:VEVENT",
  ];
};

const people = ({ organiser, answer }: Invitation): readonly string[] => [
  `ORGANIZER;CN=Anna:${organiser}`,
  `ATTENDEE;CN=Anna;PARTSTAT=ACCEPTED:${organiser}`,
  `ATTENDEE;CN=Bob;PARTSTAT=${answer}${answer === "NEEDS-ACTION" ? ";RSVP=TRUE" : ""}:mailto:bob@example.org`,
];

const taskLines = (thing: Thing): readonly string[] => [
  timeOf(thing, "DUE", thing.day, thing.hour),
  ...(thing.done ? ["STATUS:COMPLETED", "PERCENT-COMPLETE:100", `COMPLETED:${stampOf(thing.stamp)}`] : ["STATUS:NEEDS-ACTION"]),
];

const eventLines = (thing: Thing): readonly string[] => [
  thing.broken ? "DTSTART:17000101T090000Z" : timeOf(thing, "DTSTART", thing.day, thing.hour),
  lastingOf(thing.shape),
  ...(thing.shape === "series" ? ["RRULE:FREQ=WEEKLY;COUNT=12"] : []),
  ...thing.without.map((occurrence) => timeOf(thing, "EXDATE", thing.day + 7 * occurrence, thing.hour)),
  ...(thing.cancelled ? ["STATUS:CANCELLED"] : []),
  ...(thing.invitation ? people(thing.invitation) : []),
];

/** What somebody reads of a meeting, with Bob's answer in it and nothing else changed. */
export const answeredText = (text: string, answer: PartStat, stamp: number): string =>
  text
    .replace(/\r?\n[ \t]/g, "")
    .replace(/^DTSTAMP:.*$/m, `DTSTAMP:${stampOf(stamp)}`)
    .replace(/^ATTENDEE.*:mailto:bob@.*$/im, (line) =>
      line.replace(/;RSVP=\w+/, "").replace(/PARTSTAT=[\w-]+/, `PARTSTAT=${answer}`),
    );

/** The resource of a thing. */
export const textOf = (thing: Thing): string => {
  const name = thing.shape === "task" ? "VTODO" : "VEVENT";
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Example//Week 1//EN",
    ...(thing.shape === "zoned" || thing.shape === "series" ? berlin : []),
    `BEGIN:${name}`,
    `UID:${uidOf(thing.n)}`,
    `DTSTAMP:${stampOf(thing.stamp)}`,
    `LAST-MODIFIED:${stampOf(thing.stamp)}`,
    `SEQUENCE:${thing.sequence}`,
    `SUMMARY:${nameOf(thing)}`,
    ...(thing.room === undefined ? [] : [`LOCATION:Room ${thing.room}`]),
    ...(thing.shape === "task" ? taskLines(thing) : eventLines(thing)),
    `END:${name}`,
    ...thing.moved.flatMap((one) => exception(thing, one)),
    "END:VCALENDAR",
  ];
  return `${lines.join("\r\n")}\r\n`;
};
