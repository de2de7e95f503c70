/** Levels as lines: what is full together, what is degraded or missing each with its reason. */

import type { Level } from "../contract/adapter.ts";
import type { Words } from "./words/index.ts";

/** One line for all that is full, then one for each other. */
export const levelLines = (levels: readonly (readonly [string, Level])[], words: Words): readonly string[] => {
  const full = levels.filter(([, { level }]) => level === "full").map(([name]) => name);
  const rest = levels.flatMap(([name, level]) =>
    level.level === "degraded"
      ? [words.doctor.partly(name, level.lost)]
      : level.level === "none"
        ? [words.doctor.not(name, [level.why, ...(level.remedy ? [level.remedy] : [])].join(" "))]
        : [],
  );
  const lines = [...(full.length > 0 ? [words.doctor.fully(full.join(", "))] : []), ...rest];
  return lines.length > 0 ? lines : [words.doctor.nothing];
};
