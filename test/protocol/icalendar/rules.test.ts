/** Rules against what was settled in test/fixtures/recurrence, and against dateutil where it can be had. */

import { expect, it } from "vitest";
import { occurrencesOf } from "../../../src/protocol/icalendar/occurrences.ts";
import { ruleText } from "../../../src/protocol/icalendar/rule.ts";
import { LabUnavailable } from "../../lab/packages.ts";
import { askDateutil, disagreements, ruleCases } from "../../lab/recurrence.ts";
import { event, series } from "./objects.ts";

const cases = await ruleCases();
const differing = await disagreements();
const answers = await askDateutil(cases).catch((error): undefined => {
  if (!(error instanceof LabUnavailable) || process.env.CI) throw error;
  console.warn(`skipped: ${error.message}`);
});

const compact = (text: string): string => text.replace(/[-:]/g, "");

it("expands every rule as RFC 5545 has it", () => {
  expect(cases.length).toBeGreaterThanOrEqual(300);
  for (const { start, rule, expected } of cases) {
    const found = occurrencesOf(series(event(`DTSTART:${compact(start)}`, `RRULE:${rule}`)), {
      from: "1900-01-01T00:00:00Z",
      to: "2200-12-31T00:00:00Z",
      limit: 20,
    });
    expect([rule, ...found.occurrences.map((one) => one.recurrenceId)]).toEqual([rule, ...expected]);
  }
});

it("finds within a late window what it finds from the beginning", () => {
  for (const { start, rule, expected } of cases) {
    const [from, to] = [expected.at(-3), expected.at(-1)];
    if (!from || !to || expected.length < 4) continue;
    const { occurrences } = occurrencesOf(series(event(`DTSTART:${compact(start)}`, `RRULE:${rule}`)), {
      from: `${from}Z`,
      to: `${to}Z`,
    });
    expect([rule, ...occurrences.map((one) => one.recurrenceId)]).toEqual([rule, ...expected.slice(-3, -1)]);
  }
});

it("differs from another expander only where the fixture says why", () => {
  for (const { reason } of differing) expect(reason).toMatch(/^§3\./);
  expect(differing.length).toBeLessThan(40);
});

it.skipIf(!answers)("agrees with dateutil in all other rules", () => {
  const known = new Map(differing.map(({ start, rule, dateutil }) => [`${start} ${rule}`, dateutil]));
  for (const [index, { start, rule, expected }] of cases.entries()) {
    expect([rule, ...(answers?.[index] ?? [])]).toEqual([rule, ...(known.get(`${start} ${rule}`) ?? expected)]);
  }
});

it("writes equal rules as equal texts", () => {
  const same = "FREQ=MONTHLY;INTERVAL=2;COUNT=5;BYMONTH=1,6;BYDAY=-1FR,MO,1TU;BYSETPOS=-1;WKST=SU";
  expect(ruleText("bysetpos=-1;WKST=SU;byday=1TU,mo,-1fr,MO;COUNT=5;BYMONTH=6,1,06;INTERVAL=02;FREQ=monthly")).toBe(
    ruleText(same),
  );
  expect(ruleText(ruleText(same))).toBe(ruleText(same));
  expect(ruleText("INTERVAL=1;FREQ=DAILY;WKST=MO;UNTIL=2026-01-05T09:00:00Z")).toBe("FREQ=DAILY;UNTIL=20260105T090000Z");
  expect(ruleText("freq=daily;bymonth=13")).toBe("FREQ=DAILY;BYMONTH=13");
  expect(ruleText(`FREQ=DAILY;BYHOUR=${"1,".repeat(1e6)}1`)).toHaveLength(10_000);
});
