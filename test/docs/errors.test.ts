/** docs/errors.md says what the table says, of every code. */

import { readFileSync } from "node:fs";
import { errorTable } from "groupstream";
import { expect, it } from "vitest";

const rows = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8")
  .split("\n")
  .flatMap((line) => {
    const cells = line.split("|").map((cell) => cell.trim());
    return /^`[a-z-]+`$/.test(cells[1] ?? "") ? [cells.slice(1, -1)] : [];
  });

it("has a row for each code, in the table's order, with its damage, person and remedy", () => {
  expect(rows.map(([code, damage, , person, remedy]) => [code, damage, person, remedy])).toEqual(
    Object.entries(errorTable).map(([code, row]) => [`\`${code}\``, row.damage, row.human ? "needed" : "", row.remedy]),
  );
  expect(rows.every(([, , does]) => does !== "")).toBe(true);
});
