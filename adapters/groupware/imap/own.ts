/**
 * What is ours among mails: the addresses of the account, and the Message-IDs of what was sent for deliveries. Pure.
 *
 * A Message-ID is written by whoever sends: it names a delivery of ours only with our own address as sender and our domain
 * behind the `@`.
 */

import type { ActorId, DeliveryId, MessageView, ThingRef } from "groupstream";
import { mailtoOf } from "groupstream/protocol/text";

const uuid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const marked = new RegExp(`^gs\\.(${uuid})@(.+)$`, "i");

/** RFC 5322 section 3.2.3, and letters beyond ASCII (RFC 6532). A local part that must be quoted is written to by nobody here. */
const dotAtom = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u{a0}-\u{10ffff}-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u{a0}-\u{10ffff}-]+)*$/u;

/** The address of a `mailto:` id; undefined for other ids and for addresses that mail is not sent to. */
export const addressOf = (id: ActorId): string | undefined => {
  const at = id.lastIndexOf("@");
  if (!id.startsWith("mailto:") || at < 0 || /[?\s]/.test(id)) return undefined;
  let local: string;
  try {
    local = decodeURIComponent(id.slice("mailto:".length, at));
  } catch {
    return undefined;
  }
  const address = `${local}@${id.slice(at + 1)}`;
  return dotAtom.test(local) && mailtoOf(address) !== undefined ? address : undefined;
};

/** Lower case throughout: nobody gives two people one address in two cases. */
const folded = (id: ActorId): string => id.toLowerCase();

/** The account's own addresses. */
export interface Own {
  has(id: ActorId | undefined): boolean;
  /** Domains of Message-IDs that were minted here, lower case. */
  readonly domains: ReadonlySet<string>;
}

/** @param ids  every name of the account; those that are no `mailto:` count as names only */
export const ownOf = (ids: readonly (ActorId | undefined)[]): Own => {
  const known = ids.filter((id) => id !== undefined);
  const names = new Set(known.map(folded));
  const domains = known.filter((id) => id.startsWith("mailto:")).map((id) => folded(id).slice(id.lastIndexOf("@") + 1));
  return { has: (id) => id !== undefined && names.has(folded(id)), domains: new Set(domains) };
};

/** True for an id that can stand in a Message-ID and be known again. */
export const isDelivery = (id: DeliveryId): boolean => new RegExp(`^${uuid}$`, "i").test(id);

/** The Message-ID of a delivery, without angle brackets: equal for every attempt. */
export const messageIdOf = (delivery: DeliveryId, from: string): string =>
  `gs.${delivery}@${from.slice(from.lastIndexOf("@") + 1).toLowerCase()}`;

/** The delivery that a Message-ID of ours names. */
const markerOf = (messageId: string | undefined, own: Own): DeliveryId | undefined => {
  const [, id, domain] = marked.exec(messageId ?? "") ?? [];
  return id !== undefined && domain !== undefined && own.domains.has(domain.toLowerCase()) ? id.toLowerCase() : undefined;
};

/** A mail that was sent for a delivery, by us as far as the mail says. */
export const mineOf = (
  messageId: string | undefined,
  { attributedTo }: MessageView,
  own: Own,
): { readonly marker: DeliveryId } | undefined => {
  const marker = own.has(attributedTo?.id) ? markerOf(messageId, own) : undefined;
  return marker === undefined ? undefined : { marker };
};

const HINT = "mid:";

/** The view with those parents that we sent named by their delivery, before its other names. */
export const namingOurs = (note: MessageView, own: Own): MessageView => {
  const markers = (note.inReplyTo ?? []).flatMap((ref): ThingRef[] => {
    const hint = "evidence" in ref && ref.evidence.startsWith(HINT) ? ref.evidence.slice(HINT.length) : undefined;
    const marker = markerOf(hint, own);
    return marker === undefined ? [] : [{ marker }];
  });
  return markers.length === 0 ? note : { ...note, inReplyTo: [...markers, ...(note.inReplyTo ?? [])] };
};
