/** The public names of groupstream, grouped, nothing else. */

// The contract
export type * from "./activity/activity.ts";
export type * from "./activity/view.ts";
export type * from "./adapter.ts";
export type * from "./because.ts";
export type { OccurrenceName, PlannedChange } from "./bridge/change.ts";
export type { Carried, Explained } from "./bridge/explain.ts";
export type { NewEvent, NewNote, NewTask, Request as Submission } from "./bridge/request.ts";
export { bridge, type Route, type RouteEnd } from "./bridge/routes.ts";
export type { Submitted } from "./bridge/submit.ts";
export type { ErrorCode, ErrorDetails, ErrorRow } from "./errors.ts";
// Errors
export { errorTable, GroupstreamError, isGroupstreamError, refuseMistakes } from "./errors.ts";
export type { Hub } from "./hub.ts";
// The hub
export { openHub } from "./hub.ts";
export type { Person } from "./identity/index.ts";
// Sentences
export { languages, textOfSummary } from "./language/index.ts";
export type { Entry } from "./log.ts";
export type { Delivery, DeliveryFilter } from "./observe/deliveries.ts";
export type { Quarantined } from "./observe/quarantine.ts";
export type { CollectionStatus, Status, SystemStatus, Trouble } from "./observe/status.ts";
export type { RouteVerdict, Why } from "./observe/why.ts";
export type { Clock, HubOptions, Logger } from "./options.ts";
export type { Policy } from "./policy/index.ts";
export { checkOptions, optionsOf } from "./schema.ts";
// Stores
export type * from "./store/contract.ts";
export type { SystemLine } from "./sync/round.ts";
export type { Progress } from "./sync/surroundings.ts";

export type { Pruned, Tending } from "./tending/index.ts";

// Words
export type * from "./words.ts";
export { collectionOf, placeOf, systemOf } from "./words.ts";
