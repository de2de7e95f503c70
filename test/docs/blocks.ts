/** The code blocks of the documents, and what the hidden comment before one says about running it. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "../..");

/** One fenced block. */
export interface Block {
  /** `README.md:12`. */
  readonly at: string;
  readonly language: string;
  readonly code: string;
  /** Of `<!-- run: NAME -->` in the line before. */
  readonly run?: string;
  /** Of `<!-- example: PATH -->`: the file it shows. */
  readonly example?: string;
}

const files = (): readonly string[] =>
  execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], { cwd: root, encoding: "utf8" })
    .split("\n")
    .filter((file) => /^(README(\.\w+)?\.md|CONTRIBUTING\.md|docs\/[^/]+\.md|adapters\/.*\/README\.md)$/.test(file));

/** Every block of every document a reader may copy from. */
export const blocks = (): readonly Block[] =>
  files().flatMap((file) => {
    const lines = readFileSync(join(root, file), "utf8").split("\n");
    const found: Block[] = [];
    for (let line = 0; line < lines.length; line += 1) {
      const fence = /^(`{3,})(.*)$/.exec(lines[line] ?? "");
      if (!fence) continue;
      const example = /^<!-- example: (\S+) -->$/.exec(lines[line - 1] ?? "")?.[1];
      const end = lines.indexOf(fence[1] as string, line + 1);
      if (end < 0) throw new Error(`${file}:${line + 1}: the block is never closed`);
      const run = /^<!-- run: ([a-z]+) -->$/.exec(lines[line - 1] ?? "")?.[1];
      found.push({
        at: `${file}:${line + 1}`,
        language: (fence[2] ?? "").trim(),
        code: lines.slice(line + 1, end).join("\n"),
        ...(run !== undefined && { run }),
        ...(example !== undefined && { example }),
      });
      line = end;
    }
    return found;
  });
