import { sizeOf } from "groupstream/protocol/text";
import { describe, expect, it } from "vitest";

describe("a size", () => {
  it.each([
    [0, "0 bytes"],
    [999, "999 bytes"],
    [1_500, "1.5 KB"],
    [12_400_000, "12 MB"],
  ])("says %d bytes as %s", (bytes, said) => expect(sizeOf(bytes)).toBe(said));
});
