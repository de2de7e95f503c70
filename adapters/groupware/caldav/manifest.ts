/** What this account can give and take, asked of the server. */

import type { Level, Manifest } from "groupstream";
import type { Account } from "./account.ts";
import { MAPPING } from "./map.ts";

const full: Level = { level: "full" };
const degraded = (lost: string): Level => ({ level: "degraded", lost });

export const manifestOf = async (account: Account, signal: AbortSignal): Promise<Manifest> => {
  const principal = await account.principal(signal, true);
  const schedules = principal.features.includes("calendar-auto-schedule");
  const answer = schedules ? full : degraded("The server does not schedule (RFC 6638): the organiser is not told of the answer.");
  const made = schedules
    ? degraded("The text of an event is plain. Somebody else's invitation stays with who sent it.")
    : degraded("The text of an event is plain. The server does not schedule (RFC 6638): those who are invited are not told.");
  const self = principal.owner;
  return {
    server: principal.server ?? "CalDAV server",
    mapping: MAPPING,
    ...(self !== undefined && { self }),
    gives: {
      changes: await account.changesLevel(signal),
      text: full,
      actors: degraded("Calendars do not say who changed an event; answers are their attendees' own."),
      attachments: degraded("ATTACH is not shown; the raw form has it."),
    },
    arrives: {
      name: full,
      text: full,
      content: degraded("The text of an event is plain."),
      attributedTo: degraded("Where the server takes no strangers as organisers its people are named in the text."),
      attendees: degraded("Where the server takes no strangers as organisers its people are named in the text."),
      startTime: full,
      endTime: full,
      location: full,
      status: full,
    },
    takes: { Create: made, Update: made, Delete: full, Accept: answer, TentativeAccept: answer, Reject: answer },
  };
};
