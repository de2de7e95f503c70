/** The published system in memory keeps the contract: by the kit, with markers and without. */

import { adapterConformance, MemorySystem } from "groupstream/testing";
import { test, vi } from "vitest";
import { memoryWorld } from "./memory.ts";

vi.setConfig({ maxConcurrency: 100 });

for (const markers of [true, false])
  adapterConformance({
    test,
    title: markers ? "memory" : "memory without markers",
    world: async () => {
      const system = Object.assign(new MemorySystem("memory", "a", "b"), { markers });
      return Object.assign(memoryWorld(system), { system });
    },
    make: ({ system }) => system.adapter(),
  });
