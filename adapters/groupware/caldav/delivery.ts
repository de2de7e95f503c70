/** What a server that schedules could not deliver (RFC 6638), as a receipt says it. Pure. */

import { isGroupstreamError, type Loss, type Obstacle } from "groupstream";
import { readCalendars, type Undelivered, undeliveredIn } from "groupstream/protocol/icalendar";

/** For the rest of a receipt: who was not told, and what is in the way. */
export interface Undone {
  readonly losses?: readonly Loss[];
  readonly partly?: { readonly obstacle: Obstacle; readonly reason: string };
}

/** The calendar's server is there: 5.1 is what Cyrus says of an address in its own domain that nobody has. */
const obstacleOf = (status: string): Obstacle => {
  if (status === "3.8") return "forbidden";
  return status === "3.7" || status.startsWith("5") ? "no-recipient" : "rejected";
};

const whys: { readonly [status in string]?: string } = {
  "3.7": "it knows nobody by this address; correct it, or tell them yourself",
  "3.8": "it may not send to them; tell them yourself",
};

const sentenceOf = ({ party, status }: Undelivered): string =>
  `The server did not tell ${party.id} (SCHEDULE-STATUS ${status}): ${whys[status] ?? "its message was not delivered; tell them yourself"}.`;

/**
 * What the resource as it stands after a write says of who was not told; nothing where all were, or it cannot be read.
 * @param field  what did not arrive: `reply`, `attendee`
 */
export const undoneIn = (data: string, field: string): Undone => {
  try {
    const [calendar] = readCalendars(data).calendars;
    const failed = calendar ? undeliveredIn(calendar) : [];
    const [first] = failed;
    if (!first) return {};
    const losses = failed.map((one) => ({ field, reason: sentenceOf(one) }));
    return { losses, partly: { obstacle: obstacleOf(first.status), reason: losses.map(({ reason }) => reason).join(" ") } };
  } catch (error) {
    if (!isGroupstreamError(error)) throw error;
    return {};
  }
};
