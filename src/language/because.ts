/** Why a delivery stands as it does, by the hub's own grounds, in English and German. */

import type { Because, Reached } from "../contract/because.ts";
import { escaped, short } from "./clean.ts";

type Code = Because["code"];
type Of<C extends Code> = Extract<Because, { readonly code: C }>;

/** How what a ground brings with it is put into its sentence. */
interface Say {
  /** An id, a name, or words of others. */
  readonly text: (words: string) => string;
  /** Another ground, or words of others. */
  readonly ground: (ground: Because | string) => string;
}

/** By language; a code that one of them lacks does not compile. */
type Sentences = { readonly [C in Code]: string | ((because: Of<C>, say: Say) => string) };

const reached = (to: Reached, { text }: Say, { everybody, others }: { everybody: string; others: string }): string => {
  if (to === "everybody") return everybody;
  const who = to.who.map(text).join(", ");
  return to.more > 0 ? `${who} ${others.replace("#", String(to.more))}` : who;
};

const people = {
  en: { everybody: "everybody", others: "and # more" },
  de: { everybody: "jedermann", others: "und # weitere" },
} as const;

const en: Sentences = {
  public: "it is public",
  known: "all who can see the target could see it already",
  widened: ({ to, why }, say) => `widened to ${reached(to, say, people.en)}: ${say.text(why)}`,
  reaction: "somebody reacted",
  ended: "what was sent of it before is ended",
  "audience-unknown": "not sent: who can see the target is unknown; declare its audience",
  wider: ({ to }, say) =>
    `not sent: ${reached(to, say, people.en)} could not see it at its source; a route may widen with a reason`,
  private: ({ classification }) => `not sent: it is ${classification}`,
  "private-whole": ({ classification }) => `not sent: it is ${classification}, and the target takes activities whole`,
  "private-busy": ({ classification }) =>
    `not sent: it is ${classification}; a route may carry when somebody is busy (busy: true)`,
  bot: "not sent: a machine wrote it, and the route does not carry what bots write",
  automatic: ({ made }) =>
    `not sent: it is ${{ bounce: "a delivery report", "auto-reply": "an automatic reply", receipt: "a receipt" }[made]}, which is never carried`,
  "no-conversation": "not sent: the route carries answers only, and nothing of its conversation stands there",
  "no-parent": "the route carries answers only, and what it answers does not stand there",
  "there-itself": "it is there itself",
  "there-same": "what stands there is the same by later evidence",
  "as-it-should": "it stands there as it should",
  "not-there": "nothing of it stands there",
  "removed-there": "it was removed there; it is not made again",
  "sent-for-good": "it was sent before; what is sent is neither edited nor taken back",
  "been-there": "it has been there already, by its trail",
  cannot: ({ system, kind, verb }, { text }) => `${text(system)} (${text(kind)}) cannot ${verb}`,
  unseen: "what was sent there before has not been seen there yet",
  "parent-unseen": "what it answers was sent there, and has not been seen there yet",
  "done-unseen": "it was done; what stands there has not been seen yet",
  "done-unshown": "it was done, and does not show there",
  "taken-back": "the reaction was taken back before it was read as an answer",
  "said-already": "the calendar says so already",
  "in-calendar": ({ who }, { text }) => `${text(who)} has it in a calendar, and is answered there`,
  "no-calendar": ({ who }, { text }) => `no calendar of ${text(who)} is connected; name the ids of one person in people`,
  "not-invited": ({ who }, { text }) => `${text(who)} is not among the invited`,
  interrupted: "interrupted while sending: it may have been done; repeated under the same id",
  "interrupted-unsure": "it was interrupted: it may have been done, and nobody can tell",
  "interrupted-before": "it was interrupted before it was done; ask for it again",
  "interrupted-after": "it was interrupted, and had been done",
  "perhaps-done": "it may have been done: a look at the target will show it",
  "perhaps-and": ({ said }, { text }) => `it may have been done, and ${text(said)}`,
  "attempted-then": ({ ground }, say) => `an attempt may have been done; then: ${say.ground(ground)}`,
  "not-repeated": ({ ground }, say) => `it is not repeated: ${say.ground(ground)}`,
  "adapter-failed": ({ fault }, { text }) => `the adapter failed: ${text(fault)}`,
  "no-target": ({ system }, { text }) =>
    `there is no target ${text(system)} that can be delivered to; add it again or remove its routes`,
  "no-entry": "its log entry is no longer there",
};

