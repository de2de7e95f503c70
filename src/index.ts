/** The public names of groupstream, by the rooms they come from, nothing else. */

export type * from "./activity/activity.ts";
export type { Admin, Pruned } from "./admin/index.ts";
export type { OccurrenceName, PlannedChange, ProfileChange } from "./bridge/change.ts";
export type { Explained, RouteLevel } from "./bridge/explain.ts";
export type { NewEvent, NewNote, NewProfile, NewTask, Submission } from "./bridge/request.ts";
export { bridge, type Route, type RouteEnd } from "./bridge/routes.ts";
export type { Submitted } from "./bridge/submit.ts";
export type * from "./contract/adapter.ts";
export type * from "./contract/because.ts";
export type { ErrorCode, ErrorDetails, ErrorRow } from "./contract/errors.ts";
export { errorTable, GroupstreamError, isGroupstreamError, refuseMistakes } from "./contract/errors.ts";
export { checkOptions, optionsOf } from "./contract/schema.ts";
export type * from "./contract/view.ts";
export type {
  ActivityId,
  ActorId,
  CollectionId,
  DeliveryId,
  EvidenceId,
  ItemKey,
  ListingId,
  ObjectId,
  Place,
  ReaderName,
  Revision,
  SystemId,
} from "./contract/words.ts";
export { collectionOf, placeOf, systemOf } from "./contract/words.ts";
export { openHub } from "./hub/hub.ts";
export type { Person } from "./hub/identity.ts";
export type { Hub } from "./hub/interface.ts";
export type { Entry } from "./hub/log.ts";
export type { Clock, HubOptions, Logger } from "./hub/options.ts";
export { textOfSummary } from "./language/index.ts";
export type { Delivery, DeliveryFilter } from "./observe/deliveries.ts";
export type { Quarantined } from "./observe/quarantine.ts";
export type { CollectionStatus, Status, SystemStatus, Trouble } from "./observe/status.ts";
export type { RouteVerdict, Why } from "./observe/why.ts";
export type { Policy } from "./policy/index.ts";
export type { DeliveryState } from "./store/records.ts";
export type { Progress } from "./sync/context.ts";
export type { SystemLine } from "./sync/round.ts";
