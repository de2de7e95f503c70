/** Organisers and attendees of a calendar object (RFC 5545 sections 3.8.4.1, 3.8.4.3). Pure. */

import type { Answer, Attendee, Party } from "../../contract/view.ts";
import { plain } from "../../contract/words.ts";
import { cleanLine } from "../text/characters.ts";
import { mailtoOf } from "../text/mailto.ts";
import type { CalendarComponent, CalendarProperty } from "./component.ts";

/** People of one object that are shown. */
const PEOPLE = 1_000;

const answers: Readonly<Record<string, Answer>> = {
  ACCEPTED: "accepted",
  COMPLETED: "accepted",
  "IN-PROCESS": "accepted",
  TENTATIVE: "tentative",
  DECLINED: "declined",
};

const types: Readonly<Record<string, NonNullable<Party["type"]>>> = { GROUP: "Group", RESOURCE: "Service", ROOM: "Service" };

const parameter = (property: CalendarProperty, name: string): string | undefined => {
  const value = property.getParameter(name);
  return typeof value === "string" ? value : Array.isArray(value) ? value[0] : undefined;
};

/**
 * A CAL-ADDRESS, as it is compared: Gmail answers as `bob@` what was sent to `Bob@`; told apart, the answer would be nobody's, and a meeting with two
 * spellings of its organiser two meetings. Exchange and others write `MAILTO:`, and addresses that are none (`invalid:nomail`).
 */
export const partyOf = (property: CalendarProperty): Party | undefined => {
  const value = property.getFirstValue();
  const written = typeof value === "string" ? value.trim() : "";
  const id = /^mailto:/i.test(written)
    ? mailtoOf(decoded(written.slice(7)))
    : /^[a-z][a-z0-9+.-]*:\S+$/i.test(written) && !/^invalid:/i.test(written)
      ? written.slice(0, 320)
      : undefined;
  if (id === undefined) return undefined;
  const address = plain(id);
  const name = cleanLine(parameter(property, "cn") ?? "", 200);
  const type = types[(parameter(property, "cutype") ?? "").toUpperCase()];
  return { id: address, ...(name !== "" && `mailto:${name.toLowerCase()}` !== address && { name }), ...(type && { type }) };
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const byId = (a: Party, b: Party): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

export const attendeesOf = (component: CalendarComponent): readonly Attendee[] => {
  const all = new Map<string, Attendee>();
  for (const property of component.getAllProperties("attendee").slice(0, PEOPLE)) {
    const party = partyOf(property);
    if (!party || all.has(party.id)) continue;
    all.set(party.id, { ...party, answer: answers[(parameter(property, "partstat") ?? "").toUpperCase()] ?? "none" });
  }
  return [...all.values()].sort(byId);
};
