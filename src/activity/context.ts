/**
 * The `@context` of every document: the AS2 address, which every processor ships, and one inline object. Nothing else is ever
 * fetched to read what we write.
 *
 * Terms of ours are absolute IRIs used as keys as they stand (`"groupstream:losses"`). `groupstream` is therefore never
 * defined as a prefix: a processor would expand the key to something else than it says. JSON-LD 1.0 is enough to read it.
 */

/** The address of the AS2 vocabulary, AS2 Core section 2.1. */
export const as2 = "https://www.w3.org/ns/activitystreams";

const fep8a8e = "https://w3id.org/fep/8a8e/";

/** Extra terms, each in the vocabulary that has it already. */
export const terms = {
  /** Reactions with an emoji: FEP-c0e0 takes the type from litepub. */
  EmojiReact: "http://litepub.social/ns#EmojiReact",
  /** RFC 5545 in RDF: `ical:sequence`, `ical:rrule`, `ical:recurrence-id`, `ical:dtstart`. */
  ical: "http://www.w3.org/2002/12/cal/ical#",
  /** RFC 6350 in RDF: `vcard:organization-name`. AS2's own context says the same. */
  vcard: "http://www.w3.org/2006/vcard/ns#",
  // FEP-8a8e: what a generic Event lacks.
  timezone: `${fep8a8e}timezone`,
  displayEndTime: `${fep8a8e}displayEndTime`,
  eventStatus: { "@id": `${fep8a8e}eventStatus`, "@type": "@vocab" },
  EventScheduled: `${fep8a8e}EventScheduled`,
  EventTentative: `${fep8a8e}EventTentative`,
  EventCancelled: `${fep8a8e}EventCancelled`,
  // Inside `groupstream:losses`; without a definition AS2 makes blank nodes of them, which RDF forgets.
  field: "groupstream:field",
  reason: "groupstream:reason",
} as const;

/** The value of `@context`, the same for every document. Frozen. */
export const context: readonly [typeof as2, typeof terms] = Object.freeze([as2, Object.freeze(terms)]);
