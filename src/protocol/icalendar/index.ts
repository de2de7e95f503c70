/** iCalendar for adapters (RFC 5545): objects read, shown as views, changed and written; zones. Pure. */

export type { Zone } from "../../time/zone.ts";
export { withAnswer } from "./answer.ts";
export { type Undelivered, undeliveredIn } from "./delivery.ts";
export { factsOf, isAnswerFact, type Planned } from "./facts.ts";
export { type PartStat, type SchedulingMessage, type SchedulingReply, schedulingReply } from "./itip.ts";
export { type CalendarLimits, type ReadCalendars, readCalendars } from "./parse.ts";
export {
  changedPlanned,
  fieldOfFact,
  markIn,
  newPlanned,
  type PlannedObject,
  type PlannedWriting,
  relatedIn,
} from "./planning.ts";
export { type Series, seriesOf } from "./series.ts";
export { type PlannedPart, splitPlanned } from "./split.ts";
export { type PlannedReading, plannedEvidence, plannedView } from "./view.ts";
export { zoneIn } from "./zone-in.ts";
