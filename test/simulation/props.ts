/** The shared properties of a thing, as a document tells them and as a view shows them: comparable with each other. */

import type { View } from "groupstream";

export type Doc = { readonly [field: string]: unknown };

const defined = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));

export const sorted = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

const statuses: Readonly<Record<string, string>> = {
  EventScheduled: "confirmed",
  EventTentative: "tentative",
  EventCancelled: "cancelled",
};

/** The shared properties as a document tells them. */
export const propsOfDocument = (doc: Doc): Record<string, unknown> => {
  const attendees = doc["groupstream:attendees"] as readonly Doc[] | undefined;
  const fields = doc["groupstream:fields"] as readonly Doc[] | undefined;
  const members = doc["groupstream:members"] as readonly string[] | undefined;
  return defined({
    text: (doc.source as Doc | undefined)?.content,
    startTime: doc.startTime,
    location: (doc.location as Doc | undefined)?.name,
    status: statuses[String(doc.eventStatus)],
    ...(doc.type === "Event" && {
      attendees: sorted(Object.fromEntries((attendees ?? []).map((one) => [String(one.id), one["groupstream:answer"]]))),
    }),
    ...(doc.type === "Group" && { members: [...(members ?? [])].sort() }),
    ...(fields && { fields: Object.fromEntries(fields.map((one) => [String(one.name), one["groupstream:value"]])) }),
  });
};

/** The shared properties as a view shows them. */
export const propsOfView = (view: View): Record<string, unknown> => {
  if (view.type === "Note") return defined({ text: view.text });
  if (view.type === "Event") {
    const attendees = sorted(Object.fromEntries((view.attendees ?? []).map(({ id, answer }) => [id, answer])));
    return defined({ startTime: view.startTime, location: view.location, status: view.status, attendees });
  }
  if (view.type === "Task") return defined({ endTime: view.endTime, status: view.status });
  return defined({
    ...(view.fields && { fields: view.fields }),
    ...(view.type === "Group" && { members: [...(view.members ?? [])].sort() }),
  });
};
