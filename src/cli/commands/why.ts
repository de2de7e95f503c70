/** `groupstream why`: how an activity came, why it went or did not go where. No content. */

import { textOfSummary } from "../../language/index.ts";
import type { Delivery } from "../../observe/deliveries.ts";
import type { RouteVerdict, Why } from "../../observe/why.ts";
import { type Command, loaded, reading } from "../call.ts";
import { exit, Said } from "../failure.ts";
import type { Words } from "../words/index.ts";

/** The number of an entry, or an activity's id. */
export const activityIn = (operand: string): string | number => (/^\d{1,15}$/.test(operand) ? Number(operand) : operand);

export const why: Command = async (call) => {
  const { out, words, operands } = call;
  const [asked = ""] = operands;
  const { options } = await loaded(call);
  await using hub = await reading(options);
  const found = await hub.why(activityIn(asked));
  if (!found) throw new Said(exit.configuration, words.why.unknown(asked));
  out.record("why", found);
  for (const line of linesOf(found, words)) out.say(line);
  return exit.well;
};

const linesOf = (found: Why, words: Words): readonly string[] => {
  const said = words.why;
  return [
    said.told(found.seq, found.type, found.activity),
    `  ${said.when(found.at, found.facet)}`,
    ...found.places.map(({ place, lastLook }) => `  ${said.where(place, lastLook)}`),
    ...(found.cause === undefined ? [] : [`  ${said.cause(found.cause)}`]),
    ...found.items.map(({ place, key, state }) => `  ${said.item(place, key, words.standings[state])}`),
    ...found.routes.map((verdict) => `  ${routeLine(verdict, words)}`),
    ...(found.routes.length === 0 ? [`  ${said.noRoutes}`] : []),
    ...found.others.map((delivery) => `  ${said.other(delivery.target)}: ${deliveryLine(delivery, words)}`),
    ...found.readers.map(({ name, passed }) => `  ${passed ? said.read(name) : said.unread(name)}`),
  ];
};

const routeLine = (verdict: RouteVerdict, words: Words): string => {
  const what =
    verdict.outcome === "delivery"
      ? deliveryLine(verdict.delivery, words)
      : verdict.outcome === "unconcerned"
        ? words.why.unconcerned[verdict.because]
        : words.why[verdict.outcome];
  return `${verdict.route}: ${what}`;
};

/** For people first; what the target or its adapter said says more, in English. A ground of the hub is said already. */
const grounds = ({ reason, because, summaryMap }: Delivery, words: Words): readonly string[] => {
  const said = summaryMap && textOfSummary(words.said(summaryMap));
  const more = because ? undefined : reason?.replace(/\.$/, "");
  if (said === undefined) return more === undefined ? [] : [more];
  return [more === undefined ? said : `${said} (${more})`];
};

/** How one delivery stands, in a line. */
export const deliveryLine = (delivery: Delivery, words: Words): string => {
  const { id, state, attempts, next, changed } = delivery;
  return [
    `${words.states[state]} (${words.deliveryOf(id, attempts, changed)})`,
    ...grounds(delivery, words),
    ...(next !== undefined && state !== "sending" ? [words.nextTry(next)] : []),
  ].join("; ");
};
