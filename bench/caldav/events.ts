/** Calendars as people have them, written straight into a server's folder: a PUT takes it a tenth of a second. */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Random } from "../../test/simulation/random.ts";

/** Europe/Berlin as a calendar carries it. */
export const berlin: readonly string[] = [
  "BEGIN:VTIMEZONE",
  "TZID:Europe/Berlin",
  "BEGIN:DAYLIGHT",
  "TZOFFSETFROM:+0100",
  "TZOFFSETTO:+0200",
  "TZNAME:CEST",
  "DTSTART:19700329T020000",
  "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
  "END:DAYLIGHT",
  "BEGIN:STANDARD",
  "TZOFFSETFROM:+0200",
  "TZOFFSETTO:+0100",
  "TZNAME:CET",
  "DTSTART:19701025T030000",
  "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
  "END:STANDARD",
  "END:VTIMEZONE",
];
const people = ["ada", "bob", "jürgen", "zoë", "priya", "łukasz"];
const topics = ["Review", "Planning", "Übergabe", "Retrospective", "Interview", "Jour fixe", "Server maintenance"];

/** Two digits. */
export const two = (n: number): string => String(n).padStart(2, "0");

/** The n-th event of a calendar; `version` makes another one of it. */
export const eventText = (n: number, version = 0): string => {
  const random = new Random(n + 1);
  const [month, day, hour] = [1 + random.int(12), 1 + random.int(28), 7 + random.int(10)];
  const date = `2026${two(month)}${two(day)}`;
  const kind = random.int(10);
  const times =
    kind === 0
      ? [`DTSTART;VALUE=DATE:${date}`]
      : kind < 3
        ? [`DTSTART:${date}T${two(hour)}0000Z`, `DTEND:${date}T${two(hour + 1)}0000Z`]
        : [`DTSTART;TZID=Europe/Berlin:${date}T${two(hour)}0000`, `DTEND;TZID=Europe/Berlin:${date}T${two(hour)}4500`];
  const series = kind === 9 ? ["RRULE:FREQ=WEEKLY;COUNT=20", `EXDATE;TZID=Europe/Berlin:${date}T${two(hour)}0000`] : [];
  const invited =
    kind > 5
      ? [
          "ORGANIZER;CN=Ada:mailto:ada@example.org",
          ...people
            .slice(1, 2 + random.int(people.length - 1))
            .map((name, at) => `ATTENDEE;CN=${name};PARTSTAT=${at % 2 ? "ACCEPTED" : "NEEDS-ACTION"}:mailto:p${at}@example.org`),
        ]
      : [];
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Example//Calendar 1//EN",
    ...(kind < 3 ? [] : berlin),
    "BEGIN:VEVENT",
    `UID:event-${n}@example.org`,
    `DTSTAMP:2026010${1 + (version % 9)}T080000Z`,
    `SUMMARY:${topics[n % topics.length]} ${n}${version > 0 ? ` (${version})` : ""}`,
    ...times,
    ...series,
    ...invited,
    `LOCATION:Room ${random.int(40)}`,
    `DESCRIPTION:What we talk about\\, in short: ${topics.map((topic) => topic.toLowerCase()).join("\\, ")}.`,
    `SEQUENCE:${version}`,
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    "TRIGGER:-PT15M",
    "DESCRIPTION:Soon",
    "END:VALARM",
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  return `${lines.join("\r\n")}\r\n`;
};

/** The file of the n-th event in a calendar's folder. */
export const eventFile = (n: number): string => `event-${String(n).padStart(6, "0")}.ics`;

/** Writes this many into a calendar's folder. */
export const fillCalendar = async (folder: string, count: number): Promise<void> => {
  await mkdir(folder, { recursive: true });
  for (let n = 0; n < count; n += 1) await writeFile(join(folder, eventFile(n)), eventText(n));
};
