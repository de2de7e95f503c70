/**
 * The connection of an account: one stream, shared by looks, deliveries and the doorbell, opened when first needed and again
 * after it was lost. It never reconnects by itself: whoever uses it next opens it, so that back-off is the core's.
 *
 * @xmpp/client is asked for the stream, TLS, SASL and binding only. Three of its habits are avoided here: it decodes each
 * piece of the socket by itself, which tears characters that lie on the border of two; its `start` leaves a promise behind
 * that rejects unheard when the stream cannot be opened; and it takes an answer by its id, whoever sent it.
 */

import { randomUUID } from "node:crypto";
import { StringDecoder } from "node:string_decoder";
import type { Client } from "@xmpp/client";
import type { Element } from "@xmpp/xml";
import { GroupstreamError } from "groupstream";
import { StanzaError, translate } from "./errors.ts";
import { type Occupancy, occupancy } from "./occupancy.ts";
import type { XmppAccount } from "./options.ts";
import { conditionOf, type Xml } from "./xml.ts";

/** Longest wait for the server's answer to one request, and for a connection, ms. */
const ANSWER_TIME = 30_000;

/** One live stream. */
export interface Line {
  readonly xml: Xml;
  /** Our full JID. */
  readonly jid: string;
  /** False once the stream has ended. */
  readonly live: boolean;
  /** Sends one stanza. Fails: `unreachable`. */
  send(stanza: Element): Promise<void>;
  /**
   * Sends an IQ and resolves with its result. Fails: {@link StanzaError} when it was answered by an error; `unreachable` after
   * 30 s without an answer (the stream is then given up) or when the stream ends; the signal's reason.
   */
  request(type: "get" | "set", to: string, payload: Element, signal: AbortSignal): Promise<Element>;
  /** Calls for each stanza that answers no request, until the returned function is called. */
  hear(listener: (stanza: Element) => void): () => void;
  /** Calls once when the stream ends, at once where it has. */
  onEnd(listener: (error: GroupstreamError) => void): () => void;
  /** The rooms we are in, and the way in. */
  readonly rooms: Occupancy;
  /** Ends it: leaves the rooms, closes the stream. */
  close(): Promise<void>;
}

/** Settles as the promise does, or with the signal's reason; nothing stays on the signal. */
export const unlessAborted = async <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> => {
  promise.catch(() => undefined);
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
};

/** The optional package, loaded when first needed. Fails: `misconfigured` with the command that installs it. */
export const load = async ({ id }: XmppAccount): Promise<typeof import("@xmpp/client")> => {
  try {
    return await import("@xmpp/client");
  } catch (cause) {
    throw new GroupstreamError("misconfigured", `${id}: the package @xmpp/client is missing; npm install @xmpp/client.`, {
      system: id,
      cause,
    });
  }
};

type Authenticate = (credentials: Readonly<Record<string, string>>, mechanism: string, agent?: Element) => Promise<void>;

/** Called by @xmpp/client when the server asks who we are: the password is asked for only then, and not without TLS. */
const login =
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

/** What of the socket is used to end it without farewell. */
interface Plug {
  destroy?(): void;
  readonly socket?: { destroy?(): void } | null;
}

const unplug = (entity: Client): void => {
  const plug = entity.socket as unknown as Plug | null;
  plug?.destroy?.();
  plug?.socket?.destroy?.();
};

/** Each piece of the socket is one call of this; a character that lies on the border of two is put together first. */
const mend = (entity: Client, broken: (error: unknown) => void): void => {
  const decoder = new StringDecoder("utf8");
  Object.assign(entity, {
    _onData: (data: Buffer) => {
      try {
        entity.parser?.write(decoder.write(data));
      } catch (error) {
        broken(error);
      }
    },
  });
};

