/** Who we are: the optional package, and the login it asks for. */

import { pbkdf2, randomUUID } from "node:crypto";
import { promisify } from "node:util";
import type { Client } from "@xmpp/client";
import { GroupstreamError } from "groupstream";
import type { XmppAccount } from "./options.ts";
import type { Element, Xml } from "./xml.ts";

/** Kept: each post asks for it, and asking Node again takes as long as writing the post. */
let loaded: typeof import("@xmpp/client") | undefined;

/** The optional package, loaded when first needed. Fails: `misconfigured` with the command that installs it. */
export const load = async ({ id }: XmppAccount): Promise<typeof import("@xmpp/client")> => {
  try {
    return (loaded ??= await import("@xmpp/client"));
  } catch (cause) {
    throw new GroupstreamError("misconfigured", `${id}: the package @xmpp/client is missing; npm install @xmpp/client.`, {
      system: id,
      cause,
    });
  }
};

/** What of a login by SCRAM-SHA-1 is used: `response` takes a key that was derived before, with its salt. */
interface Scram {
  readonly name: string;
  readonly _stage?: string;
  readonly _salt?: Uint8Array;
  readonly _iterationCount?: number;
  response(credentials: object): string | Promise<string>;
}

/** Rounds that are derived at most, 250 times what servers ask for: more would only keep this machine busy. */
const ROUNDS = 1_000_000;
/** Octets of SHA-1. */
const KEY_LENGTH = 20;

const derive = promisify(pbkdf2);

/** SCRAM's key (RFC 5802 section 2.2) derived by Node: the package itself takes a second of JavaScript for each login. */
export const quick = <T extends Scram | null>(mechanism: T, { id, at }: XmppAccount): T => {
  if (mechanism?.name !== "SCRAM-SHA-1") return mechanism;
  const response = mechanism.response.bind(mechanism);
  return Object.assign(mechanism, {
    response: async (credentials: { readonly password?: string }): Promise<string> => {
      const { _stage: stage, _salt: salt, _iterationCount: rounds } = mechanism;
      if (stage !== "challenge" || !salt || !rounds) return response(credentials);
      if (rounds > ROUNDS)
        throw new GroupstreamError(
          "unauthenticated",
          `${id}: ${at} asks for ${rounds} rounds of SCRAM; lower its iteration count.`,
          {
            system: id,
          },
        );
      const saltedPassword = new Uint8Array(await derive(credentials.password ?? "", salt, rounds, KEY_LENGTH, "sha1"));
      return response({ ...credentials, salt, saltedPassword });
    },
  });
};

type Authenticate = (credentials: Readonly<Record<string, string>>, mechanism: string, agent?: Element) => Promise<void>;

/** Called by @xmpp/client when the server asks who we are: the password is asked for only then, and not without TLS. */
export const login =
  (account: XmppAccount, xml: Xml) =>
  async (authenticate: Authenticate, mechanisms: readonly string[], _fast: unknown, entity: Client) => {
    if (!entity.isSecure() && !account.plaintext)
      throw new GroupstreamError(
        "unreachable",
        `${account.id}: ${account.at} offers no TLS; use its TLS port (xmpps://), or allow insecure: "plaintext".`,
        { system: account.id },
      );
    const mechanism = mechanisms.find((name) => name !== "ANONYMOUS");
    if (mechanism === undefined)
      throw new GroupstreamError(
        "unauthenticated",
        `${account.id}: ${account.at} offers no login by SCRAM-SHA-1 or PLAIN; allow one of them there.`,
        { system: account.id },
      );
    let password: string;
    try {
      password = typeof account.password === "function" ? await account.password() : account.password;
    } catch (cause) {
      throw new GroupstreamError(
        "unauthenticated",
        `${account.id}: the function that gives the password for ${account.at} failed; see its cause.`,
        { system: account.id, cause },
      );
    }
    await authenticate(
      { username: account.username, password },
      mechanism,
      xml("user-agent", { id: randomUUID() }, xml("software", {}, "groupstream")),
    );
  };
