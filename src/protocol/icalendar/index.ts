/** iCalendar (RFC 5545): objects read and written, zones, and the instances of a series. */

export { ianaZone } from "../../time/iana.ts";
export type { Zone } from "../../time/zone.ts";
export { utc } from "../../time/zone.ts";
export type { CalendarComponent, CalendarProperty } from "./component.ts";
export { type Undelivered, undeliveredIn } from "./delivery.ts";
export { factsOf, isAnswerFact, type Planned } from "./facts.ts";
export {
  type PartStat,
  type SchedulingMessage,
  type SchedulingReply,
  schedulingMessage,
  schedulingReply,
  schedulingView,
  speakerOf,
} from "./itip.ts";
export type { Occurrence, Occurrences, OccurrenceWindow } from "./occurrences.ts";
export { nextOccurrence, occurrencesOf } from "./occurrences.ts";
export type { CalendarLimits, ReadCalendars } from "./parse.ts";
export { readCalendars } from "./parse.ts";
export {
  changedPlanned,
  fieldOfFact,
  markIn,
  newPlanned,
  type PlannedObject,
  type PlannedWriting,
  relatedIn,
  stampRevised,
} from "./planning.ts";
export { ruleText } from "./rule.ts";
export type { Series } from "./series.ts";
export { seriesOf } from "./series.ts";
export { type PlannedPart, splitPlanned } from "./split.ts";
export { type PlannedReading, plannedEvidence, plannedView } from "./view.ts";
export { writeCalendar } from "./write.ts";
export { zoneNamed, zoneOf } from "./zones.ts";
