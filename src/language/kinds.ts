/** Every kind of sentence: one for each row of what is told. A language without one of them does not compile. */

/** The kinds, `noun.what happened`. */
export const kinds = [
  "message.arrived",
  "message.sent",
  "message.replied",
  "message.moved",
  "message.added",
  "message.removed",
  "message.flagged",
  "message.unflagged",
  "message.deleted",
  "message.edited",
  "message.read",
  "message.unread",
  "event.created",
  "event.rescheduled",
  "event.relocated",
  "event.cancelled",
  "event.repeated",
  "event.edited",
  "event.moved",
  "event.added",
  "event.removed",
  "event.deleted",
  "event.invited",
  "event.accepted",
  "event.tentative",
  "event.declined",
  "event.proposed",
  "task.created",
  "task.rescheduled",
  "task.completed",
  "task.reopened",
  "task.cancelled",
  "task.assigned",
  "task.unassigned",
  "task.accepted",
  "task.tentative",
  "task.declined",
  "task.edited",
  "task.moved",
  "task.added",
  "task.removed",
  "task.deleted",
  "person.appeared",
  "person.changed",
  "person.moved",
  "person.added",
  "person.removed",
  "person.left",
  "group.joined",
  "group.left",
  "group.moved",
  "group.added",
  "group.removed",
  "reaction.liked",
  "reaction.reacted",
  "reaction.undone",
  "generic.created",
  "generic.updated",
  "generic.deleted",
] as const;

/** One kind of sentence. */
export type Kind = (typeof kinds)[number];

const known: ReadonlySet<string> = new Set(kinds);

/** True if there is a sentence of this kind. */
export const isKind = (kind: string): kind is Kind => known.has(kind);

/** Fields people know by a word of their own; others are called by the name the source gives them. */
type KnownField =
  | "name"
  | "subject"
  | "content"
  | "text"
  | "published"
  | "attributedTo"
  | "to"
  | "cc"
  | "attachment"
  | "startTime"
  | "endTime"
  | "location"
  | "attendees"
  | "status"
  | "timezone"
  | "recurrence"
  | "classification"
  | "progress"
  | "priority"
  | "address"
  | "fields"
  | "members"
  | "adr"
  | "anniversary"
  | "bday"
  | "gender"
  | "geo"
  | "impp"
  | "lang"
  | "logo"
  | "nickname"
  | "note"
  | "org"
  | "photo"
  | "related"
  | "role"
  | "tel"
  | "title"
  | "tz"
  | "url";

/** What tells several of a kind apart in an address book: `tel.work`. */
type KnownSort = "work" | "home" | "cell" | "fax" | "pager";

/** Flags people know by a word of their own. */
type KnownFlag = "flagged" | "answered" | "forwarded" | "junk" | "draft";

/** One language: ICU messages, and what goes into them. */
export interface Language {
  /** BCP 47, for plurals, dates and lists. */
  readonly locale: string;
  /**
   * ICU MessageFormat. Arguments: `acted` (`yes`: somebody, `actor`), `thing` (`named`, `who`, or the type without a name;
   * `name`), `hasOrigin`/`origin`, `hasTarget`/`target`, `hasParty`/`party`, `hasStart`/`start`,
   * `hasDue`/`due`, `occurrence` (`no`, `one`, `future`) and `occurred`, `hasLocation`/`location`,
   * `hasFields`/`fields`, `hasEmoji`/`emoji`, `flag`, `attachments` (a number), `automatic` (`no`, or what it is).
   */
  readonly sentences: { readonly [kind in Kind]: string };
  readonly fields: { readonly [field in KnownField]: string };
  readonly sorts: { readonly [sort in KnownSort]: string };
  readonly flags: { readonly [flag in KnownFlag]: string };
  /** A keyword that has no word, in quotation marks of the language. */
  readonly quoted: (text: string) => string;
  /** The end of a list that goes on. */
  readonly more: (count: number) => string;
}
