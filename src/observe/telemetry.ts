/**
 * The OpenTelemetry API, where the application brings it: `@opentelemetry/api` is an optional peer. Without it, or without a
 * provider registered there, nothing is done and nothing costs.
 *
 * spans      groupstream.round (groupstream.system) · groupstream.look (groupstream.place) · groupstream.deliver
 *            (groupstream.target, groupstream.delivery, groupstream.attempt); a failed one bears `error.type`, the error's code
 * counters   groupstream.told · groupstream.delivered · groupstream.failures, by system or target
 *
 * Ids, places, codes and counts; never content, addresses of servers, or messages.
 */

import type { Counter, Meter, Span, Tracer } from "@opentelemetry/api";
import { isGroupstreamError } from "../contract/errors.ts";

type Api = Pick<typeof import("@opentelemetry/api"), "trace" | "metrics" | "SpanStatusCode">;
type Attributes = Readonly<Record<string, string | number>>;

/** Spans and counters of one hub. */
export interface Telemetry {
  /** Runs work inside a span, below the one that is active. What the work rejects with is passed on. */
  span<T>(name: "round" | "look" | "deliver", attributes: Attributes, work: () => Promise<T>): Promise<T>;
  /** Adds to a counter; nothing where `by` is 0. */
  count(name: "told" | "delivered" | "failures", by: number, attributes: Attributes): void;
}

/** What is done where no API is installed. */
export const silence: Telemetry = { span: (_name, _attributes, work) => work(), count: () => undefined };

const named = (attributes: Attributes): Record<string, string | number> =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`groupstream.${name}`, value]));

const endedBadly = (span: Span, error: unknown, { SpanStatusCode }: Api): void => {
  span.setAttribute("error.type", isGroupstreamError(error) ? error.code : error instanceof Error ? error.name : "Error");
  span.setStatus({ code: SpanStatusCode.ERROR });
};

const units = { told: "{activity}", delivered: "{delivery}", failures: "{failure}" } as const;

const on = (api: Api): Telemetry => {
  const tracer: Tracer = api.trace.getTracer("groupstream");
  const meter: Meter = api.metrics.getMeter("groupstream");
  const counters: { readonly [name in keyof typeof units]: Counter } = {
    told: meter.createCounter("groupstream.told", { unit: units.told, description: "Activities told" }),
    delivered: meter.createCounter("groupstream.delivered", { unit: units.delivered, description: "Deliveries done" }),
    failures: meter.createCounter("groupstream.failures", {
      unit: units.failures,
      description: "Looks and deliveries that failed",
    }),
  };
  return {
    span: (name, attributes, work) =>
      tracer.startActiveSpan(`groupstream.${name}`, { attributes: named(attributes) }, async (span) => {
        try {
          return await work();
        } catch (error) {
          endedBadly(span, error, api);
          throw error;
        } finally {
          span.end();
        }
      }),
    count: (name, by, attributes) => {
      if (by > 0) counters[name].add(by, named(attributes));
    },
  };
};

/** The application's OpenTelemetry, or silence where it has none. Never rejects. */
export const telemetryOf = async (load: () => Promise<Api> = () => import("@opentelemetry/api")): Promise<Telemetry> => {
  try {
    return on(await load());
  } catch {
    // Not installed.
    return silence;
  }
};
