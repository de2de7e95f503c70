/** What keeps a delivery from its target, and what a person can do about it, in English and German. */

import type { Obstacle } from "../contract/command.ts";

type ObstacleSentences = { readonly [obstacle in Obstacle]: string };

const en: ObstacleSentences = {
  unreachable: "The target does not answer; check its host, its port and the network",
  throttled: "The target takes nothing for now; wait",
  unauthenticated: "The target refuses the login; renew this system's password or token",
  forbidden: "The account may not do that there; give it the right, or make it a member",
  "no-recipient": "The server takes no mail for these recipients; check their addresses",
  "no-place": "The place it should go to is not there; make it, or correct the route",
  gone: "What it is about is not there any more; nothing is to be done",
  "too-large": "It is larger than the target takes; raise the target's limit, or carry less",
  rejected: "The target's rules do not allow it; see its log or settings",
  unsure: "It may have arrived, and nobody can tell yet; look at the target",
};

const de: ObstacleSentences = {
  unreachable: "Das Ziel antwortet nicht; Host, Port und Netz prüfen",
  throttled: "Das Ziel nimmt gerade nichts an; abwarten",
  unauthenticated: "Das Ziel lehnt die Anmeldung ab; Passwort oder Token dieses Systems erneuern",
  forbidden: "Das Konto darf das dort nicht; ihm das Recht geben oder es zum Mitglied machen",
  "no-recipient": "Der Server nimmt für diese Empfänger keine Mail an; ihre Adressen prüfen",
  "no-place": "Den Ort, an den es soll, gibt es nicht; ihn anlegen oder die Route berichtigen",
  gone: "Worum es geht, ist dort nicht mehr; es ist nichts zu tun",
  "too-large": "Es ist größer, als das Ziel annimmt; dessen Grenze anheben oder weniger befördern",
  rejected: "Die Regeln des Ziels lassen es nicht zu; in dessen Protokoll oder Einstellungen nachsehen",
  unsure: "Es kann angekommen sein, und noch kann es niemand wissen; am Ziel nachsehen",
};

/** How the delivery stands: something still happens by itself, it is closed, or the rest of it arrived. */
export type Stands = "open" | "closed" | "partly";

const ends: { readonly [tag in "en" | "de"]: { readonly [stands in Stands]: string } } = {
  en: { open: "It is tried again by itself.", closed: "Then have it tried again.", partly: "The others got it." },
  de: {
    open: "Es wird von selbst wieder versucht.",
    closed: "Dann neu versuchen lassen.",
    partly: "Die übrigen haben es bekommen.",
  },
};

/** True if this names an obstacle. */
export const isObstacle = (code: string): code is Obstacle => Object.hasOwn(en, code);

/** What is in the way, and the remedy. */
export const obstacleSaid = (obstacle: Obstacle, stands: Stands): { readonly en: string; readonly de: string } => {
  const end = (tag: "en" | "de"): string => (obstacle === "gone" ? "" : ` ${ends[tag][stands]}`);
  return { en: `${en[obstacle]}.${end("en")}`, de: `${de[obstacle]}.${end("de")}` };
};
