/** What an application had done is told once, also where the receipt shows no text and the policy lets it be read. */

import { openHub } from "groupstream";
import { describe, expect, it } from "vitest";
import { office } from "./sending.ts";
import { hasDovecot } from "./world.ts";

describe.skipIf(!hasDovecot)("submitted", () => {
  const at = office();

  it("a flag and a mail are told, and no text that changed", async () => {
    await at.begin({ imap: { owner: "mailto:support@example.org" } });
    await at.put("INBOX", "From: ann@example.org\r\nMessage-ID: <q@x>\r\nSubject: Printer\r\n\r\nIt burns.\r\n");
    const hub = await openHub({ store: ":memory:", systems: [at.adapter], policy: { body: "full" }, history: "all" });
    try {
      let after = 0;
      const told = async (): Promise<[string, string][]> => {
        const all: [string, string][] = [];
        await hub.sync();
        for await (const { seq, activity } of hub.activities({ after })) {
          after = seq;
          all.push([activity.type, String((activity.object as { id?: string }).id)]);
        }
        return all;
      };
      const object = (await told())[0]?.[1] ?? "";
      const actor = "mailto:support@example.org";
      expect(await hub.submit({ type: "Add", actor, object, flag: "flagged" })).toMatchObject({ outcome: "done" });
      expect(await told()).toEqual([["Add", object]]);
      const note = { type: "Note", name: "Out", text: "It is out.", to: [{ id: "mailto:ann@example.org" }] } as const;
      expect(await hub.submit({ type: "Create", actor, object: note, target: "mail" })).toMatchObject({ outcome: "done" });
      expect((await told()).map(([type]) => type)).toEqual(["Create"]);
      expect(await told()).toEqual([]);
    } finally {
      await hub.close();
    }
  });
});
