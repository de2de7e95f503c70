/** What a server that schedules by itself says of its messages: SCHEDULE-STATUS (RFC 6638 sections 3.2.9, 7.3). Pure. */

import type { Party } from "../../contract/view.ts";
import type { CalendarComponent } from "./component.ts";
import { partyOf } from "./people.ts";

/** Somebody the server's message did not reach. */
export interface Undelivered {
  readonly party: Party;
  /** The status code, `3.7`: no such person; `3.8`: not permitted; `5.1`, `5.2`: not delivered. */
  readonly status: string;
}

/** The codes in a value, each perhaps with words after it: `2.0;Success,1.2`. */
const codesIn = (value: string): readonly string[] => value.split(",").flatMap((one) => /^\s*(\d\.\d+)/.exec(one)?.[1] ?? []);

/** Who was not reached, organiser and attendees of every component, each once: no code of theirs is a success or on its way. */
export const undeliveredIn = (calendar: CalendarComponent): readonly Undelivered[] => {
  const found = new Map<string, Undelivered>();
  for (const component of calendar.getAllSubcomponents())
    for (const property of ["organizer", "attendee"].flatMap((name) => component.getAllProperties(name))) {
      const codes = [property.getParameter("schedule-status") ?? []].flat().flatMap(codesIn);
      const [status] = codes;
      const party = partyOf(property);
      if (party && status !== undefined && codes.every((code) => /^[35]/.test(code))) found.set(party.id, { party, status });
    }
  return [...found.values()];
};
