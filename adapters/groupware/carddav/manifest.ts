/** What this account can give and take, asked of the server. */

import type { Level, Manifest } from "groupstream";
import type { Account } from "./account.ts";
import { MAPPING } from "./map.ts";

const full: Level = { level: "full" };
const degraded = (lost: string): Level => ({ level: "degraded", lost });

const partly = degraded(
  "A picture is written where its address or all of it is given; places, languages, zones and dates but the birthday are not.",
);

export const manifestOf = async (account: Account, signal: AbortSignal): Promise<Manifest> => {
  const principal = await account.principal(signal, true);
  const self = principal.owner;
  return {
    server: principal.server ?? "CardDAV server",
    mapping: MAPPING,
    ...(self !== undefined && { self }),
    gives: {
      changes: await account.changesLevel(signal),
      text: full,
      actors: degraded("Address books do not say who changed a card."),
      attachments: degraded("A picture is known by its digest alone; the raw form has it."),
    },
    arrives: { name: full, address: full, fields: partly, members: full, labels: full },
    takes: { Create: partly, Update: partly, Delete: full },
  };
};
