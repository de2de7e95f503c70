/** Files of what is carried: names that may stand anywhere, and their bytes, opened only when they are needed. */

import type { CommandFile } from "../contract/adapter.ts";
import type { FilePart, View } from "../contract/view.ts";
import { clean } from "../language/index.ts";
import type { Item } from "../store/contract.ts";

/** Longest file name, UTF-16 units: file systems take 255 bytes. */
const NAME_LIMIT = 120;
/** Longest ending that is kept where a name is cut. */
const ENDING_LIMIT = 12;

/** The bytes of a part, from the first of these items that has them. */
export type OpenPart = (items: readonly Item[], part: string, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;

/** What stands behind the last slash of either kind, without what file systems and mail headers take for more than a letter. */
const bareName = (name: string): string =>
  clean(name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1))
    .replace(/[<>:"|?*]/g, "_")
    .replace(/^[. ]+|[. ]+$/g, "");

/**
 * A file name without path, controls, hidden or reordering characters, at most 120 UTF-16 units, its ending kept; `file` where
 * nothing is left.
 */
export const safeName = (name: string | undefined): string => {
  const bare = bareName((name ?? "").slice(-4_000));
  if (bare === "") return "file";
  if (bare.length <= NAME_LIMIT) return bare;
  const dot = bare.lastIndexOf(".");
  const ending = dot > 0 && bare.length - dot <= ENDING_LIMIT ? bare.slice(dot) : "";
  return `${bare
    .slice(0, NAME_LIMIT - ending.length)
    .toWellFormed()
    .replace(/\ufffd$/, "")}${ending}`;
};

/** The view with names of files that may stand anywhere. */
export const safelyNamed = (view: View): View =>
  view.type === "Note" && view.attachment
    ? { ...view, attachment: view.attachment.map((file) => ({ ...file, name: safeName(file.name) })) }
    : view;

const isSame = (one: FilePart, other: FilePart): boolean =>
  one.part === other.part && one.mediaType === other.mediaType && one.size === other.size;

const hasFile = ({ view }: Item, file: FilePart): boolean =>
  view?.type === "Note" && (view.attachment ?? []).some((one) => isSame(one, file));

/**
 * The files of a view whose bytes one of these items can give.
 * @param view  named safely already
 */
export const filesOf = (view: View, items: readonly Item[], open: OpenPart): readonly CommandFile[] =>
  (view.type === "Note" ? (view.attachment ?? []) : []).flatMap((file): CommandFile[] => {
    const having = items.filter((item) => (item.state === "here" || item.state === "out") && hasFile(item, file));
    if (file.href !== undefined || having.length === 0) return [];
    const { part, name = "file", mediaType, size } = file;
    return [{ part, name, mediaType, ...(size !== undefined && { size }), open: (signal) => open(having, part, signal) }];
  });
