/**
 * The conformance kit behind the traits of providers. Its checks wait more than they work, each in an account and behind a
 * proxy of its own: they run side by side.
 */

import { imap } from "groupstream/adapters/imap";
import { adapterConformance } from "groupstream/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Dovecot } from "../../lab/dovecot.ts";
import { servers } from "./habits.ts";
import { mailboxWorld } from "./mailbox-world.ts";
import { hasDovecot, serverOrReason } from "./world.ts";

describe.skipIf(!hasDovecot)("behind a proxy", () => {
  let server: Dovecot;
  beforeAll(async () => {
    server = (await serverOrReason())!;
  });
  afterAll(() => server?.stop());

  describe.concurrent.each(Object.entries(servers))("%s", (name, habits) => {
    adapterConformance({
      test: (title, check) => test.concurrent(title, { timeout: 60_000 }, check),
      title: `imap, ${name}`,
      world: () => mailboxWorld(server, habits),
      make: ({ user, port }) => imap({ id: "mail", host: server.host, port, auth: { user, pass: server.password }, exclude: [] }),
    });
  });
});
