/** A configuration file that exports anything at all: loaded, or refused with every mistake in words; no store is made. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { isGroupstreamError } from "groupstream";
import { afterAll, expect, it } from "vitest";
import { loadConfig } from "../../src/cli/config.ts";
import { Said } from "../../src/cli/failure.ts";
import { words } from "../../src/cli/words/index.ts";

const folder = mkdtempSync(join(tmpdir(), "groupstream-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

const path = join(folder, "groupstream.config.mjs");
// A module is loaded once; what it exports is asked for again each time.
writeFileSync(path, "export default () => globalThis.exported;\n");

const odd = fc.anything({ maxDepth: 2, withBigInt: true, withDate: true, withMap: true, withNullPrototype: true });
const fields = fc.record(
  { store: odd, systems: odd, routes: odd, policy: odd, history: odd, poll: odd, base: odd, surely: odd },
  { requiredKeys: [] },
);

it.each(["en", "de"] as const)("whatever it exports, %s", async (lang) => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof(odd, fields), async (exported) => {
      (globalThis as { exported?: unknown }).exported = exported;
      try {
        await loadConfig(path, words[lang]);
      } catch (error) {
        refused += 1;
        expect(error instanceof Said || isGroupstreamError(error), String((error as Error)?.stack ?? error)).toBe(true);
        const { message } = error as Error;
        expect(message).toContain(path);
        expect(message).not.toMatch(/\n\s+at /);
        if (isGroupstreamError(error))
          expect(error).toMatchObject({ code: "misconfigured", mistakes: expect.arrayContaining([]) });
      }
    }),
    { numRuns: 500 },
  );
  expect(refused).toBeGreaterThan(100);
  expect(readdirSync(folder)).toEqual(["groupstream.config.mjs"]);
});

it("a module that throws, whatever it throws", async () => {
  const throwing = join(folder, "throws.mjs");
  writeFileSync(throwing, "export default () => { throw globalThis.exported; };\n");
  await fc.assert(
    fc.asyncProperty(odd, async (thrown) => {
      (globalThis as { exported?: unknown }).exported = thrown;
      await expect(loadConfig(throwing, words.en)).rejects.toMatchObject({
        code: "misconfigured",
        message: expect.stringContaining(throwing),
      });
    }),
    { numRuns: 100 },
  );
});
