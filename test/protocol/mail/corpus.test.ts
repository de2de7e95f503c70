import { chooseText, decodePart, noteOf, partBytes, type RawPart, scanMail, textOf } from "groupstream/protocol";
import { describe, expect, test } from "vitest";
import { awkwardMail } from "../../fixtures/mail/corpus.ts";

export const viewOf = (raw: Uint8Array) => {
  const { headers, structure } = scanMail(raw);
  const { plain, html } = chooseText(structure);
  const decode = (part: unknown) => decodePart(partBytes(raw, part as RawPart), part as RawPart);
  const text = textOf({ ...(plain && { plain: decode(plain) }), ...(html && { html: decode(html) }) });
  return noteOf({ headers, structure, text });
};

describe("awkward mail", () => {
  test.each(awkwardMail.map((row) => [row.name, row] as const))("%s", (_, { raw, view, absent = [] }) => {
    const seen = viewOf(raw);
    expect(seen).toMatchObject(view);
    for (const field of absent) expect(seen).not.toHaveProperty(field);
    expect(viewOf(raw)).toStrictEqual(seen);
    expect(JSON.stringify(seen)).not.toMatch(/\\u0000|\\ud[89a-f]/i);
  });
});
