/** A message that is larger than its server takes at once: Prosody ends the stream of whoever sends it. */

import { randomUUID } from "node:crypto";
import type { Command } from "groupstream";
import { expect, it } from "vitest";
import { Person } from "../../lab/xmpp.ts";
import { adapterFor, hasProsody, listed, looked, never, newRoom, serverOrReason } from "./world.ts";

it.skipIf(!hasProsody)(
  "is refused as too large, is not tried again, and keeps no other from going",
  { timeout: 30_000 },
  async () => {
    const server = (await serverOrReason({ settings: "c2s_stanza_size_limit = 10000" }))!;
    try {
      const anna = await Person.open(server, await server.user("anna"));
      const room = await newRoom(server, anna, "Anna");
      await using adapter = await adapterFor(server, [room], { timeout: 3_000 });
      const [collection] = await listed(adapter);
      const post = (text: string) => {
        const command: Command = {
          id: randomUUID(),
          attempt: 1,
          verb: "Create",
          actor: "groupstream:system/mail",
          activity: {},
          collection: collection!,
          object: { type: "Note", text },
          trail: [],
        };
        return adapter.performs!.Create!(command, never);
      };
      const large = await post("ä".repeat(9_000));
      expect(large).toMatchObject({
        outcome: "refused",
        obstacle: "too-large",
        reason: expect.stringMatching(/larger than it takes/),
      });
      expect(large).not.toHaveProperty("again");
      expect(await post("small")).toMatchObject({ outcome: "done" });
      expect((await looked(adapter, collection!)).flatMap(({ sightings }) => sightings)).toMatchObject([
        { object: { text: "small" } },
      ]);
      await anna.stop();
    } finally {
      await server.stop();
    }
  },
);
