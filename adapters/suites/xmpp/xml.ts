/** Elements of stanzas: the namespaces that are read and written, and careful access to what strangers sent. */

import type { xml } from "@xmpp/client";

/** How @xmpp/client makes elements. */
export type Xml = typeof xml;

/** An element of a stanza. */
export type Element = ReturnType<Xml>;

/** Namespaces by what they are for, with the XEP that defines them. */
export const NS = {
  /** XEP-0030. */
  disco: "http://jabber.org/protocol/disco#info",
  discoItems: "http://jabber.org/protocol/disco#items",
  /** XEP-0004. */
  form: "jabber:x:data",
  /** XEP-0045. */
  muc: "http://jabber.org/protocol/muc",
  mucUser: "http://jabber.org/protocol/muc#user",
  /** XEP-0059. */
  rsm: "http://jabber.org/protocol/rsm",
  /** XEP-0066. */
  oob: "jabber:x:oob",
  /** XEP-0092. */
  version: "jabber:iq:version",
  /** XEP-0199. */
  ping: "urn:xmpp:ping",
  /** XEP-0203. */
  delay: "urn:xmpp:delay",
  /** XEP-0297. */
  forward: "urn:xmpp:forward:0",
  /** XEP-0308. */
  correct: "urn:xmpp:message-correct:0",
  /** XEP-0313. */
  mam: "urn:xmpp:mam:2",
  /** XEP-0334. */
  hints: "urn:xmpp:hints",
  /** XEP-0363. */
  upload: "urn:xmpp:http:upload:0",
  /** XEP-0359. */
  sid: "urn:xmpp:sid:0",
  /** XEP-0380. */
  encryption: "urn:xmpp:eme:0",
  /** XEP-0421. */
  occupant: "urn:xmpp:occupant-id:0",
  /** XEP-0422, with which retractions were written before version 0.4 of XEP-0424. */
  fasten: "urn:xmpp:fasten:0",
  /** XEP-0424. */
  retract: "urn:xmpp:message-retract:1",
  retractBefore: "urn:xmpp:message-retract:0",
  /** XEP-0425. */
  moderate: "urn:xmpp:message-moderate:1",
  moderateBefore: "urn:xmpp:message-moderate:0",
  /** XEP-0428. */
  fallback: "urn:xmpp:fallback:0",
  /** XEP-0444. */
  reactions: "urn:xmpp:reactions:0",
  /** XEP-0461. */
  reply: "urn:xmpp:reply:0",
  /** RFC 6120 section 8.3. */
  stanzas: "urn:ietf:params:xml:ns:xmpp-stanzas",
  /** Ours: where a message has been. */
  trail: "urn:groupstream:trail",
} as const;

const isElement = (node: unknown): node is Element => typeof node === "object" && node !== null && "attrs" in node;

/** The elements in an element. */
export const elementsOf = (parent: Element): readonly Element[] => parent.children.filter(isElement);

/** The first child of this name and namespace. */
export const childOf = (parent: Element | undefined, name: string, namespace: string): Element | undefined =>
  parent?.getChild(name, namespace);

/** An attribute that says something; longer ones than `limit` say nothing. */
export const attributeOf = (element: Element | undefined, name: string, limit = 2_000): string | undefined => {
  const value: unknown = element?.attrs[name];
  return typeof value === "string" && value !== "" && value.length <= limit ? value : undefined;
};

/** The text of the first child of this name. */
export const textIn = (parent: Element | undefined, name: string, namespace?: string): string | undefined =>
  parent?.getChild(name, namespace)?.getText();

/** The bare JID of a full one, and what stands behind the slash. */
export const splitJid = (jid: string): { readonly bare: string; readonly resource: string | undefined } => {
  const slash = jid.indexOf("/");
  return slash < 0
    ? { bare: jid.toLowerCase(), resource: undefined }
    : { bare: jid.slice(0, slash).toLowerCase(), resource: jid.slice(slash + 1) };
};

/** The condition of a stanza of type `error` (RFC 6120 section 8.3.3). */
export const conditionOf = (stanza: Element): string => {
  const error = stanza.getChild("error");
  const condition = error && elementsOf(error).find((child) => child.getNS() === NS.stanzas && child.getName() !== "text");
  return condition?.getName() ?? "undefined-condition";
};
