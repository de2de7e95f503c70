/** Stories as they lie on disk. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { View } from "groupstream";
import type { Item } from "../../src/store/contract.ts";

/** What a view's file says beside the view. */
interface Beside {
  readonly role?: "rendering";
  readonly text?: "none" | "preview" | "full";
  readonly state?: Item["state"];
  readonly owner?: string;
  readonly collection?: string;
}

type Views = ReadonlyMap<string, View & { readonly $item?: Beside }>;

export interface Story {
  readonly before: Views;
  readonly after: Views;
  readonly told: readonly unknown[];
  readonly places: ReadonlyMap<string, { readonly owner?: string; readonly role?: string }>;
  /** The row number of each item. */
  readonly numbers: ReadonlyMap<string, number>;
}

const filesOf = (folder: URL): [string, unknown][] =>
  existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((name) => [name.replace(/\.json$/, ""), JSON.parse(readFileSync(new URL(encodeURIComponent(name), folder), "utf8"))])
    : [];

const placeOf = (name: string): string => (name.split("__")[0] ?? "").replace("+", "/");

export const read = (folder: URL): Story => {
  const side = (name: string): Views => new Map(filesOf(new URL(`${name}/`, folder)) as [string, View][]);
  const [before, after] = [side("before"), side("after")];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const places = new Map(
    [...before, ...after].map(([name, { $item }]) => [
      placeOf(name),
      { ...($item?.owner && { owner: $item.owner }), ...($item?.collection && { role: $item.collection }) },
    ]),
  );
  return {
    before,
    after,
    places,
    told: filesOf(new URL("told/", folder)).map(([, told]) => told),
    numbers: new Map(names.map((name, index) => [name, index + 1])),
  };
};

export const itemsOf = (views: Views, numbers: ReadonlyMap<string, number>): readonly Item[] =>
  [...views].map(([name, { $item = {}, ...view }]) => ({
    n: numbers.get(name) ?? 0,
    place: placeOf(name),
    key: name.split("__")[1] ?? "",
    object: 1,
    role: $item.role ?? "own",
    state: $item.state ?? "here",
    view: view as View,
    revision: "1",
    mapping: 1,
    text: $item.text ?? "full",
    digested: false,
    seen: 1,
    absent: false,
    asked: false,
  }));
