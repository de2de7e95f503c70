/**
 * One stream to the server, from its opening to its end. It never reconnects by itself.
 *
 * @xmpp/client is asked for the stream, TLS, SASL and binding only. Four of its habits are avoided here: it decodes each
 * piece of the socket by itself, which tears characters that lie on the border of two; its `start` leaves a promise behind
 * that rejects unheard when the stream cannot be opened; it takes an answer by its id, whoever sent it; and its logins take long.
 */

import { randomUUID } from "node:crypto";
import { StringDecoder } from "node:string_decoder";
import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "@xmpp/client";
import type { GroupstreamError } from "groupstream";
import { unlessAborted } from "./abort.ts";
import { StanzaError, translate } from "./errors.ts";
import { load, login, quick } from "./login.ts";
import { type Occupancy, occupancy } from "./occupancy.ts";
import type { XmppAccount } from "./options.ts";
import { conditionOf, type Element, type Xml } from "./xml.ts";

/** Longest wait for the server's answer to one request, and for a connection, ms. */
const ANSWER_TIME = 30_000;
/** Longest wait for each step of the farewell, ms: a dead line is not waited for. */
const FAREWELL = 1_000;

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
  /** Ids of our own messages that somebody waits for the room to show: they ring nowhere. */
  readonly awaited: Set<string>;
  /** Calls once when the stream ends, at once where it has. */
  onEnd(listener: (error: GroupstreamError) => void): () => void;
  /** The rooms we are in, and the way in. */
  readonly rooms: Occupancy;
  /** Ends it: leaves the rooms, closes the stream. */
  close(): Promise<void>;
}

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

/** What @xmpp/client calls on itself, and lets be replaced. */
interface Insides {
  socketParameters(service: string): { readonly host?: string } | undefined;
}

/**
 * Each piece of the socket is one call of `_onData`: a character that lies on the border of two is put together first. An IPv6
 * address is connected to without the brackets it has in a URL, and a certificate must be the domain's, wherever its server is
 * (RFC 6120 section 13.7.2).
 */
const mend = (entity: Client, domain: string, broken: (error: unknown) => void): void => {
  const decoder = new StringDecoder("utf8");
  const { socketParameters } = entity as unknown as Insides;
  Object.assign(entity, {
    _onData: (data: Buffer) => {
      try {
        entity.parser?.write(decoder.write(data));
      } catch (error) {
        broken(error);
      }
    },
    socketParameters: (service: string) => {
      const asked = socketParameters.call(entity, service);
      // Stanzas are small and each is waited for: held back until the last one is acknowledged they would take 40 ms each.
      return asked?.host === undefined
        ? asked
        : { ...asked, host: asked.host.replace(/^\[(.*)\]$/, "$1"), servername: domain, noDelay: true };
    },
  });
};

/** Where @xmpp/client takes its ways to log in from. */
interface Mechanisms {
  readonly saslFactory: { create(names: readonly string[]): Parameters<typeof quick>[0] };
}

/** Opens a stream and logs in. Fails with the table's errors, leaving no socket. */
export const openLine = async (account: XmppAccount): Promise<Line> => {
  const { client, xml } = await load(account);
  const entity = client({
    service: account.service,
    domain: account.domain,
    ...(account.resource !== undefined && { resource: account.resource }),
    credentials: login(account, xml) as never,
    timeout: ANSWER_TIME,
  } as never);
  entity.reconnect.stop();
  const { saslFactory } = entity as unknown as Mechanisms;
  const create = saslFactory.create.bind(saslFactory);
  saslFactory.create = (names) => quick(create(names), account);
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
  mend(entity, account.domain, (error) => {
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
    awaited: new Set<string>(),
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
      Object.assign(entity, { timeout: FAREWELL });
      const farewell = rooms.leave().then(() => entity.stop());
      await Promise.race([farewell.catch(() => undefined), pause(FAREWELL * 3, undefined, { ref: false })]);
      end();
    },
  });
};
