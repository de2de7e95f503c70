/**
 * Calendar objects: our reader and ical.js by itself, on ordinary ones and on those servers and people really make.
 *
 *     node --conditions=groupstream:source bench/peers/icalendar.ts
 */

import { readCalendars } from "groupstream/protocol/icalendar";
import ICAL from "ical.js";
import { writeCalendar } from "../../src/protocol/icalendar/write.ts";
import { eventText } from "../caldav/events.ts";
import { cost, outcome, table } from "./peers.ts";

const objects = Array.from({ length: 1_000 }, (_, n) => eventText(n));
const bytes = objects.map((text) => Buffer.from(text));
console.log(
  `${objects.length} events of ${Math.round(objects.join("").length / objects.length)} characters, with zones and alarms`,
);
table(
  ["", "ms"],
  [
    ["ours, from bytes", cost(() => bytes.map((text) => readCalendars(text))).toFixed(0)],
    ["ours, from strings", cost(() => objects.map((text) => readCalendars(text))).toFixed(0)],
    ["ical.js: ICAL.parse", cost(() => objects.map((text) => ICAL.parse(text))).toFixed(0)],
    ["ical.js, bytes decoded first", cost(() => bytes.map((text) => ICAL.parse(text.toString("utf8")))).toFixed(0)],
  ],
);

const lines = (...inner: readonly string[]): string =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:1", ...inner, "SUMMARY:Tea", "END:VEVENT", "END:VCALENDAR", ""].join(
    "\r\n",
  );
const plain = lines();
const split = Buffer.from(lines().replace("Tea", "Tü"), "utf8").toString("latin1").replace("\xc3\xbc", "\xc3\r\n \xbc");

/** How it is called, what it is, and what should be read as SUMMARY; undefined: nothing at all. */
const awkward: readonly (readonly [string, string | Uint8Array, string?])[] = [
  ["byte order mark", `\ufeff${plain}`, "Tea"],
  ["bare CR", plain.replaceAll("\r\n", "\r"), "Tea"],
  ["bare LF", plain.replaceAll("\r\n", "\n"), "Tea"],
  ["doubled line breaks in a fold", lines().replace("SUMMARY:Tea", "SUMMARY:T\r\n\r\n ea"), "Tea"],
  ["control characters", plain.replace("Tea", "T\0e\x07a"), "Tea"],
  ["lower case", plain.toLowerCase().replace("tea", "Tea"), "Tea"],
  ["a character split by a fold", Buffer.from(split, "latin1"), "Tü"],
  ["Latin-1", Buffer.from(lines().replace("Tea", "Tü"), "latin1"), "Tü"],
  ["UTF-16", Buffer.from(`\ufeff${lines().replace("Tea", "Tü")}`, "utf16le"), "Tü"],
  ["a line that is no property", lines("nonsense"), "Tea"],
  ["a parameter that never ends", lines('X-A;B="c:1'), "Tea"],
  ["a date that is none", lines("DTSTART:yesterday"), "Tea"],
  ["the 30th of February", lines("DTEND:20260230T250000"), "Tea"],
  ["a rule in lower case", lines("rrule:freq=daily"), "Tea"],
  ["a rule of no frequency", lines("RRULE:FREQ=SECRET"), "Tea"],
  ["COUNT=0", lines("RRULE:FREQ=DAILY;COUNT=0"), "Tea"],
  ["a property called constructor", lines("CONSTRUCTOR:1"), "Tea"],
  ["no END:VEVENT", plain.replace("END:VEVENT\r\n", ""), "Tea"],
  ["no END at all", plain.replace(/END:VEVENT[\s\S]*/, ""), "Tea"],
  ["an END too many", plain.replace("END:VEVENT", "END:VEVENT\r\nEND:VEVENT"), "Tea"],
  ["two calendars, one after the other", plain + plain, "Tea Tea"],
  ["HTML", "<html></html>"],
  ["nothing", ""],
];

interface Component {
  getAllSubcomponents(name: string): readonly Component[];
  getFirstPropertyValue(name: string): unknown;
}
const summaries = (calendars: readonly Component[]): string =>
  calendars
    .flatMap((calendar) => calendar.getAllSubcomponents("vevent").map((event) => event.getFirstPropertyValue("summary")))
    .join(" ");
