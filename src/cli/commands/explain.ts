/** `groupstream explain`: what each route carries in full, what it degrades and how, what cannot cross and why. */

import type { RouteLevel } from "../../bridge/explain.ts";
import { type Command, loaded, reading } from "../call.ts";
import { exit } from "../failure.ts";
import { levelLines } from "../levels.ts";

export const explain: Command = async (call) => {
  const { out, words, signal } = call;
  const { options } = await loaded(call);
  await using hub = await reading(options);
  if (!options.routes?.length) {
    out.say(words.why.noRoutes);
    return exit.well;
  }
  for (const explained of await hub.explain({ signal })) {
    out.record("route", { ...explained });
    out.say(`${explained.route}${explained.widen === undefined ? "" : ` (${words.explain.widened(explained.widen)})`}`);
    const part = (title: string, carried: readonly RouteLevel[]): void => {
      if (carried.length === 0) return;
      out.say(`  ${title}`);
      const levels = carried.map(({ what, level }) => [what, level] as const);
      for (const line of levelLines(levels, words)) out.say(`    ${line}`);
    };
    part(words.explain.activities, explained.activities);
    part(words.explain.fields, explained.fields);
    part(words.explain.source, explained.source);
  }
  return exit.well;
};
