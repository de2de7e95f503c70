/** What must not compile, compiled: each snippet against the sources, with the repository's own compiler options. */

import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

const right: Readonly<Record<string, string>> = {
  "an id for an id, a string for any id": `
    import type { ItemKey, Revision } from "groupstream";
    const key: ItemKey = "1"; const plain: string = key; const other: Revision = "2"; const from: ItemKey = plain;
    export { from, other };`,
  "options as the guide says": `
    import { type Adapter, type HubOptions } from "groupstream";
    export const options = (system: Adapter): HubOptions => ({
      store: ":memory:", systems: [system], routes: [{ from: "mail/Support", to: "hook", widen: "they read it" }],
      policy: { body: "none", exclude: ["role:junk"] },
    });`,
  "the smallest adapter": `
    import type { Adapter } from "groupstream";
    export const adapter: Adapter = {
      contract: 1, id: "x", kind: "x",
      describe: async () => ({ server: "x", mapping: 1, gives: {}, takes: {} }),
      collections: async function* () { yield { id: "1", name: "n", audience: "unknown" }; },
      [Symbol.asyncDispose]: async () => undefined,
    };`,
  "a verb that is performed": `
    import type { Adapter } from "groupstream";
    export const performs: NonNullable<Adapter["performs"]> = { Deliver: async () => ({ outcome: "done" }) };`,
  "an activity, narrowed by its type": `
    import type { Activity } from "groupstream";
    export const said = (activity: Activity): string => {
      switch (activity.type) {
        case "Create": return activity.object.type === "Note" ? (activity.object.source?.content ?? "") : activity.object.type;
        case "Update": return (activity["groupstream:changed"] ?? []).join();
        case "Move": return (activity.origin?.name ?? "") + (activity.target?.name ?? "");
        case "Undo": return activity.object.type === "Tombstone" ? "" : activity.object.object;
        default: return activity.summaryMap.de;
      }
    };`,
  "a sighting of each kind": `
    import type { Sighting } from "groupstream";
    export const all: Sighting[] = [
      { key: "1", revision: "1", object: { type: "Note" } }, { key: "1", revision: "1", add: { flags: ["x"] } }, { key: "1", revision: "1" },
      { key: "1", here: true }, { key: "1", gone: true, final: true }, { key: "1", out: true }, { key: "1", revision: "1", malformed: { reason: "r" } },
    ];`,
};

/** Each must fail, with a message that matches. */
const wrong: Readonly<Record<string, readonly [string, RegExp]>> = {
  "a key for a revision": [
    `import type { ItemKey, Revision } from "groupstream"; declare const key: ItemKey; export const revision: Revision = key;`,
    /"ItemKey"' is not assignable to type '"Revision"/,
  ],
  "a collection for a place": [
    `import type { CollectionId, Place } from "groupstream"; declare const id: CollectionId; export const place: Place = id;`,
    /CollectionId/,
  ],
  "a system's id in the wrong argument": [
    `import { placeOf, type CollectionId, type SystemId } from "groupstream"; declare const s: SystemId; declare const c: CollectionId; export const p = placeOf(c, s);`,
    /not assignable/,
  ],
  "an option there is not": [
    `import type { HubOptions } from "groupstream"; export const options: HubOptions = { store: "x", systems: [], stroe: 1 };`,
    /stroe/,
  ],
  "a policy with another word": [
    `import type { Policy } from "groupstream"; export const policy: Policy = { body: "some" };`,
    /"some"/,
  ],
  "an option that is given as undefined": [
    `import type { HubOptions } from "groupstream"; export const options: HubOptions = { store: "x", systems: [], base: undefined };`,
    /exactOptionalPropertyTypes/,
  ],
  "a route that widens without a reason in words": [
    `import type { Route } from "groupstream"; export const route: Route = { from: "a", to: "b", widen: true };`,
    /boolean/,
  ],
  "a route without a target": [`import type { Route } from "groupstream"; export const route: Route = { from: "a" };`, /'to'/],
  "a verb nobody knows": [
    `import type { Adapter } from "groupstream"; export const performs: NonNullable<Adapter["performs"]> = { Explode: async () => ({ outcome: "done" }) };`,
    /Explode/,
  ],
  "a receipt that refuses without a reason": [
    `import type { Receipt } from "groupstream"; export const receipt: Receipt = { outcome: "refused" };`,
    /reason/,
  ],
  "a collection without its audience": [
    `import type { Collection } from "groupstream"; export const collection: Collection = { id: "1", name: "n" };`,
    /audience/,
  ],
  "a sighting that is whole and a patch": [
    `import type { Sighting } from "groupstream"; export const both: Sighting = { key: "1", revision: "1", object: { type: "Note" }, set: { name: "x" } };`,
    /set|object/,
  ],
  "a patch of a field that is no set": [
    `import type { Patch } from "groupstream"; export const patch: Patch = { key: "1", revision: "1", add: { name: ["x"] } };`,
    /name/,
  ],
  "a view of a type nobody can fold": [
    `import type { View } from "groupstream"; export const view: View = { type: "Video" };`,
    /"Video"/,
  ],
  "another contract": [`import type { Adapter } from "groupstream"; export const version: Adapter["contract"] = 2;`, /'2'/],
  "an error table without a row": [
    `import { errorTable, type ErrorCode, type ErrorRow } from "groupstream";
     const { store: _store, ...rest } = errorTable; export const table: { readonly [code in ErrorCode]: ErrorRow } = rest;`,
    /'store' is missing/,
  ],
  "an error of no row": [
    `import { GroupstreamError } from "groupstream"; export const error = new GroupstreamError("odd", "x");`,
    /"odd"/,
  ],
  "an origin of what has none": [
    `import type { Activity } from "groupstream"; export const of = (activity: Activity) => activity.type === "Create" ? activity.origin : 0;`,
    /origin/,
  ],
  "a type nobody tells": [
    `import type { Activity } from "groupstream"; export const is = (activity: Activity) => activity.type === "Explode";`,
    /no overlap/,
  ],
  "a world that does not say why it cannot": [
    `import type { World } from "groupstream/testing"; export const flag: World["flag"] = {};`,
    /not assignable/,
  ],
  "something written into what was told": [
    `import type { Entry } from "groupstream"; export const change = (entry: Entry) => { entry.activity.id = "x"; };`,
    /only permits reading|read-only/,
  ],
};

/** The messages of each snippet, all compiled at once. */
const messages = ((): ReadonlyMap<string, readonly string[]> => {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, root);
  const snippets = [...Object.entries(right), ...Object.entries(wrong).map(([name, [text]]) => [name, text] as const)];
  const files = new Map(snippets.map(([, text], index) => [`${root}test/types/snippet-${index}.ts`, text]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.getSourceFile = (file, version, ...rest) => {
    const text = files.get(file);
    return text === undefined ? getSourceFile(file, version, ...rest) : ts.createSourceFile(file, text, version);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return new Map(
    [...files.keys()].map((file, index) => [
      snippets[index]?.[0] ?? "",
      ts
        .getPreEmitDiagnostics(program, program.getSourceFile(file))
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")),
    ]),
  );
})();

describe("compiles", () => {
  it.each(Object.keys(right))("%s", (name) => expect(messages.get(name)).toEqual([]));
});

describe("does not compile", () => {
  it.each(Object.entries(wrong))("%s", (name, [, message]) => expect(messages.get(name)?.join("\n")).toMatch(message));
});
