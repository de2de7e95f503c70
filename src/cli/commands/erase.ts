/** `groupstream erase`: the content of one activity, or of all about an object, goes; its place in the log stays. */

import { type Command, loaded, reading, textOf } from "../call.ts";
import { exit, Said } from "../failure.ts";
import { activityIn } from "./why.ts";

export const erase: Command = async (call) => {
  const { out, words, operands, given } = call;
  const object = textOf(given, "object");
  const [activity] = operands;
  if ((activity === undefined) === (object === undefined)) throw new Said(exit.configuration, words.operands.erase);
  const { options } = await loaded(call);
  await using hub = await reading(options);
  const asked = activity === undefined ? undefined : await hub.why(activityIn(activity));
  if (activity !== undefined && !asked) throw new Said(exit.configuration, words.why.unknown(activity));
  const entries = await hub.erase(asked ? asked.activity : { object: object ?? "" });
  out.record("erased", { entries });
  out.say(words.erased(entries));
  return exit.well;
};
