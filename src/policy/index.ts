/** What may be read and kept. The first part of the policy: what is off is not requested where the protocol allows that. */

import type { Collection, Read, Sighting } from "../contract/adapter.ts";
import type { View } from "../contract/view.ts";

/** What the operator allows. */
export interface Policy {
  /** Text of messages: `none`, the first 2,000 characters, or up to 1 MiB. Default `full`. */
  readonly body?: Read["text"];
  /** Seen flags, presence. Default false: not collected. */
  readonly behaviour?: boolean;
  /** Collections never read, by name or role (`Private`, `role:drafts`). Default drafts and junk. */
  readonly exclude?: readonly string[];
}

/** A policy with every default filled in. */
export type FullPolicy = Required<Policy>;

export const defaultPolicy: FullPolicy = { body: "full", behaviour: false, exclude: ["role:drafts", "role:junk"] };

/** True if the policy lets this collection be read. */
export const mayRead = (policy: FullPolicy, { name, id, role }: Pick<Collection, "name" | "id" | "role">): boolean =>
  !policy.exclude.some((rule) => (rule.startsWith("role:") ? rule.slice(5) === role : rule === name || rule === id));

/** What a look may ask for. In a baseline text is never read. */
export const readOf = (policy: FullPolicy, baseline: boolean): Read => ({
  text: baseline ? "none" : policy.body,
  behaviour: policy.behaviour,
});

/** Characters of a preview. */
const previewLength = 2_000;
/** A preview's HTML is its text with a little around it; more is not a preview. */
const previewHtml = 16_000;

type Fields = Readonly<Record<string, unknown>>;

/** The fields of a view, or of a patch's `set`, that may be kept. */
const kept = (fields: Fields, { body, behaviour }: FullPolicy): Fields => {
  const { seen, content, text, ...rest } = fields;
  // No text has more characters than UTF-16 units.
  const long = typeof text === "string" && text.length > previewLength;
  const characters = long ? [...text.slice(0, 2 * previewLength + 2)] : [];
  const cut = characters.length > previewLength;
  const shown = cut ? characters.slice(0, previewLength).join("") : text;
  const html = cut || (typeof content === "string" && content.length > previewHtml) ? undefined : content;
  return {
    ...rest,
    ...(behaviour && seen !== undefined && { seen }),
    ...(body === "full" && text !== undefined && { text }),
    ...(body === "full" && content !== undefined && { content }),
    ...(body === "preview" && shown !== undefined && { text: shown }),
    ...(body === "preview" && html !== undefined && { content: html }),
  };
};

/** The sighting without what the policy does not let be kept, whatever the adapter gave. */
export const minimised = (sighting: Sighting, policy: FullPolicy): Sighting => {
  if (policy.behaviour && policy.body === "full") return sighting;
  if ("object" in sighting && sighting.object !== undefined) {
    const view = sighting.object as Fields & View;
    if (view.seen === undefined && view.text === undefined && view.content === undefined) return sighting;
    return { ...sighting, object: kept(view, policy) as unknown as View };
  }
  if ("set" in sighting && sighting.set)
    return { ...sighting, set: kept(sighting.set, policy) as NonNullable<typeof sighting.set> };
  return sighting;
};
