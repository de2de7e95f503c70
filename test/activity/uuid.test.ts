import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { v5, validate, version } from "uuid";
import { describe, expect, it } from "vitest";
import { contextUuid, uuidAt, uuidNamed } from "../../src/activity/uuid.ts";

describe("UUIDs", () => {
  it("of a name are those of the uuid package, for any name and namespace", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.uuid(), (name, namespace) => {
        expect(uuidNamed(name, namespace)).toBe(v5(name, namespace));
      }),
    );
  });

  it("of objects are version 7, and sort by time", () => {
    const [early, late] = [uuidAt(1_700_000_000_000), uuidAt(1_700_000_000_001)];
    expect([validate(early), version(early), early < late]).toEqual([true, 7, true]);
  });

  it("of conversations are version 8 and differ from the object that began them", () => {
    const founder = uuidAt(Date.now());
    expect([version(contextUuid(founder)), contextUuid(founder) === founder]).toEqual([8, false]);
    expect(contextUuid(randomUUID())).not.toBe(contextUuid(founder));
  });
});
