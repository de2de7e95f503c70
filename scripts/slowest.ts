/** A vitest reporter: the ten files that took longest, so that a tier that grows is seen growing. */

import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

const shown = 10;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1).padStart(7)} s`;

export default class Slowest implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const files = modules
      .map((module) => {
        const { duration, setupDuration, collectDuration } = module.diagnostic();
        return { file: relative(process.cwd(), module.moduleId), ms: duration + setupDuration + collectDuration };
      })
      .sort((a, b) => b.ms - a.ms);
    if (files.length <= 1) return;
    const lines = files.slice(0, shown).map(({ file, ms }) => `${seconds(ms)}  ${file}`);
    process.stdout.write(`\nSlowest of ${files.length} files:\n${lines.join("\n")}\n`);
  }
}
