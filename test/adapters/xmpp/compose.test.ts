/** What is written as it is, is what Message Styling would make of it. */

import fc from "fast-check";
import { htmlOfText } from "groupstream/protocol/text";
import { expect, test } from "vitest";
import { composed } from "../../../adapters/suites/xmpp/compose.ts";

const manner = { self: "xmpp:bridge@example.org", titled: false } as const;
const letters = fc.constantFrom(..."ab1éß漢 .,!?'-*_`~>  <&:/www.x\n");

test("plain text is the same as its HTML", () => {
  fc.assert(
    fc.property(fc.array(letters, { minLength: 1, maxLength: 30 }), (some) => {
      const text = some.join("").trim();
      const plain = composed({ type: "Note", text }, manner);
      const styled = composed({ type: "Note", text, content: htmlOfText(text) }, manner);
      expect([plain.text, plain.digest]).toEqual([styled.text, styled.digest]);
    }),
    { numRuns: 2_000 },
  );
});
