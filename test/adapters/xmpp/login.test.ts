/** Logins by SCRAM-SHA-1: the key is derived by Node, and no server makes us derive for ever. */

import { client } from "@xmpp/client";
import { expect, test } from "vitest";
import { quick } from "../../../adapters/suites/xmpp/login.ts";
import { accountOf } from "../../../adapters/suites/xmpp/options.ts";

const account = accountOf({
  id: "chat",
  domain: "example.org",
  username: "user",
  password: "pencil",
  nickname: "Bridge",
  rooms: ["room@conference.example.org"],
});

interface Mechanism {
  readonly name: string;
  challenge(text: string): unknown;
  response(credentials: object): Promise<string>;
}

/** The package's own mechanism, with the nonce of the RFC's example. */
const mechanism = (): Mechanism => {
  const { saslFactory } = client({ service: "xmpp://127.0.0.1:1" }) as unknown as {
    saslFactory: { create(names: readonly string[]): Mechanism };
  };
  return Object.assign(saslFactory.create(["SCRAM-SHA-1"]), { _genNonce: () => "fyko+d2lbbFgONRv9qkxdawL" });
};

const challenge = (rounds: number): string => `r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=${rounds}`;

test("proves what the example of RFC 5802 section 5 proves", async () => {
  const scram = quick(mechanism(), account);
  expect(await scram.response({ username: "user", password: "pencil" })).toBe("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
  scram.challenge(challenge(4096));
  expect(await scram.response({ username: "user", password: "pencil" })).toMatch(/,p=v0X8v3Bz2T0CJGbJQyF0X\+HI4Ts=$/);
});

test("refuses a server that asks for too many rounds", async () => {
  const scram = quick(mechanism(), account);
  await scram.response({ username: "user", password: "pencil" });
  scram.challenge(challenge(2 ** 31 - 1));
  await expect(scram.response({ username: "user", password: "pencil" })).rejects.toMatchObject({
    code: "unauthenticated",
    message: expect.stringContaining("2147483647 rounds"),
  });
});
