/**
 * The contract of a store, for who writes one: what the hub asks of it, and the records it keeps. The conformance kit of
 * `groupstream/testing` checks it; the embedded store is `groupstream/stores/sqlite`.
 */

export type * from "./contract.ts";