const de: Sentences = {
  public: "es ist öffentlich",
  known: "alle, die das Ziel sehen, konnten es schon sehen",
  widened: ({ to, why }, say) => `erweitert auf ${reached(to, say, people.de)}: ${say.text(why)}`,
  reaction: "jemand hat reagiert",
  ended: "was davon schon gesendet wurde, wird beendet",
  "audience-unknown": "nicht gesendet: Wer das Ziel sehen kann, ist unbekannt; seine Leserschaft (audience) angeben",
  wider: ({ to }, say) =>
    `nicht gesendet: Für ${reached(to, say, people.de)} war es an der Quelle nicht zu sehen; eine Route darf mit einem Grund weiter reichen (widen)`,
  private: ({ classification }) => `nicht gesendet: Es ist ${classes[classification]}`,
  "private-whole": ({ classification }) =>
    `nicht gesendet: Es ist ${classes[classification]}, und das Ziel nimmt Aktivitäten nur ganz`,
  "private-busy": ({ classification }) =>
    `nicht gesendet: Es ist ${classes[classification]}; eine Route darf befördern, wann jemand belegt ist (busy: true)`,
  bot: "nicht gesendet: Eine Maschine hat es geschrieben, und die Route befördert nicht, was Maschinen schreiben",
  automatic: ({ made }) =>
    `nicht gesendet: Es ist ${{ bounce: "ein Zustellbericht", "auto-reply": "eine automatische Antwort", receipt: "eine Empfangsbestätigung" }[made]}; so etwas wird nie befördert`,
  "no-conversation": "nicht gesendet: Die Route befördert nur Antworten, und nichts aus diesem Gespräch steht dort",
  "no-parent": "die Route befördert nur Antworten, und worauf es antwortet, steht dort nicht",
  "there-itself": "es ist selbst schon dort",
  "there-same": "was dort steht, ist dasselbe, wie sich später zeigte",
  "as-it-should": "es steht dort, wie es soll",
  "not-there": "nichts davon steht dort",
  "removed-there": "es wurde dort entfernt; es wird nicht neu angelegt",
  "sent-for-good": "es wurde schon gesendet; Gesendetes wird weder geändert noch zurückgenommen",
  "been-there": "es war schon dort, wie sein Weg zeigt",
  cannot: ({ system, kind, verb }, { text }) => `${text(system)} (${text(kind)}) kann kein ${verb}`,
  unseen: "was zuvor dorthin gesendet wurde, war dort noch nicht zu sehen",
  "parent-unseen": "worauf es antwortet, wurde dorthin gesendet und war dort noch nicht zu sehen",
  "done-unseen": "es ist erledigt; was dort steht, war noch nicht zu sehen",
  "done-unshown": "es ist erledigt und dort nicht zu sehen",
  "taken-back": "die Reaktion wurde zurückgenommen, bevor sie als Antwort gelesen war",
  "said-already": "der Kalender sagt das schon",
  "in-calendar": ({ who }, { text }) => `${text(who)} hat es in einem Kalender, und dort wird geantwortet`,
  "no-calendar": ({ who }, { text }) =>
    `kein Kalender von ${text(who)} ist verbunden; die Kennungen einer Person unter people nennen`,
  "not-invited": ({ who }, { text }) => `${text(who)} ist nicht eingeladen`,
  interrupted: "beim Senden unterbrochen: Es kann schon getan sein; es wird unter derselben Kennung wiederholt",
  "interrupted-unsure": "es wurde unterbrochen: Es kann schon getan sein, und niemand kann es wissen",
  "interrupted-before": "es wurde unterbrochen, bevor es getan war; noch einmal darum bitten",
  "interrupted-after": "es wurde unterbrochen und war schon getan",
  "perhaps-done": "es kann schon getan sein: Ein Blick auf das Ziel wird es zeigen",
  "perhaps-and": ({ said }, { text }) => `es kann schon getan sein, und nachsehen ließ es sich nicht: ${text(said)}`,
  "attempted-then": ({ ground }, say) => `ein Versuch kann gelungen sein; danach: ${say.ground(ground)}`,
  "not-repeated": ({ ground }, say) => `es wird nicht wiederholt: ${say.ground(ground)}`,
  "adapter-failed": ({ fault }, { text }) => `der Adapter ist gescheitert: ${text(fault)}`,
  "no-target": ({ system }, { text }) =>
    `ein Ziel ${text(system)}, an das zugestellt werden kann, gibt es nicht; es wieder hinzufügen oder seine Routen entfernen`,
  "no-entry": "sein Eintrag steht nicht mehr im Strom",
};

const classes = { private: "privat", confidential: "vertraulich" } as const;

const sentences: { readonly [tag in "en" | "de"]: Sentences } = { en, de };

const told = (because: Because, tag: keyof typeof sentences, text: Say["text"]): string => {
  const sentence = sentences[tag][because.code] as string | ((of: Because, say: Say) => string) | undefined;
  if (typeof sentence === "function")
    return sentence(because, { text, ground: (of) => (typeof of === "string" ? text(of) : told(of, tag, text)) });
  // A code that only a newer version knows, which had this store before.
  return sentence ?? because.code;
};

/** Units of UTF-16 that each word of others takes at most. */
const most = 300;

const fit = (words: string): string => escaped(short(words, most));

/** One English sentence, as it comes: for programs and logs. */
export const reasonOf = (because: Because): string => told(because, "en", (words) => words);

/** For people, as HTML like all of a `summaryMap`. */
export const becauseSaid = (because: Because): { readonly en: string; readonly de: string } => ({
  en: told(because, "en", fit),
  de: told(because, "de", fit),
});
