/** Who we are: the optional package, and the login it asks for. */

import { randomUUID } from "node:crypto";
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
