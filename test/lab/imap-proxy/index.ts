/** A proxy before Dovecot that gives it the habits of other servers. See README.md for the habits. */

import { createServer } from "node:net";
import { session } from "./session.ts";
import type { Trait } from "./trait.ts";

export type { Trait } from "./trait.ts";

/** A running proxy. */
export interface ImapProxy extends AsyncDisposable {
  readonly host: "127.0.0.1";
  readonly port: number;
  /** Every command as clients sent it, name and arguments; logins without theirs. */
  readonly commands: string[];
  /** Lines that nobody here understands. A test that used the proxy asserts that there are none. */
  readonly faults: readonly string[];
  /** Commands that were answered BAD on this side of the server, with the reason. */
  readonly refused: readonly string[];
  /** Ends every connection, without a word; new ones are accepted. */
  cut(): void;
}

/** Listens on loopback before the server on that port. The first trait stands next to the client. */
export const startProxy = async (port: number, traits: readonly Trait[]): Promise<ImapProxy> => {
  const sessions = new Set<{ cut(): void }>();
  const commands: string[] = [];
  const faults: string[] = [];
  const refused: string[] = [];
  const server = createServer((client) => {
    const one = session(client, port, {
      traits,
      fault: (what) => void faults.push(what),
      refused: (what) => void refused.push(what),
      heard: ({ name, args }) => void commands.push(/^(LOGIN|AUTHENTICATE)$/.test(name) ? name : `${name} ${args}`.trim()),
    });
    sessions.add(one);
    client.on("close", () => sessions.delete(one));
  });
  await new Promise<void>((go) => server.listen(0, "127.0.0.1", go));
  const address = server.address();
  const cut = (): void => {
    for (const one of sessions) one.cut();
  };
  return {
    host: "127.0.0.1",
    port: typeof address === "object" && address ? address.port : 0,
    commands,
    faults,
    refused,
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
};
