/** iCalendar for adapters (RFC 5545): objects read, shown as views, changed and written; zones. Pure. */

export type { Zone } from "./../../time/zone.ts";
export type { CalendarProperty } from "./component.ts";
export { type Undelivered, undeliveredIn } from "./delivery.ts";
export { factsOf, isAnswerFact, type Planned } from "./facts.ts";
export { type PartStat, type SchedulingMessage, schedulingReply } from "./itip.ts";
export { readCalendars } from "./parse.ts";
export { changedPlanned, fieldOfFact, markIn, newPlanned, type PlannedObject, relatedIn, stampRevised } from "./planning.ts";
export { type Series, seriesOf } from "./series.ts";
export { type PlannedPart, splitPlanned } from "./split.ts";
export { plannedEvidence, plannedView } from "./view.ts";
export { writeCalendar } from "./write.ts";
export { zoneOf } from "./zones.ts";
