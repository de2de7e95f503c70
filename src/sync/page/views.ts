/** Views as they are kept: sets in order, text never lost to a poorer reading, patches applied. Pure. */

import type { Json, Patch } from "../../contract/adapter.ts";
import type { View } from "../../contract/view.ts";
import type { Item } from "../../store/contract.ts";
import type { TextLevel } from "./load.ts";

const setFields = ["flags", "labels", "members", "reactions", "attendees"] as const;

const identityOf = (member: unknown): string => {
  if (typeof member !== "object" || member === null) return String(member);
  const { actor, emoji, id } = member as { actor?: string; emoji?: string; id?: string };
  return id ?? `${actor} ${emoji}`;
};

/** Sets sorted and without doubles; empty ones left out, so that "none" and "not said" are equal. */
export const normalise = (view: View): View => {
  let out: Record<string, unknown> | undefined;
  for (const field of setFields) {
    const set = (view as unknown as Record<string, unknown>)[field];
    if (!Array.isArray(set)) continue;
    out ??= { ...view };
    if (set.length === 0) delete out[field];
    else
      out[field] = [...new Map(set.map((member) => [identityOf(member), member])).entries()]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, member]) => member);
  }
  return (out ?? view) as View;
};

/** The view with the patch's fields: `set` replaces (null removes), `remove` before `add`. */
export const patched = (view: View, patch: Patch): View => {
  const out: Record<string, unknown> = { ...view };
  for (const [field, value] of Object.entries(patch.set ?? {})) {
    if (value === null || value === undefined) delete out[field];
    else out[field] = value;
  }
  for (const [fields, adding] of [
    [patch.remove, false],
    [patch.add, true],
  ] as const) {
    for (const [field, members] of Object.entries(fields ?? {})) {
      const set = new Map(((out[field] as Json[] | undefined) ?? []).map((member) => [identityOf(member), member]));
      for (const member of members ?? []) {
        if (adding) set.set(identityOf(member), member);
        else set.delete(identityOf(member));
      }
      out[field] = [...set.values()];
    }
  }
  return normalise(out as unknown as View);
};

const richness: { readonly [level in TextLevel]: number } = { none: 0, preview: 1, full: 2 };

/** A view read less far than the stored one keeps the stored text, unless it is another edition. */
export const keepingText = (
  view: View,
  text: TextLevel,
  item: Item | undefined,
): { readonly view: View; readonly text: TextLevel } => {
  const old = item?.view;
  if (!item || !old || richness[text] >= richness[item.text] || old.edition !== view.edition) return { view, text };
  const { content, text: plain } = old as { content?: string; text?: string };
  return {
    view: { ...view, ...(content !== undefined && { content }), ...(plain !== undefined && { text: plain }) } as View,
    text: item.text,
  };
};
