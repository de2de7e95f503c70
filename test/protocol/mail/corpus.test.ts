import { describe, expect, test } from "vitest";
import { awkwardMail } from "../../fixtures/mail/corpus.ts";
import { viewOf } from "../../fixtures/mail/view.ts";

describe("awkward mail", () => {
  test.each(awkwardMail.map((row) => [row.name, row] as const))("%s", (_, { raw, view, absent = [] }) => {
    const seen = viewOf(raw);
    expect(seen).toMatchObject(view);
    for (const field of absent) expect(seen).not.toHaveProperty(field);
    expect(viewOf(raw)).toStrictEqual(seen);
    expect(JSON.stringify(seen)).not.toMatch(/\\u0000|\\ud[89a-f]/i);
  });
});
