/** Meetings and tasks as lines of text for people: when, where, who. Plain text, to be escaped by whoever puts it somewhere. Pure. */

import type { Answer, Attendee, EventView, Party, TaskView, Timed } from "../../contract/view.ts";

/** In which language, and how much. */
export interface PlannedManner {
  /** Default `en`. */
  readonly language?: "en" | "de";
  /** Most people who are named, default 20; of more it is said how many there are. */
  readonly people?: number;
}

const words = {
  en: {
    locale: "en-GB",
    due: "Due",
    cancelled: "Cancelled",
    done: "Done",
    more: (count: number) => `and ${count} more`,
    every: (count: number, one: string, many: string) => (count === 1 ? `Every ${one}` : `Every ${count} ${many}`),
    DAILY: ["day", "days"],
    WEEKLY: ["week", "weeks"],
    MONTHLY: ["month", "months"],
    YEARLY: ["year", "years"],
    HOURLY: ["hour", "hours"],
  },
  de: {
    locale: "de",
    due: "Fällig",
    cancelled: "Abgesagt",
    done: "Erledigt",
    more: (count: number) => `und ${count} weitere`,
    every: (count: number, one: string, many: string) =>
      count === 1
        ? `${one === "Jahr" ? "Jedes" : one === "Woche" || one === "Stunde" ? "Jede" : "Jeden"} ${one}`
        : `Alle ${count} ${many}`,
    DAILY: ["Tag", "Tage"],
    WEEKLY: ["Woche", "Wochen"],
    MONTHLY: ["Monat", "Monate"],
    YEARLY: ["Jahr", "Jahre"],
    HOURLY: ["Stunde", "Stunden"],
  },
} as const;

const date = { weekday: "short", day: "numeric", month: "short", year: "numeric" } as const;
const hour = { hour: "2-digit", minute: "2-digit" } as const;
const zoned = { ...hour, timeZoneName: "short" } as const;

const clock = (locale: string, options: Intl.DateTimeFormatOptions, zone: string): Intl.DateTimeFormat => {
  try {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
  } catch {
    // A zone this machine does not know.
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" });
  }
};

type Clocks = [Intl.DateTimeFormat, Intl.DateTimeFormat, Intl.DateTimeFormat];

const isDay = (local: string | undefined): local is string => local !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(local);

const dayLength = 86_400_000;

/** From when to when, in the event's own zone; days without times; undefined where nothing is said of when. */
const spanOf = ({ startTime, endTime, start, end, timezone }: Timed, locale: string): string | undefined => {
  if (isDay(start) || (start === undefined && isDay(end))) {
    const days = clock(locale, date, "UTC");
    const [from, to] = [Date.parse(`${start ?? end}T00:00:00Z`), Date.parse(`${end ?? start}T00:00:00Z`)];
    if (Number.isNaN(from) || Number.isNaN(to)) return undefined;
    // The day that ends it is not part of it.
    return start !== undefined && to - dayLength > from
      ? `${days.format(from)} – ${days.format(to - dayLength)}`
      : days.format(from);
  }
  const [from, to] = [Date.parse(startTime ?? endTime ?? ""), Date.parse(endTime ?? startTime ?? "")];
  if (Number.isNaN(from) || Number.isNaN(to)) return undefined;
  const [day, plain, full] = [date, hour, zoned].map((options) => clock(locale, options, timezone ?? "UTC")) as Clocks;
  if (to <= from) return `${day.format(from)}, ${full.format(from)}`;
  return day.format(from) === day.format(to)
    ? `${day.format(from)}, ${plain.format(from)}–${full.format(to)}`
    : `${day.format(from)}, ${plain.format(from)} – ${day.format(to)}, ${full.format(to)}`;
};

const marks: { readonly [answer in Answer]: string } = { accepted: " ✅", tentative: " ❓", declined: " ❌", none: "" };

const nameOf = ({ name, id }: Party): string => name ?? id.replace(/^(?:mailto|acct|xmpp):/, "");

const peopleOf = (
  organiser: Party | undefined,
  attendees: readonly Attendee[],
  most: number,
  more: (count: number) => string,
): string => {
  const others = attendees.filter(({ id }) => id !== organiser?.id);
  const all = [...(organiser ? [nameOf(organiser)] : []), ...others.map((one) => `${nameOf(one)}${marks[one.answer]}`)];
  const shown = all.slice(0, most).join(", ");
  return all.length > most ? `${shown} ${more(all.length - most)}` : shown;
};

/** One line each: that it is cancelled or done, when, how often, where, who and what they answered. */
export const plannedLines = (
  view: EventView | TaskView,
  { language = "en", people = 20 }: PlannedManner = {},
): readonly string[] => {
  const said = words[language];
  const rule = view.recurrence?.rules?.[0] ?? "";
  const often = said[(/FREQ=([A-Z]+)/.exec(rule)?.[1] ?? "") as "DAILY"];
  const count = Number(/INTERVAL=(\d{1,4})/.exec(rule)?.[1] ?? 1);
  const when = spanOf(view, said.locale);
  const who = peopleOf(view.attributedTo, view.attendees ?? [], people, said.more);
  return [
    ...(view.status === "cancelled" ? [`⛔ ${said.cancelled}`] : []),
    ...(view.status === "completed" ? [`☑ ${said.done}`] : []),
    ...(when === undefined ? [] : [view.type === "Task" ? `🗓 ${said.due}: ${when}` : `🗓 ${when}`]),
    ...(often ? [`🔁 ${said.every(count, often[0], often[1])}`] : []),
    ...(view.location ? [`📍 ${view.location}`] : []),
    ...(who === "" ? [] : [`👥 ${who}`]),
  ];
};
