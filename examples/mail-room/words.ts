/** What the example says. */

const en = {
  started: (imap: string, smtp: string, room: string) => `Dovecot at ${imap}, SMTP at ${smtp}, Prosody with the room ${room}.`,
  posted: (body: string) => `A mail arrived and stands in the room:\n${body.replace(/^/gm, "  | ")}`,
  fetched: (link: string, text: string) => `Its file is at ${link}: “${text}”`,
  answered: (from: string, to: string, subject: string, parent: string) =>
    `Ann replied in the room; the customer has a mail:\n  From: ${from}\n  To: ${to}\n  Subject: ${subject}\n  In-Reply-To: ${parent}`,
  restarting: "The hub is stopped; the customer answers meanwhile; it is started again.",
  threaded: (text: string, beneath: boolean) => `“${text}” stands in the room${beneath ? ", beneath what it answers" : ""}.`,
  retracted: "The mails were deleted; their posts are retracted.",
  counted: (posts: number, mails: number) => `${posts} posts and ${mails} mail in all: nothing echoed, nothing twice.`,
  told: "Told:",
  carried: "What arrives of a message:",
  levels: { full: "in full", degraded: "degraded", none: "not" },
  wrong: "there should be two posts and one mail",
};

const de: typeof en = {
  started: (imap, smtp, room) => `Dovecot auf ${imap}, SMTP auf ${smtp}, Prosody mit dem Raum ${room}.`,
  posted: (body) => `Eine Mail kam an und steht im Raum:\n${body.replace(/^/gm, "  | ")}`,
  fetched: (link, text) => `Ihre Datei liegt unter ${link}: „${text}“`,
  answered: (from, to, subject, parent) =>
    `Ann antwortete im Raum; der Kunde hat eine Mail:\n  From: ${from}\n  To: ${to}\n  Subject: ${subject}\n  In-Reply-To: ${parent}`,
  restarting: "Der Hub wird angehalten; der Kunde antwortet unterdessen; er wird wieder gestartet.",
  threaded: (text, beneath) => `„${text}“ steht im Raum${beneath ? ", unter dem, worauf es antwortet" : ""}.`,
  retracted: "Die Mails wurden gelöscht; ihre Beiträge sind zurückgezogen.",
  counted: (posts, mails) => `${posts} Beiträge und ${mails} Mail im Ganzen: kein Echo, nichts doppelt.`,
  told: "Erzählt:",
  carried: "Was von einer Nachricht ankommt:",
  levels: { full: "ganz", degraded: "geschmälert", none: "nicht" },
  wrong: "es sollten zwei Beiträge und eine Mail sein",
};

export const languages = { en, de } as const;
