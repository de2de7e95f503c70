/** What should stand at a target: the object as its source shows it, made fit to be read there. Pure. */

import type { Loss, MessageView, View } from "../contract/view.ts";
import { asBusyTime, isPrivate } from "./private.ts";
import type { Route } from "./routes.ts";

/** Fields that are the item's own, or mean nothing at another place. */
const own = ["flags", "labels", "seen", "reactions", "bcc", "losses", "trail", "edition", "inReplyTo", "context"] as const;

/** Whom it was written to at its source: a target that writes to people must not take them for whom to write to. */
const recipients = ["to", "cc"] as const;

/**
 * A message's text taken apart: what is new, what it quotes, and its signature. Given by the hub, since how people quote is
 * knowledge of a protocol. `forwarded`: the quotation is what the message is about.
 */
export type SplitText = (message: { readonly text: string; readonly html?: string }) => {
  readonly text: string;
  readonly quoted?: string;
  readonly signature?: string;
  readonly forwarded?: true;
};

/** Where it will stand. */
export interface Setting {
  /** What is made there is sent to people. */
  readonly acts: boolean;
  /** What it answers stands there, too: it need not be quoted. */
  readonly threaded: boolean;
  readonly split: SplitText;
}

/** The view to be made there, and what of the source's it leaves out. */
export const rendered = (
  view: View,
  route: Route | undefined,
  { acts, threaded, split }: Setting,
): { readonly view: View; readonly losses: readonly Loss[] } => {
  if (view.type === "Event" && isPrivate(view)) return asBusyTime(view, route?.language);
  const out: Record<string, unknown> = { ...view };
  for (const field of acts ? [...own, ...recipients] : own) delete out[field];
  const addressed = acts ? recipients.filter((field) => Array.isArray((view as unknown as Record<string, unknown>)[field])) : [];
  const unaddressed = addressed.map(
    (field): Loss => ({ field, reason: "It goes to whom the answer is for, not to whom this was written." }),
  );
  const plain = out as unknown as View;
  if (route?.template) return { view: route.template(plain), losses: [] };
  const shown = plain.type === "Note" && threaded ? unquoted(plain, split) : { view: plain, losses: [] };
  return { view: shown.view, losses: [...unaddressed, ...shown.losses] };
};

/** Only what is new in an answer: the quoted mail stands above it. A forwarded one is what it is about, and stays. */
const unquoted = (note: MessageView, split: SplitText): { readonly view: MessageView; readonly losses: readonly Loss[] } => {
  if (note.text === undefined) return { view: note, losses: [] };
  const { text, quoted, signature, forwarded } = split({
    text: note.text,
    ...(note.content !== undefined && { html: note.content }),
  });
  if (forwarded || (quoted === undefined && signature === undefined)) return { view: note, losses: [] };
  const { content: _content, ...rest } = note;
  const left = [...(quoted === undefined ? [] : ["the quoted text"]), ...(signature === undefined ? [] : ["the signature"])];
  return {
    view: { ...rest, text },
    losses: [{ field: "content", reason: `Left out: ${left.join(" and ")}; the original has it.` }],
  };
};
