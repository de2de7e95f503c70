/** `groupstream deliveries`: what waits, failed or was given up, and one more try for it. */

import { type DeliveryFilter, openStates } from "../../observe/deliveries.ts";
import type { DeliveryState } from "../../store/contract.ts";
import { type Command, listOf, loaded, reading, textOf } from "../call.ts";
import { exit, Said } from "../failure.ts";
import { deliveryLine } from "./why.ts";

/** Shown unless others are asked for: all a person can do something about. */
const usual: readonly DeliveryState[] = [...openStates, "refused", "dead"];
const most = 1_000;

export const deliveries: Command = async (call) => {
  const { out, words, operands, given } = call;
  const [verb, ...ids] = operands;
  if (verb !== undefined && (verb !== "retry" || ids.length === 0)) throw new Said(exit.configuration, words.operands.deliveries);
  const states = listOf(given, "state") as readonly DeliveryState[];
  const strange = states.find((state) => !Object.hasOwn(words.states, state));
  if (strange !== undefined) throw new Said(exit.configuration, words.deliveryStates(strange, Object.keys(words.states)));
  const { options } = await loaded(call);
  await using hub = await reading(options);
  if (verb === "retry") {
    const found = await Promise.all(ids.map(async (id) => (await hub.deliveries({ id }))[0]));
    // All or none: a typing mistake in the last of them changes nothing.
    for (const [index, delivery] of found.entries()) {
      const id = ids[index] ?? "";
      if (!delivery) throw new Said(exit.configuration, words.noDelivery(id));
      const { state } = delivery;
      if (state === "done" || state === "sending" || state === "void")
        throw new Said(exit.configuration, words.noRetry[state](id));
    }
    for (const id of ids) {
      await hub.retry(id);
      out.record("retried", { delivery: id });
      out.say(words.retried(id));
    }
    return exit.well;
  }
  const target = textOf(given, "target");
  const filter: DeliveryFilter = {
    states: states.length > 0 ? states : usual,
    ...(target !== undefined && { target }),
    limit: most,
  };
  const asked = await hub.deliveries(filter);
  // Done, but not for everybody it was meant for.
  const partly = states.length > 0 ? [] : await hub.deliveries({ ...filter, states: ["done"], obstructed: true });
  const found = [...asked, ...partly].sort((a, b) => a.seq - b.seq).slice(0, most);
  for (const delivery of found) {
    out.record("delivery", delivery);
    out.say(`${words.entryTo(delivery.seq, delivery.target)}: ${deliveryLine(delivery, words)}`);
  }
  if (found.length === 0) out.say(words.noDeliveries);
  if (found.length === most) out.say(words.onlyFirst(most));
  return exit.well;
};
