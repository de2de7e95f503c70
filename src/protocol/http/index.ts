/** HTTP for adapters: one client behind one fence. */

export { type Allow, addressProblem, allowances } from "./address.ts";
export type { HttpAnswered } from "./answer.ts";
export { type Fence, fencedRequest, openFence } from "./fence.ts";
export { headerProblems } from "./headers.ts";
export { retryAfterSeconds } from "./retry-after.ts";
