/** A draft and its object → an ActivityStreams 2.0 document. Pure: ids, clock and language enter as arguments. */

import type { By } from "../contract/adapter.ts";
import type { EventView, FilePart, Loss, MessageView, Party, ProfileView, TaskView, Timed, View } from "../contract/view.ts";
import type { ActivityId, Place, SystemId } from "../contract/words.ts";
import { collectionOf, systemIri, systemOf } from "../contract/words.ts";
import { summaryMap } from "../language/index.ts";
import type { Draft } from "../tell/draft.ts";
import type { Document } from "./activity.ts";
import { context } from "./context.ts";
import { contextUuid, uuidNamed } from "./uuid.ts";

/** What names things: the same for a store's whole life. */
export interface Naming {
  /** The store's UUID, namespace of activity ids. */
  readonly store: string;
  /** `https://…` for ids under a host of one's own; absent: `urn:uuid:`. */
  readonly base?: string;
}

/** Everything a document says beside the draft. */
export interface Occasion {
  readonly naming: Naming;
  readonly uuid: string;
  /** The object's version with this story. */
  readonly version: number;
  /** The draft's place in the story. */
  readonly ordinal: number;
  readonly view: View;
  /** The UUID of the object that began the conversation. */
  readonly thread?: string;
  /** Parents that are known, nearest first. */
  readonly parents: readonly string[];
  readonly system: SystemId;
  readonly placeName: (place: Place) => string;
  readonly by?: By;
  readonly losses: readonly Loss[];
}

const iri = (naming: Naming, room: "objects" | "activities", uuid: string): string =>
  naming.base ? `${naming.base.replace(/\/$/, "")}/${room}/${uuid}` : `urn:uuid:${uuid}`;

/** The canonical id of the object of this UUID. */
export const objectIri = (naming: Naming, uuid: string): string => iri(naming, "objects", uuid);

/** The collection of a place: an absolute IRI of this vocabulary. */
export const placeIri = (place: Place): string =>
  `groupstream:collection/${encodeURIComponent(systemOf(place))}/${encodeURIComponent(collectionOf(place))}`;

/** Where the bytes of a part are asked for: `hub.content(url)`. */
const contentUrl = (uuid: string, part: string): string => `groupstream:content/${uuid}/${encodeURIComponent(part)}`;

const actorOf = ({ id, name, type }: Party): Document => ({ type: type ?? "Person", id, ...(name !== undefined && { name }) });
const serviceOf = (system: SystemId): Document => ({
  type: "Service",
  id: systemIri(system),
  name: system,
});
const many = (parties: readonly Party[] | undefined): readonly Document[] | undefined =>
  parties?.length ? parties.map(actorOf) : undefined;

const fileOf = (uuid: string, file: FilePart): Document => ({
  type: "Document",
  name: file.name,
  mediaType: file.mediaType,
  url: file.href ?? contentUrl(uuid, file.part),
  "groupstream:size": file.size,
});

const noteOf = (view: MessageView, { uuid, naming, parents, thread }: Occasion): Record<string, unknown> => ({
  content: view.content,
  source: view.text === undefined ? undefined : { content: view.text, mediaType: "text/plain" },
  published: view.published,
  attributedTo: view.attributedTo && actorOf(view.attributedTo),
  to: many(view.to),
  cc: many(view.cc),
  inReplyTo: parents.length > 0 ? parents.map((parent) => objectIri(naming, parent)) : undefined,
  context: thread && objectIri(naming, contextUuid(thread)),
  attachment: view.attachment?.length ? view.attachment.map((file) => fileOf(uuid, file)) : undefined,
  "groupstream:automatic": view.automatic,
});

const timesOf = ({ startTime, endTime, start, end, timezone }: Timed): Record<string, unknown> => ({
  startTime,
  endTime,
  timezone,
  "ical:dtstart": start,
  "ical:dtend": end,
});

const statuses = { confirmed: "EventScheduled", tentative: "EventTentative", cancelled: "EventCancelled" } as const;

const attendeesOf = (attendees: EventView["attendees"]): readonly Document[] | undefined =>
  attendees?.length
    ? attendees.map((attendee) => ({
        ...actorOf(attendee),
        "groupstream:answer": attendee.answer,
        "groupstream:proposes": attendee.proposes && { type: "Event", ...timesOf(attendee.proposes) },
      }))
    : undefined;

/** What meetings and tasks have in common: a series in the words of iCalendar. */
const plannedOf = (view: EventView | TaskView): Record<string, unknown> => ({
  content: view.content,
  ...timesOf(view),
  location: view.location === undefined ? undefined : { type: "Place", name: view.location },
  attributedTo: view.attributedTo && actorOf(view.attributedTo),
  "ical:sequence": view.sequence,
  "ical:class": view.classification?.toUpperCase(),
  "ical:rrule": view.recurrence?.rules,
  "ical:rdate": view.recurrence?.dates,
  "ical:exdate": view.recurrence?.excluded,
  "groupstream:occurrences": view.recurrence?.overrides
    ? Object.entries(view.recurrence.overrides).map(([id, { originalTime: _at, future, ...own }]) => ({
        type: "Event",
        "ical:recurrence-id": id,
        "ical:range": future && "THISANDFUTURE",
        name: own.name,
        content: own.content,
        ...timesOf(own),
        location: own.location === undefined ? undefined : { type: "Place", name: own.location },
        eventStatus: own.status && statuses[own.status],
        "groupstream:attendees": attendeesOf(own.attendees),
      }))
    : undefined,
  "groupstream:attendees": attendeesOf(view.attendees),
});

const eventOf = (view: EventView): Record<string, unknown> => ({
  ...plannedOf(view),
  eventStatus: view.status && statuses[view.status],
});