const byIcal = (data: string | Uint8Array): string => {
  const parsed = ICAL.parse(typeof data === "string" ? data : new TextDecoder().decode(data)) as unknown[];
  const all = (Array.isArray(parsed[0]) ? parsed : [parsed]) as unknown[][];
  return summaries(all.map((one) => new ICAL.Component(one)) as readonly Component[]);
};
const judged = (read: () => string, wanted: string | undefined): string => {
  const got = outcome(read);
  if (wanted === undefined) return got.startsWith("throws") ? "refused" : `gives ${JSON.stringify(got)}`;
  return got === wanted ? "read" : got.startsWith("throws") ? got : `gives ${JSON.stringify(got)}`;
};
console.log();
table(
  ["", "ours", "problems named", "ical.js"],
  awkward.map(([name, data, wanted]) => [
    name,
    judged(() => summaries(readCalendars(data).calendars), wanted),
    outcome(() => readCalendars(data).problems.length).replace(/^throws.*/, "–"),
    judged(() => byIcal(data), wanted),
  ]),
);

/** Dates and rules that are none: what a reader of the component is then given. */
console.log();
for (const line of ["DTSTART:yesterday", "DTEND:20260230T250000", "RRULE:FREQ=DAILY;COUNT=0"]) {
  const [name = ""] = line.split(":");
  const given = (): unknown => (ICAL.parse(lines(line))[2][0][1] as unknown[][]).find(([key]) => key === name.toLowerCase())?.[3];
  console.log(`ical.js gives ${line} as ${outcome(() => JSON.stringify(given()))}`);
}

console.log();
const hostile: Readonly<Record<string, string>> = {
  "100,000 components inside of each other": `BEGIN:VCALENDAR\r\n${"BEGIN:X\r\n".repeat(100_000)}`,
  "10 MB of folds": lines(`DESCRIPTION:${`${"x".repeat(73)}\r\n `.repeat(137_000)}`),
  "100,000 parameters": lines(`X;${"A=1;".repeat(100_000)}B=1:x`),
  "400,000 parameters": lines(`X;${"A=1;".repeat(400_000)}B=1:x`),
};
table(
  ["ms for", "ours", "ical.js"],
  Object.entries(hostile).map(([name, text]) => {
    const spent = (read: () => unknown): string => {
      let end = "";
      const taken = cost(() => {
        end = outcome(() => void read());
      }, 1);
      return `${taken.toFixed(0)}${end.startsWith("throws") ? ` (${end})` : ""}`;
    };
    return [name, spent(() => readCalendars(text)), spent(() => ICAL.parse(text))];
  }),
);

console.log();
/** What is written again: the lines that differ, unfolded, of 1,000 events and of one with what strangers put in. */
const unfolded = (text: string): string[] => text.replace(/\r\n[ \t]/g, "").split("\r\n");
const odd = lines(
  "DTSTART;TZID=Europe/Berlin:20260105T090000",
  "EXDATE;VALUE=DATE:20260112,20260119",
  "RDATE;VALUE=PERIOD:20260201T100000Z/PT3H",
  "GEO:48.85;2.35",
  "CATEGORIES:one,two",
  "X-PLAIN;X-P=a:b\\,c\\;d\\\\e",
  "ATTACH;ENCODING=BASE64;VALUE=BINARY:AAAA",
  "TRIGGER;VALUE=DATE-TIME:20260105T080000Z",
);
const changed = (write: (text: string) => string, texts: readonly string[]): number =>
  texts.filter((text) => unfolded(write(text)).join("\n") !== unfolded(text).join("\n")).length;
const ours = (text: string): string => writeCalendar(readCalendars(text).calendars[0]!);
const theirs = (text: string): string => ICAL.stringify(ICAL.parse(text));
const octets = (text: string): number => Math.max(...text.split("\r\n").map((line) => Buffer.byteLength(line)));
const wide = lines(`DESCRIPTION:${"ü".repeat(200)}`);
table(
  ["written again", "ours", "ical.js"],
  [
    ["otherwise, of 1,000 events", changed(ours, objects), changed(theirs, objects)],
    ["otherwise, of one with odd lines", changed(ours, [odd]), changed(theirs, [odd])],
    ["octets of the longest line (75 at most)", octets(ours(wide)), octets(theirs(wide))],
  ],
);
const differing = unfolded(odd).filter((line) => !unfolded(theirs(odd)).includes(line));
if (differing.length > 0) console.log(`ical.js writes otherwise: ${differing.join(" · ")}`);
