/** What an adapter says of itself. */

import { strict as assert } from "node:assert";
import type { Level } from "../../contract/adapter.ts";
import { all, never } from "../mirror.ts";
import type { AdapterCheck } from "./stage.ts";

export const describes = "describes itself as it is";
export const showsEachOnce = "shows each collection once";

const levelProblem = (name: string, level: Level): string | undefined => {
  if (level.level === "full") return undefined;
  const said = level.level === "degraded" ? level.lost : level.level === "none" ? level.why : "";
  return typeof said === "string" && said.trim() !== "" ? undefined : `${name} is ${level.level} and does not say why`;
};

export const describingChecks: readonly AdapterCheck[] = [
  {
    name: describes,
    run: async (stage) => {
      const adapter = stage.open();
      assert.equal(adapter.contract, 1, "contract is the version of this contract");
      assert.match(adapter.id, /^[a-z0-9][a-z0-9-]*$/, "id is lower-case letters, digits and hyphens");
      const manifest = await adapter.describe(never);
      assert(manifest.server.trim() !== "", "manifest.server says what it is");
      assert(Number.isInteger(manifest.mapping) && manifest.mapping >= 0, "manifest.mapping is a whole number");
      assert(
        manifest.plausible === undefined || (manifest.plausible > 0 && manifest.plausible <= 1),
        "plausible is within 0 and 1",
      );
      const levels = [...Object.entries(manifest.gives), ...Object.entries(manifest.takes)];
      assert.deepEqual(
        levels.map(([name, level]) => levelProblem(name, level)).filter((problem) => problem !== undefined),
        [],
      );
      const changes = manifest.gives.changes;
      if (changes)
        assert.equal(
          changes.level !== "none",
          adapter.changes !== undefined,
          "manifest.gives.changes tells whether there is `changes`",
        );
      assert.deepEqual(JSON.parse(JSON.stringify(manifest)), manifest, "the manifest is plain JSON");
      assert.deepEqual(await adapter.describe(never), manifest, "the manifest is the same while the server is");
    },
  },
  {
    name: showsEachOnce,
    run: async (stage) => {
      const adapter = stage.open();
      const collections = await all(adapter.collections(never));
      const ids = collections.map(({ id }) => id);
      assert.equal(
        new Set(ids).size,
        ids.length,
        `collections() gives ${ids.filter((id, at) => ids.indexOf(id) !== at)} more than once`,
      );
      for (const id of stage.world.collections) assert(ids.includes(id), `collections() does not show ${id}`);
      for (const { id, name, audience } of collections) {
        assert(name.trim() !== "", `${id} has no name`);
        assert(audience === "public" || audience === "unknown" || Array.isArray(audience), `${id} does not say its audience`);
      }
      const again = await all(stage.open().collections(never));
      assert.deepEqual(again.map(({ id }) => id).sort(), ids.sort(), "another process sees the same collections");
    },
  },
];
