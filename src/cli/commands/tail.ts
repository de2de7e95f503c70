/** `groupstream tail`: the log, beside a running hub if need be. */

import { openHub } from "../../hub/hub.ts";
import { begun, type Command, loaded, reading, textOf } from "../call.ts";
import { exit } from "../failure.ts";
import { follow } from "./run.ts";

export const tail: Command = async (call) => {
  const { given, out, words, signal } = call;
  const { options } = await loaded(call);
  const after = Number(textOf(given, "after") ?? 0);
  if (given.follow) {
    await using hub = await openHub(options);
    await follow(hub, after, signal, out);
    return exit.well;
  }
  if (!begun(options)) out.say(words.nothingYet);
  await using hub = await reading(options);
  for await (const entry of hub.activities({ after, signal })) out.entry(entry);
  return exit.well;
};
