/** `groupstream doctor`: connects every system and says what it can give and take, what not, and why. Changes nothing. */

import { endName } from "../../bridge/routes.ts";
import type { Adapter, Manifest } from "../../contract/adapter.ts";
import { type ErrorCode, faultOf, isGroupstreamError } from "../../contract/errors.ts";
import { type Call, type Command, loaded, reading } from "../call.ts";
import { exit, failureSentence } from "../failure.ts";
import { levelLines } from "../levels.ts";

/** Milliseconds a system may take to answer. */
const patience = 30_000;
/** Collections named; all are counted. */
const mostNamed = 12;

interface Finding {
  readonly adapter: Adapter;
  readonly manifest?: Manifest;
  readonly collections?: readonly string[];
  readonly failure?: { readonly code: ErrorCode; readonly message: string };
}

export const doctor: Command = async (call) => {
  const { out, words } = call;
  const { options } = await loaded(call);
  await using _hub = await reading(options);
  const findings = await Promise.all(options.systems.map((adapter) => examine(adapter, call)));
  for (const finding of findings) show(finding, call);
  if (options.routes?.length) {
    out.say(words.doctor.routes);
    for (const { from, to, widen } of options.routes) out.say(`  ${words.doctor.route(endName(from), endName(to), widen)}`);
  }
  const ill = findings.filter(({ failure }) => failure);
  out.say(ill.length === 0 ? words.doctor.well : words.doctor.ill(ill.length));
  if (ill.length === 0) return exit.well;
  return ill.some(({ failure }) => failure?.code === "misconfigured") ? exit.configuration : exit.person;
};

const examine = async (adapter: Adapter, { signal, words }: Call): Promise<Finding> => {
  const timeout = AbortSignal.timeout(patience);
  const both = AbortSignal.any([signal, timeout]);
  try {
    const manifest = await adapter.describe(both);
    const names = (await Array.fromAsync(adapter.collections(both))).map(({ name }) => name);
    return { adapter, manifest, collections: names };
  } catch (error) {
    signal.throwIfAborted();
    if (isGroupstreamError(error)) return { adapter, failure: { code: error.code, message: error.message } };
    const message = timeout.aborted ? words.doctor.silent(patience / 1000) : faultOf(error);
    return { adapter, failure: { code: "unreachable", message } };
  }
};

const show = ({ adapter, manifest, collections, failure }: Finding, { out, words }: Call): void => {
  const { id, kind } = adapter;
  out.record("system", {
    system: id,
    adapter: kind,
    ...(manifest && { manifest }),
    ...(collections && { collections }),
    ...(failure && { failure }),
  });
  out.say(words.doctor.connecting(id, kind));
  if (failure) {
    if (out.human) out.say(`  ${failureSentence(id, failure, words)}`);
    else out.trouble(failureSentence(id, failure, words));
  }
  if (!manifest) return;
  out.say(`  ${words.doctor.server(manifest.server)}`);
  if (collections?.length) {
    const named = collections.slice(0, mostNamed).join(", ");
    out.say(`  ${words.doctor.collections(collections.length, collections.length > mostNamed ? `${named}, …` : named)}`);
  }
  for (const [title, levels] of [
    [words.doctor.gives, manifest.gives],
    [words.doctor.takes, manifest.takes],
  ] as const) {
    out.say(`  ${title}`);
    for (const line of levelLines(Object.entries(levels), words)) out.say(`    ${line}`);
  }
};
