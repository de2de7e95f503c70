/** A person with an XMPP program, for tests: enters rooms, writes in them, and knows what the room made of it. */

import { randomUUID } from "node:crypto";
import { type Client, client, xml } from "@xmpp/client";
import type { Element } from "@xmpp/xml";
import type { Prosody, ProsodyUser } from "./prosody.ts";

export { xml };

/** A message as the room showed it. */
export interface Said {
  /** The room's id of it (XEP-0359). */
  readonly key: string;
  /** The sender's. */
  readonly id: string;
}

const sid = "urn:xmpp:sid:0";

export class Person {
  readonly #client: Client;
  /** Every stanza that came, in its order. What others did may still be on its way: {@link caughtUp} waits for it. */
  readonly heard: Element[] = [];
  /** Who we are in each room. */
  readonly #nicks = new Map<string, string>();
  readonly #listeners = new Set<(stanza: Element) => void>();

  private constructor(made: Client) {
    this.#client = made;
    made.on("error", () => undefined);
    made.on("stanza", (stanza: Element) => {
      this.heard.push(stanza);
      for (const listener of this.#listeners) listener(stanza);
    });
  }

  static async open(server: Prosody, user: ProsodyUser): Promise<Person> {
    const made = client({
      service: `xmpp://${server.host}:${server.port}`,
      domain: server.domain,
      // PLAIN: deriving a key in JavaScript takes the package a second for each login.
      credentials: ((authenticate: (login: object, mechanism: string) => Promise<void>) =>
        authenticate({ username: user.name, password: user.password }, "PLAIN")) as never,
    });
    made.reconnect.stop();
    const person = new Person(made);
    await made.start();
    return person;
  }

  /** The first stanza that comes from now on and is meant. */
  next(isMeant: (stanza: Element) => boolean, within = 10_000): Promise<Element> {
    return new Promise((resolve, reject) => {
      const end = (act: () => void): void => {
        clearTimeout(timer);
        this.#listeners.delete(listener);
        act();
      };
      const listener = (stanza: Element): void => {
        if (isMeant(stanza)) end(() => resolve(stanza));
      };
      const timer = setTimeout(() => end(() => reject(new Error("the stanza that was waited for did not come"))), within);
      this.#listeners.add(listener);
    });
  }

  send(stanza: Element): Promise<void> {
    return this.#client.send(stanza);
  }

  async ask(type: "get" | "set", to: string, payload: Element): Promise<Element> {
    const id = randomUUID();
    const answer = this.next((stanza) => stanza.name === "iq" && stanza.attrs.id === id);
    await this.send(xml("iq", { type, to, id }, payload));
    const stanza = await answer;
    if (stanza.attrs.type === "error") throw new Error(stanza.toString());
    return stanza;
  }

  /** Waits until everything is heard that the room has shown so far: what it says comes in its order, its answer last. */
  async caughtUp(room: string): Promise<void> {
    await this.ask("get", room, xml("query", { xmlns: "http://jabber.org/protocol/disco#info" }));
  }

  async enter(room: string, nick: string): Promise<void> {
    const inside = this.next(
      (stanza) => stanza.name === "presence" && stanza.attrs.from === `${room}/${nick}` && /code="110"/.test(stanza.toString()),
    );
    const history = xml("history", { maxstanzas: "0" });
    await this.send(xml("presence", { to: `${room}/${nick}` }, xml("x", { xmlns: "http://jabber.org/protocol/muc" }, history)));
    await inside;
    this.#nicks.set(room, nick);
  }

  async leave(room: string, nick: string): Promise<void> {
    const outside = this.next(
      (stanza) => stanza.name === "presence" && stanza.attrs.type === "unavailable" && stanza.attrs.from === `${room}/${nick}`,
    );
    await this.send(xml("presence", { to: `${room}/${nick}`, type: "unavailable" }));
    await outside;
  }

  /** Sets fields of a room's configuration (XEP-0045 section 10.2); its owner's act. */
  async configure(room: string, fields: Readonly<Record<string, string>>): Promise<void> {
    const field = ([name, value]: [string, string]): Element => xml("field", { var: name }, xml("value", {}, value));
    const type = { FORM_TYPE: "http://jabber.org/protocol/muc#roomconfig" };
    const form = xml("x", { xmlns: "jabber:x:data", type: "submit" }, ...Object.entries({ ...type, ...fields }).map(field));
    await this.ask("set", room, xml("query", { xmlns: "http://jabber.org/protocol/muc#owner" }, form));
  }

  /** Changes somebody's affiliation (`outcast`, `member`) or role (`visitor`) in a room; its owner's act. */
  async decide(room: string, item: Readonly<Record<string, string>>): Promise<void> {
    await this.ask("set", room, xml("query", { xmlns: "http://jabber.org/protocol/muc#admin" }, xml("item", item)));
  }

  /** Takes a room away for good (XEP-0045 section 10.9); its owner's act. */
  async destroy(room: string): Promise<void> {
    await this.ask("set", room, xml("query", { xmlns: "http://jabber.org/protocol/muc#owner" }, xml("destroy")));
  }

  /** Sends a message of these parts to a room, and waits until the room shows it. */
  async say(room: string, parts: readonly Element[], id: string = randomUUID()): Promise<Said> {
    const from = this.#nicks.has(room) ? [room, `${room}/${this.#nicks.get(room)}`] : undefined;
    // Somebody else may have sent one under the same id.
    const shown = this.next(
      ({ name, attrs }) => name === "message" && attrs.id === id && (from?.includes(String(attrs.from)) ?? true),
    );
    await this.send(xml("message", { to: room, type: "groupchat", id }, ...parts));
    const stanza = await shown;
    if (stanza.attrs.type === "error") throw new Error(stanza.toString());
    const key = stanza.getChildren("stanza-id", sid).find((child) => child.attrs.by === room)?.attrs.id;
    return { key: String(key ?? ""), id };
  }

  text(room: string, body: string, ...parts: readonly Element[]): Promise<Said> {
    return this.say(room, [xml("body", {}, body), ...parts]);
  }

  async stop(): Promise<void> {
    await this.#client.stop();
  }
}

/** Parts of messages. */
export const part = {
  body: (text: string): Element => xml("body", {}, text),
  subject: (text: string): Element => xml("subject", {}, text),
  store: (): Element => xml("store", { xmlns: "urn:xmpp:hints" }),
  correct: (id: string): Element => xml("replace", { xmlns: "urn:xmpp:message-correct:0", id }),
  retract: (key: string): Element => xml("retract", { xmlns: "urn:xmpp:message-retract:1", id: key }),
  react: (key: string, ...emojis: readonly string[]): Element =>
    xml("reactions", { xmlns: "urn:xmpp:reactions:0", id: key }, ...emojis.map((emoji) => xml("reaction", {}, emoji))),
  file: (url: string): Element => xml("x", { xmlns: "jabber:x:oob" }, xml("url", {}, url)),
  reply: (to: string, key: string): Element => xml("reply", { xmlns: "urn:xmpp:reply:0", to, id: key }),
};
