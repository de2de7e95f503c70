/** What a hub reports of itself as it goes: to the logger and to OpenTelemetry. Ids, codes and counts, never content. */

import { type ErrorCode, errorTable } from "../contract/errors.ts";
import type { Place, SystemId } from "../contract/words.ts";
import type { DeliveryRecord, DeliveryState } from "../store/contract.ts";
import type { Telemetry } from "./telemetry.ts";

type Level = "debug" | "info" | "warn" | "error";

/** Where lines go: `HubOptions.logger`. */
type Log = { readonly [level in Level]: (fields: object, message: string) => void };

/** A round's line: `SystemLine`. */
interface Line {
  readonly system: SystemId;
  readonly looked: number;
  readonly seen: number;
  readonly told: number;
  readonly open: number;
  readonly held: readonly Place[];
  readonly failures: readonly { readonly place?: Place; readonly code: ErrorCode; readonly message: string }[];
}

/** Told as things happen. */
export interface Reports {
  /** After each round, and where one could not begin. */
  round(line: Line): void;
  /** After each attempt. */
  delivery(delivery: DeliveryRecord): void;
  /** After a request was done. */
  request(request: { readonly what: string }, outcome: unknown): void;
  /** An attempt to hand something over. */
  delivering<T>(delivery: DeliveryRecord, work: () => Promise<T>): Promise<T>;
  readonly span: Telemetry["span"];
}

const levels: { readonly [state in DeliveryState]: Level } = {
  pending: "debug",
  sending: "debug",
  done: "debug",
  void: "debug",
  retrying: "warn",
  unknown: "warn",
  refused: "error",
  dead: "error",
};

export const reportsOf = (log: Log | undefined, telemetry: Telemetry): Reports => ({
  round: ({ failures, ...line }) => {
    telemetry.count("told", line.told, { system: line.system });
    for (const { code } of failures) telemetry.count("failures", 1, { system: line.system, code });
    const needed = line.held.length > 0 || failures.some(({ code }) => errorTable[code].human);
    // Without the messages: they name hosts and folders, which status shows to whom it concerns.
    const short = failures.map(({ place, code }) => ({ ...(place !== undefined && { place }), code }));
    log?.[needed ? "error" : failures.length > 0 ? "warn" : "debug"]({ ...line, failures: short }, "round");
  },
  delivery: ({ id, target, seq, state, attempt }) => {
    if (state === "done") telemetry.count("delivered", 1, { target });
    else telemetry.count("failures", 1, { target, state });
    log?.[levels[state]]({ delivery: id, target, seq, state, attempt }, "delivery");
  },
  request: (request, outcome) => {
    const { what, ...fields } = request;
    log?.info({ request: what, ...fields, ...(outcome !== undefined && { outcome }) }, "request");
  },
  delivering: ({ id, target, attempt }, work) => telemetry.span("deliver", { target, delivery: id, attempt }, work),
  span: telemetry.span,
});
