/** HTTP for adapters: one client behind one fence. */

export type { Allow, Allowed } from "./address.ts";
export { addressProblem, allowances, isLoopback } from "./address.ts";
export type { HttpAnswer, HttpAnswered } from "./answer.ts";
export type { Fence, FencedRequest, FenceOptions, Resolve, Resolved, StreamedBody } from "./fence.ts";
export { fencedRequest, openFence } from "./fence.ts";
export { headerProblems } from "./headers.ts";
export { longestWait, retryAfterSeconds } from "./retry-after.ts";
