/** What toy calendars are made of. */

import type { Answer, Attendee, EventView, Sighting } from "groupstream";
import { padded } from "../random.ts";
import type { Fact } from "../world.ts";

/** A meeting as one calendar holds it. */
export interface Meeting {
  readonly tag: string;
  readonly uid: string;
  readonly organiser: string;
  readonly sequence: number;
  readonly stamp: number;
  readonly start: string;
  readonly location: string;
  readonly status: "confirmed" | "cancelled";
  readonly answers: ReadonlyMap<string, Answer>;
}

export interface Entry {
  meeting: Meeting;
  etag: number;
  change: number;
}

export interface Calendar {
  readonly owner: string;
  readonly entries: Map<string, Entry>;
  /** What its owner threw away, by uid: the SEQUENCE it had. */
  readonly thrown: Map<string, number>;
  gone: { href: string; change: number }[];
  generation: number;
}

/** A message between calendar servers, on its way. */
export type Letter =
  | { readonly to: string; readonly meeting: Meeting }
  | { readonly to: string; readonly uid: string; readonly from: string; readonly answer: Answer; readonly sequence: number };

/** All calendars of the world, and the letters between them. */
export class Meetings<T> {
  readonly owners = new Map<string, { toy: T; calendar: Calendar }>();
  readonly letters: Letter[] = [];
  count = 0;
  stamp = 0;
}

/** A meeting as the adapter of a calendar shows it. */
export const wholeOf = (href: string, { meeting, etag }: Entry): Sighting => {
  const object: EventView = {
    type: "Event",
    name: meeting.tag,
    edition: `${padded(meeting.sequence)} ${padded(meeting.stamp)}`,
    startTime: meeting.start,
    location: meeting.location,
    status: meeting.status,
    attributedTo: { id: meeting.organiser },
    attendees: [...meeting.answers].map(([id, answer]): Attendee => ({ id, answer })),
  };
  return {
    key: href,
    revision: String(etag),
    object,
    same: [{ id: `uid:${meeting.uid}:${meeting.organiser}`, within: "everywhere", weight: "identity" }],
  };
};

/** A meeting as it truly is in a calendar. */
export const factOf = ({ meeting }: Entry): Fact => ({
  tag: meeting.tag,
  copies: 1,
  flags: [],
  reactions: [],
  props: {
    startTime: meeting.start,
    location: meeting.location,
    status: meeting.status,
    attendees: Object.fromEntries([...meeting.answers].sort(([a], [b]) => (a < b ? -1 : 1))),
  },
});
