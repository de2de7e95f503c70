/** `groupstream quarantine`: what could not be read, one more try for it, or leaving it unread. */

import { type Command, loaded, reading } from "../call.ts";
import { exit, Said } from "../failure.ts";

export const quarantine: Command = async (call) => {
  const { out, words, operands } = call;
  const [verb, place = "", key = "", ...more] = operands;
  const known = verb === undefined || verb === "retry" || verb === "release";
  if (!known || (verb !== undefined && (place === "" || key === "")) || more.length > 0)
    throw new Said(exit.configuration, words.operands.quarantine);
  const { options } = await loaded(call);
  await using hub = await reading(options);
  const waiting = await hub.quarantine();
  if (verb !== undefined) {
    if (!waiting.some((item) => item.place === place && item.key === key))
      throw new Said(exit.configuration, words.quarantine.none(place, key));
    await (verb === "retry" ? hub.reread(place, key) : hub.release(place, key));
    out.record(verb === "retry" ? "reread" : "released", { place, key });
    out.say(words.quarantine[verb === "retry" ? "reread" : "released"](place, key));
    return exit.well;
  }
  for (const item of waiting) {
    out.record("quarantined", item);
    out.say(`${item.place} ${item.key}: ${item.reason}`);
    out.say(`  ${words.quarantine.since(item.since, item.tries)}`);
  }
  if (waiting.length === 0) out.say(words.quarantine.empty);
  return exit.well;
};
