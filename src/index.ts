/** The public names of groupstream, grouped, nothing else. */

// The hub
export { openHub } from "./hub.ts";
export type { Entry, Hub } from "./hub.ts";
export type { Clock, HubOptions, Logger, Route } from "./options.ts";
export type { Policy } from "./policy/index.ts";
export type { CollectionStatus, Status, SystemStatus } from "./observe/status.ts";
export type { Progress } from "./sync/look.ts";
export type { SystemLine } from "./sync/round.ts";
export type { Document } from "./activity/compose.ts";

// The contract
export type * from "./activity/view.ts";
export type * from "./adapter.ts";

// Errors
export { errorTable, GroupstreamError, isGroupstreamError, refuseMistakes } from "./errors.ts";
export type { ErrorCode, ErrorDetails, ErrorRow } from "./errors.ts";

// Stores
export type { Store, Transaction } from "./store/contract.ts";

// Words
export type * from "./words.ts";
export { collectionOf, placeOf, systemOf } from "./words.ts";
