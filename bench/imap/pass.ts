/**
 * One pass in a process of its own, as a first pass is: `pass.ts <json>` prints what {@link FloorTime} it took. Everything but
 * the pass itself (imports, reading the model's rows) is done before the clock starts.
 */

import { openHub } from "groupstream";
import { imap } from "groupstream/adapters/imap";
import { insertingInto, type Rows, rowsOf } from "../rows.ts";
import {
  dropping,
  eachRow,
  envelopeFields,
  type FloorTarget,
  type FloorTime,
  literalFields,
  previewing,
  sameFields,
} from "./floor.ts";

/** What a pass does: the product's two kinds, and the loops they are measured against. */
export type Kind = "metadata" | "previews" | "rows" | "parsed" | "envelope" | "literal";

/** One pass. */
export interface Pass {
  readonly kind: Kind;
  readonly target: FloorTarget;
  /** The store it writes. */
  readonly file: string;
  /** rows: the store whose rows are inserted. */
  readonly model?: string;
}

/** One hub, one sync, a new store. */
const product = async ({ host, port, user, pass }: FloorTarget, file: string, previews: boolean): Promise<FloorTime> => {
  const started = performance.now();
  const hub = await openHub({
    store: file,
    systems: [imap({ id: "mail", host, port, auth: { user, pass }, exclude: [] })],
    ...(previews && { history: "all" as const, policy: { body: "preview" as const } }),
  });
  try {
    const [line] = await hub.sync();
    if (!line || line.failures.length > 0) throw new Error(JSON.stringify(line?.failures));
    return { messages: line.seen, ms: performance.now() - started };
  } finally {
    await hub.close();
  }
};

/** Reads the adapter's fields and inserts the product's rows, 500 messages a transaction. */
const insertingRows = async (target: FloorTarget, file: string, rows: Rows): Promise<FloorTime> => {
  const started = performance.now();
  const { db, insert } = insertingInto(file, rows);
  try {
    let at = 0;
    const { messages } = await eachRow(target, sameFields, () => insert(at++));
    return { messages, ms: performance.now() - started };
  } finally {
    db.close();
  }
};

const { kind, target, file, model } = JSON.parse(process.argv[2] ?? "{}") as Pass;
const passes: { readonly [kind in Kind]: () => Promise<FloorTime> } = {
  metadata: () => product(target, file, false),
  previews: () => product(target, file, true),
  rows: () => {
    const rows = rowsOf(model ?? "");
    return insertingRows(target, file, rows);
  },
  parsed: () => previewing(target),
  envelope: () => dropping(target, envelopeFields),
  literal: () => dropping(target, literalFields),
};
console.log(JSON.stringify(await passes[kind]()));
process.exit(0);
