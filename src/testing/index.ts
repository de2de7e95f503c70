/** Conformance kits for adapters and stores, the test runner handed in; and a system in memory. Public as `groupstream/testing`. */

export { type AdapterConformance, adapterConformance } from "./adapter/index.ts";
export { type MemoryCollection, MemorySystem } from "./memory/index.ts";
export type { Can, Test } from "./runner.ts";
export { type StoreConformance, storeConformance } from "./store/index.ts";
export type { MadeStore } from "./store/stage.ts";
export type { Content, Thing, World } from "./world.ts";
