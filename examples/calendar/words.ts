/** What the example says. */

const en = {
  started: (radicale: string, room: string) => `Radicale at ${radicale}, Prosody with the room ${room}.`,
  posted: (body: string) => `Ada invited Ann; the meeting stands in the room:\n${body.replace(/^/gm, "  | ")}`,
  answered: (line: string) => `Ann reacts ✅ in the room; her calendar says:\n  ${line}`,
  kept: (line: string) => `What nobody asked about is as it was:\n  ${line}`,
  edited: (body: string) => `Ada moves the meeting; the post is edited:\n${body.replace(/^/gm, "  | ")}`,
  renumbered: (line: string) => `Eve's card has another number, and that is what is told:\n  ${line}`,
  told: "Told:",
  wrong: "there should be one post and one answer",
};

const de: typeof en = {
  started: (radicale, room) => `Radicale auf ${radicale}, Prosody mit dem Raum ${room}.`,
  posted: (body) => `Ada lud Ann ein; der Termin steht im Raum:\n${body.replace(/^/gm, "  | ")}`,
  answered: (line) => `Ann reagiert im Raum mit ✅; ihr Kalender sagt:\n  ${line}`,
  kept: (line) => `Wonach niemand fragte, ist, wie es war:\n  ${line}`,
  edited: (body) => `Ada verlegt den Termin; der Beitrag ist bearbeitet:\n${body.replace(/^/gm, "  | ")}`,
  renumbered: (line) => `Eves Karte hat eine andere Nummer, und das wird erzählt:\n  ${line}`,
  told: "Erzählt:",
  wrong: "es sollten ein Beitrag und eine Zusage sein",
};

export const languages = { en, de } as const;
