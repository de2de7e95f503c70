/** The conformance kit against a real Dovecot: its tiers of telling changes side by side, the checks of each one after the other. */

import { imap } from "groupstream/adapters/imap";
import { adapterConformance } from "groupstream/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Dovecot, DovecotOptions } from "../../lab/dovecot.ts";
import { sendingWorld } from "./mailbox-world.ts";
import { hasDovecot, serverOrReason } from "./world.ts";

const tiers: readonly (readonly [string, DovecotOptions])[] = [
  ["QRESYNC", {}],
  ["CONDSTORE", { without: ["QRESYNC"] }],
  ["plain", { without: ["QRESYNC", "CONDSTORE"] }],
];

describe.skipIf(!hasDovecot).each(tiers)("%s", { concurrent: true }, (title, options) => {
  let server: Dovecot;
  beforeAll(async () => {
    server = (await serverOrReason(options))!;
  });
  afterAll(() => server?.stop());

  adapterConformance({
    test: (name, check) => test(name, { timeout: 120_000, concurrent: false }, check),
    title: `imap, ${title}`,
    world: () => sendingWorld(server),
    make: ({ user, smtp }) =>
      imap({
        id: "mail",
        host: server.host,
        port: server.port,
        auth: { user, pass: server.password },
        exclude: [],
        smtp: { host: "127.0.0.1", port: smtp, secure: false, from: { name: "Support", address: user } },
      }),
  });
});
