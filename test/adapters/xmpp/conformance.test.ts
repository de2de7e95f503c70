/** The conformance kit against rooms of a real Prosody. */

import { xmpp } from "groupstream/adapters/xmpp";
import { adapterConformance } from "groupstream/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Prosody, ProsodyUser } from "../../lab/prosody.ts";
import { Person } from "../../lab/xmpp.ts";
import { hasProsody, roomWorld, serverOrReason } from "./world.ts";

describe.skipIf(!hasProsody)("a room", () => {
  let server: Prosody;
  let anna: Person;
  let bot: ProsodyUser;
  beforeAll(async () => {
    server = (await serverOrReason())!;
    anna = await Person.open(server, await server.user("anna"));
    bot = await server.user("bot");
  });
  afterAll(async () => {
    await anna?.stop();
    await server?.stop();
  });

  adapterConformance({
    test: (name, check) => test(name, { timeout: 60_000 }, check),
    title: "xmpp",
    world: () => roomWorld(server, anna),
    make: ({ room, proxy }) =>
      xmpp({
        id: "chat",
        domain: server.domain,
        service: `xmpp://127.0.0.1:${proxy.port}`,
        username: bot.name,
        password: bot.password,
        nickname: "Bridge",
        rooms: [room],
        audience: "public",
      }),
  });
});
