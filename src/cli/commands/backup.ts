/** `groupstream backup`: a whole copy of the store, beside a running hub if need be. */

import { resolve } from "node:path";
import { begun, type Command, loaded, reading } from "../call.ts";
import { exit, Said } from "../failure.ts";

export const backup: Command = async (call) => {
  const { out, words, operands } = call;
  const path = resolve(operands[0] ?? "");
  const { options } = await loaded(call);
  if (!begun(options)) throw new Said(exit.configuration, words.nothingYet);
  await using hub = await reading(options);
  await hub.backup(path);
  out.record("backup", { path });
  out.say(words.backedUp(path));
  return exit.well;
};