const taskOf = (view: TaskView): Record<string, unknown> => ({
  ...plannedOf(view),
  "ical:status": view.status?.toUpperCase(),
  "ical:completed": view.completed,
  "ical:percent-complete": view.progress,
  "ical:priority": view.priority,
});

const profileOf = (view: ProfileView): Record<string, unknown> => ({
  "groupstream:address": view.address?.length ? view.address : undefined,
  "groupstream:fields":
    view.fields && Object.keys(view.fields).length > 0
      ? Object.entries(view.fields).map(([name, value]) => ({ name, "groupstream:value": value }))
      : undefined,
  "groupstream:members": view.members?.length ? view.members : undefined,
  "ical:class": view.classification?.toUpperCase(),
});

/** AS2 has no tasks; iCalendar in RDF has. */
const typeOf = ({ type }: View): string => (type === "Task" ? "ical:Vtodo" : type);

/** The object in full, as it stands; without `bcc`. */
const objectOf = (occasion: Occasion): Document => {
  const { view, naming, uuid } = occasion;
  const own =
    view.type === "Note"
      ? noteOf(view, occasion)
      : view.type === "Event"
        ? eventOf(view)
        : view.type === "Task"
          ? taskOf(view)
          : profileOf(view);
  return { id: objectIri(naming, uuid), type: typeOf(view), name: view.name, ...own };
};

const briefly = ({ naming, uuid, view }: Occasion): Document => ({
  id: objectIri(naming, uuid),
  type: typeOf(view),
  name: view.name,
});

/** The actor, where one is known to have acted: the facet's, the sighting's, the author of what is created. */
const actorFor = (draft: Draft, { view, by, system }: Occasion): Document => {
  const author = draft.type === "Create" && view.type === "Note" ? view.attributedTo : undefined;
  const party = draft.actor ?? by?.actor ?? author;
  return party ? actorOf(party) : serviceOf(system);
};

const objectFor = (draft: Draft, occasion: Occasion): Document => {
  const { naming, uuid, view } = occasion;
  if (draft.type === "Create" || draft.type === "Update") return objectOf(occasion);
  if (draft.type === "Delete") return { id: objectIri(naming, uuid), type: "Tombstone", formerType: typeOf(view) };
  if (draft.type === "Undo")
    return {
      type: draft.undoes,
      actor: actorFor(draft, occasion),
      object: objectIri(naming, uuid),
      ...(draft.emoji && { content: draft.emoji }),
    };
  if (draft.party && draft.type !== "Invite") return actorOf(draft.party);
  if (draft.type === "Invite") return draft.party ? actorOf(draft.party) : briefly(occasion);
  return briefly(occasion);
};

const collectionDocument = (place: Place, name: string): Document => ({ type: "Collection", id: placeIri(place), name });
const flagDocument = (flag: string, place: Place): Document => ({
  type: "Collection",
  id: `groupstream:flag/${encodeURIComponent(flag)}`,
  name: flag,
  context: placeIri(place),
});

/** A complete activity and its id. */
export interface ComposedActivity {
  readonly id: ActivityId;
  /** The AS2 document, serialised. */
  readonly activity: string;
}

/** Of every document. */
const opening = `{"@context":${JSON.stringify(context)},"id":`;

/**
 * One complete activity. Its id is a UUIDv5 of the store, the object, its version, the ordinal and the content: a restored
 * backup that tells something else under the same version gives it another id.
 */
export const compose = (draft: Draft, occasion: Occasion): ComposedActivity => {
  const { naming, uuid, version, ordinal, view, by, placeName } = occasion;
  const targetOf = (): Document | undefined => {
    if (draft.type === "Invite" || (draft.party && draft.type === "Add")) return briefly(occasion);
    if (draft.target === undefined) return undefined;
    return draft.flag ? flagDocument(draft.flag, draft.target) : collectionDocument(draft.target, placeName(draft.target));
  };
  const originOf = (): Document | undefined => {
    if (draft.party && draft.type === "Remove") return briefly(occasion);
    if (draft.origin === undefined) return undefined;
    return draft.flag ? flagDocument(draft.flag, draft.origin) : collectionDocument(draft.origin, placeName(draft.origin));
  };
  const losses = [...(view.losses ?? []), ...occasion.losses];
  const actor = actorFor(draft, occasion);
  const body = {
    type: draft.type,
    actor,
    published: by?.at ?? (draft.type === "Create" && view.type === "Note" ? view.published : undefined),
    object: objectFor(draft, occasion),
    target: targetOf(),
    origin: originOf(),
    content: draft.emoji,
    summaryMap: summaryMap(draft.kind, {
      actor: draft.actor ?? by?.actor ?? (draft.type === "Create" && view.type === "Note" ? view.attributedTo : undefined),
      view: draft.view ?? view,
      system: occasion.system,
      ...(draft.occurrence && { occurrence: draft.occurrence }),
      ...(draft.target && { target: placeName(draft.target) }),
      ...(draft.origin && { origin: placeName(draft.origin) }),
      ...(draft.flag && { flag: draft.flag }),
      ...(draft.party && { party: draft.party }),
      ...(draft.changed && { fields: draft.changed }),
      ...(draft.emoji && { emoji: draft.emoji }),
    }),
    "groupstream:proposes": draft.proposes && { type: "Event", ...timesOf(draft.proposes) },
    "groupstream:occurrence": draft.occurrence?.id,
    "groupstream:changed": draft.changed?.length ? draft.changed : undefined,
    "groupstream:losses": losses.length > 0 ? losses : undefined,
  };
  const json = JSON.stringify(body);
  const id = iri(naming, "activities", uuidNamed(`${uuid} ${version} ${ordinal} ${json}`, naming.store));
  return { id, activity: `${opening}${JSON.stringify(id)},${json.slice(1)}` };
};
