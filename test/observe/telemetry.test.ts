/** What an application sees through OpenTelemetry and its logger: spans, counters, lines; ids and counts, no content. */

import { AsyncLocalStorage } from "node:async_hooks";
import { type Context, context, metrics, ROOT_CONTEXT, SpanStatusCode, trace } from "@opentelemetry/api";
import { GroupstreamError } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { silence, telemetryOf } from "../../src/observe/telemetry.ts";
import { Target } from "../bridge/target.ts";
import { Toy } from "../sync/toy.ts";
import { closeAll, world } from "../sync/world.ts";

interface Recorded {
  readonly name: string;
  readonly attributes: Record<string, unknown>;
  readonly parent: string | undefined;
  status?: number;
  ended: number;
}

/** A provider that writes everything down, as an SDK would send it. */
const provider = () => {
  const spans: Recorded[] = [];
  const counts: [string, number, object][] = [];
  const active = new AsyncLocalStorage<Context>();
  context.setGlobalContextManager({
    active: () => active.getStore() ?? ROOT_CONTEXT,
    with: (to, work, self, ...args) => active.run(to, () => work.apply(self as never, args)),
    bind: (_to, target) => target,
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  });
  const start = (name: string, options: { attributes?: object } = {}, over = context.active()) => {
    const above = trace.getSpan(over) as unknown as { recorded?: Recorded } | undefined;
    const recorded: Recorded = { name, attributes: { ...options.attributes }, parent: above?.recorded?.name, ended: 0 };
    spans.push(recorded);
    return {
      recorded,
      setAttribute: (key: string, value: unknown) => void (recorded.attributes[key] = value),
      setStatus: ({ code }: { code: number }) => void (recorded.status = code),
      end: () => void (recorded.ended += 1),
    };
  };
  trace.setGlobalTracerProvider({
    getTracer: () => ({
      startSpan: start as never,
      startActiveSpan: ((name: string, options: object, work: (span: unknown) => unknown) => {
        const span = start(name, options);
        return context.with(trace.setSpan(context.active(), span as never), () => work(span));
      }) as never,
    }),
  });
  metrics.setGlobalMeterProvider({
    getMeter: () =>
      ({
        createCounter: (name: string) => ({ add: (by: number, attributes: object) => void counts.push([name, by, attributes]) }),
      }) as never,
  });
  return { spans, counts };
};

afterEach(async () => {
  await closeAll();
  for (const api of [context, trace, metrics]) api.disable();
});

describe("OpenTelemetry", () => {
  it("sees rounds, the looks in them, deliveries, and what they brought", async () => {
    const { spans, counts } = provider();
    const toy = new Toy("mail", "INBOX");
    const target = new Target();
    const w = await world([toy, target.adapter()], { routes: [{ from: "mail", to: "hook", widen: "a test" }], history: "all" });
    toy.mail("INBOX", "Geheimnis");
    await w.sync();
    const [delivery] = await w.hub.deliveries();
    expect(spans).toContainEqual({
      name: "groupstream.round",
      attributes: { "groupstream.system": "mail" },
      parent: undefined,
      ended: 1,
    });
    expect(spans).toContainEqual({
      name: "groupstream.look",
      attributes: { "groupstream.place": "mail/INBOX" },
      parent: "groupstream.round",
      ended: 1,
    });
    expect(spans).toContainEqual({
      name: "groupstream.deliver",
      attributes: { "groupstream.target": "hook/in", "groupstream.delivery": delivery?.id, "groupstream.attempt": 1 },
      parent: undefined,
      ended: 1,
    });
    expect(counts).toEqual([
      ["groupstream.told", 1, { "groupstream.system": "mail" }],
      ["groupstream.delivered", 1, { "groupstream.target": "hook/in" }],
    ]);
    expect(JSON.stringify([spans, counts])).not.toContain("Geheimnis");
  });

  it("sees failures by their code, and no message", async () => {
    const { spans, counts } = provider();
    const toy = new Toy("mail", "INBOX");
    toy.before = (what) => {
      if (what.startsWith("open")) throw new GroupstreamError("forbidden", "mail/INBOX: Geheimnis");
    };
    const w = await world([toy]);
    await w.sync();
    expect(spans.find(({ name }) => name === "groupstream.look")).toMatchObject({
      attributes: { "error.type": "forbidden" },
      status: SpanStatusCode.ERROR,
      ended: 1,
    });
    expect(counts).toEqual([["groupstream.failures", 1, { "groupstream.system": "mail", "groupstream.code": "forbidden" }]]);
    expect(JSON.stringify([spans, counts])).not.toContain("Geheimnis");
  });

  it("is silence where the API is not installed, and passes on what work gives and throws", async () => {
    const telemetry = await telemetryOf(() => Promise.reject(new Error("not found")));
    expect(telemetry).toBe(silence);
    expect(await telemetry.span("look", {}, async () => 4)).toBe(4);
    await expect(telemetry.span("look", {}, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    telemetry.count("told", 1, {});
  });
});

describe("the logger", () => {
  const logging = () => {
    const lines: [string, string, object][] = [];
    const at = (level: string) => (fields: object, message: string) => void lines.push([level, message, fields]);
    return { lines, logger: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") } };
  };

  it("gets a line for every round and every attempt, by how much they need somebody", async () => {
    const { lines, logger } = logging();
    const toy = new Toy("mail", "INBOX");
    const target = new Target();
    target.answer = () => ({ outcome: "refused", reason: "Geheimnis", again: true });
    const w = await world([toy, target.adapter()], { logger, routes: [{ from: "mail", to: "hook", widen: "a test" }] });
    await w.sync();
    toy.mail("INBOX", "Geheimnis");
    lines.length = 0;
    await w.sync();
    const [delivery] = await w.hub.deliveries();
    const attempt = { delivery: delivery?.id, target: "hook/in", seq: 1, attempt: 1 };
    expect(lines).toEqual([
      ["debug", "round", { system: "mail", looked: 1, seen: 1, told: 1, open: 0, held: [], failures: [] }],
      ["debug", "round", { system: "hook", looked: 0, seen: 0, told: 0, open: 0, held: [], failures: [] }],
      ["warn", "delivery", { ...attempt, state: "retrying" }],
    ]);
    target.answer = () => ({ outcome: "refused", reason: "Geheimnis" });
    w.clock.advance(86_400_000);
    lines.length = 0;
    await w.sync();
    expect(lines.at(-1)).toEqual(["error", "delivery", { ...attempt, attempt: 2, state: "refused" }]);
    await w.hub.retry(delivery?.id ?? "");
    expect(lines.at(-1)).toEqual(["info", "request", { request: "retry", delivery: delivery?.id }]);
  });

  it("is warned of what time mends, and told as an error where a person is needed; by code", async () => {
    const { lines, logger } = logging();
    const toy = new Toy("mail", "INBOX");
    const w = await world([toy], { logger });
    for (const code of ["unreachable", "unauthenticated"] as const) {
      toy.before = () => {
        throw new GroupstreamError(code, "mail: Geheimnis");
      };
      await w.sync();
    }
    expect(lines).toMatchObject([
      ["warn", "round", { system: "mail", failures: [{ code: "unreachable" }] }],
      ["error", "round", { system: "mail", failures: [{ code: "unauthenticated" }] }],
    ]);
    expect(JSON.stringify(lines)).not.toContain("Geheimnis");
  });
});