/** Opens a stream and logs in. Fails with the table's errors, leaving no socket. */
const openLine = async (account: XmppAccount): Promise<Line> => {
  const { client, xml } = await load(account);
  const entity = client({
    service: account.service,
    domain: account.domain,
    ...(account.resource !== undefined && { resource: account.resource }),
    credentials: login(account, xml) as never,
    timeout: ANSWER_TIME,
  } as never);
  entity.reconnect.stop();
  const pending = new Map<string, { readonly to: string; resolve(stanza: Element): void; reject(error: unknown): void }>();
  const listeners = new Set<(stanza: Element) => void>();
  const endings = new Set<(error: GroupstreamError) => void>();
  let ended: GroupstreamError | undefined;
  let cause: unknown;

  const end = (): void => {
    if (ended) return;
    ended = translate(account, cause);
    for (const { reject } of pending.values()) reject(ended);
    pending.clear();
    for (const listener of endings) listener(ended);
    endings.clear();
    unplug(entity);
  };
  const fail = (error: unknown): void => {
    cause ??= error;
  };
  mend(entity, (error) => {
    fail(error);
    end();
  });
  entity.on("error", fail);
  entity.on("disconnect", end);

  entity.on("stanza", (stanza: Element) => {
    const asked = stanza.name === "iq" ? pending.get(String(stanza.attrs.id ?? "")) : undefined;
    const from = String(stanza.attrs.from ?? account.jid);
    if (asked && (stanza.attrs.type === "result" || stanza.attrs.type === "error") && from.toLowerCase() === asked.to) {
      if (stanza.attrs.type === "result") asked.resolve(stanza);
      else asked.reject(new StanzaError(conditionOf(stanza)));
      return;
    }
    for (const listener of listeners) listener(stanza);
  });

  const online = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      fail(new Error("the connection took too long"));
      end();
    }, ANSWER_TIME);
    const settle = (act: () => void) => (): void => {
      clearTimeout(timer);
      act();
    };
    entity.once("online", settle(resolve));
    entity.once("error", settle(end));
    endings.add(settle(() => reject(ended)));
  });
  online.catch(() => undefined);
  const opening = (async () => {
    await entity.connect(account.service);
    await entity.open({ domain: account.domain, lang: "en" });
  })().catch((error: unknown) => {
    fail(error);
    end();
  });
  try {
    await Promise.race([online, opening.then(() => online)]);
  } catch (error) {
    unplug(entity);
    throw error;
  }

  const send = async (stanza: Element): Promise<void> => {
    if (ended) throw ended;
    try {
      await entity.send(stanza);
    } catch (error) {
      throw ended ?? translate(account, error);
    }
  };
  const onEnd = (listener: (error: GroupstreamError) => void): (() => void) => {
    if (ended) listener(ended);
    else endings.add(listener);
    return () => void endings.delete(listener);
  };
  const request: Line["request"] = async (type, to, payload, signal) => {
    signal.throwIfAborted();
    const id = randomUUID();
    const answer = new Promise<Element>((resolve, reject) => pending.set(id, { to: to.toLowerCase(), resolve, reject }));
    const timer = setTimeout(() => {
      fail(new Error("no answer in time"));
      end();
    }, ANSWER_TIME);
    try {
      const asked = send(xml("iq", { type, to, id }, payload)).then(() => answer);
      answer.catch(() => undefined);
      return await unlessAborted(asked, signal);
    } finally {
      clearTimeout(timer);
      pending.delete(id);
    }
  };
  const hear = (listener: (stanza: Element) => void): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const jid = entity.jid?.toString() ?? account.jid;
  const line = {
    xml,
    jid,
    send,
    request,
    hear,
    onEnd,
    get live() {
      return ended === undefined;
    },
  };
  const rooms = occupancy(account, line);
  return Object.assign(line, {
    rooms,
    async close() {
      if (ended) return;
      await rooms.leave();
      Object.assign(entity, { timeout: 1_000 });
      await entity.stop().catch(() => undefined);
      end();
    },
  });
};

/** The connection of an account between its uses. */
export interface Connection {
  /** The live stream, opened where there is none. Aborted: the signal's reason; the stream stays for others. */
  line(signal: AbortSignal, fresh?: boolean): Promise<Line>;
  close(): Promise<void>;
}

export const connectionOf = (account: XmppAccount): Connection => {
  let opening: Promise<Line> | undefined;
  let current: Line | undefined;
  let closed = false;

  const open = (): Promise<Line> => {
    opening ??= openLine(account)
      .then(async (line) => {
        current = line;
        if (closed) await line.close();
        return line;
      })
      .finally(() => {
        opening = undefined;
      });
    return opening;
  };

  return {
    async line(signal, fresh = false) {
      signal.throwIfAborted();
      if (closed)
        throw new GroupstreamError("unreachable", `${account.id}: the adapter is closed; make a new one.`, {
          system: account.id,
        });
      if (fresh && current?.live) await unlessAborted(current.close(), signal);
      return current?.live ? current : unlessAborted(open(), signal);
    },
    async close() {
      closed = true;
      await opening?.catch(() => undefined);
      await current?.close();
    },
  };
};
