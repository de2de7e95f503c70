/** What may be read and kept. The first part of the policy: what is off is not requested where the protocol allows that. */

import type { View } from "../activity/view.ts";
import type { Collection, Read, Sighting } from "../adapter.ts";

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

/** The sighting without what the policy does not let be kept, whatever the adapter gave. */
export const minimised = (sighting: Sighting, policy: FullPolicy): Sighting => {
  if ("object" in sighting && sighting.object !== undefined) {
    const { seen, ...rest } = sighting.object as View & { content?: string; text?: string };
    if (policy.behaviour && policy.body !== "none") return sighting;
    const { content, text, ...bare } = rest;
    const kept =
      policy.body === "none" ? bare : { ...bare, ...(content !== undefined && { content }), ...(text !== undefined && { text }) };
    return { ...sighting, object: { ...kept, ...(policy.behaviour && seen !== undefined && { seen }) } as View };
  }
  if ("set" in sighting && sighting.set && !policy.behaviour && "seen" in sighting.set) {
    const { seen: _seen, ...set } = sighting.set;
    return { ...sighting, set };
  }
  return sighting;
};
