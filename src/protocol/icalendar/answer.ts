/** An answer to an invitation, written into the calendar object itself: PARTSTAT of one attendee (RFC 5545 section 3.2.12). Pure. */

import { mailtoOf } from "../text/mailto.ts";
import type { CalendarProperty } from "./component.ts";
import type { PartStat } from "./itip.ts";
import { readCalendars } from "./parse.ts";
import { stampRevised } from "./planning.ts";
import { writeCalendar } from "./write.ts";

const addressOf = (attendee: CalendarProperty): string | undefined => {
  const value = attendee.getFirstValue();
  return typeof value === "string" && /^mailto:/i.test(value) ? mailtoOf(value.slice(7)) : undefined;
};

/**
 * A calendar object with this answer in every component that invites the person; undefined: none does.
 * @param stamp  of those in which it is another one than before; absent: the server stamps them
 */
export const withAnswer = (data: string, actor: string, partstat: PartStat, stamp: string | undefined): string | undefined => {
  const [calendar] = readCalendars(data).calendars;
  const invited = (calendar?.getAllSubcomponents() ?? []).flatMap((component) =>
    component
      .getAllProperties("attendee")
      .filter((attendee) => addressOf(attendee)?.toLowerCase() === actor.toLowerCase())
      .map((attendee) => ({ component, attendee })),
  );
  if (!calendar || invited.length === 0) return undefined;
  for (const { component, attendee } of invited) {
    // Else an earlier reply by mail would stay the newer word (RFC 5546 section 2.1.5).
    const another = attendee.getFirstParameter("partstat")?.toUpperCase() !== partstat;
    if (another && stamp !== undefined) stampRevised(component, stamp);
    attendee.setParameter("partstat", partstat);
    // It has been answered (RFC 5545 section 3.2.17).
    attendee.removeParameter("rsvp");
  }
  return writeCalendar(calendar);
};
