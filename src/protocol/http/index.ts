/** HTTP for adapters: one client behind one fence. */

export type { Allowed } from "./address.ts";
export { type Allow, addressProblem, allowances } from "./address.ts";
export type { HttpAnswer, HttpAnswered } from "./answer.ts";
export type { FencedRequest, FenceOptions, Resolve, Resolved, StreamedBody } from "./fence.ts";
export { type Fence, fencedRequest, openFence } from "./fence.ts";
export { headerProblems } from "./headers.ts";
export { retryAfterSeconds } from "./retry-after.ts";
