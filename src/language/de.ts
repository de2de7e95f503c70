/** German sentences. A thing without a name is declined: nominative, accusative, dative. */

import type { Language } from "./kinds.ts";

/** The thing by the article of a masculine and a feminine noun: all that a nameless thing can be here. */
const thing = (masculine: string, feminine: string): string =>
  `{thing, select, named {„{name}“} who {{name}} event {${masculine} Termin ohne Titel} task {${feminine} Aufgabe ohne Titel} person {${feminine} Person ohne Namen} group {${feminine} Gruppe ohne Namen} organization {${feminine} Organisation ohne Namen} other {${feminine} Nachricht ohne Betreff}}{occurrence, select, one { ({occurred})} future { (ab {occurred})} other {}}`;

/** Nominative at the beginning of a sentence and within one, accusative, dative. */
const Es = thing("Ein", "Eine");
const es = thing("ein", "eine");
const wen = thing("einen", "eine");
const wem = thing("einem", "einer");

/** A task that nobody has heard of is called one. */
const task = (the: string, a: string): string =>
  `{thing, select, named {${the} Aufgabe „{name}“} other {${a} Aufgabe ohne Titel}}`;

const by = (active: string, passive: string): string => `{acted, select, yes {${active}} other {${passive}}}`;
const where = (has: string, words: string, without = ""): string => `{${has}, select, yes {${words}} other {${without}}}`;

const from = where("hasOrigin", " von {origin}");
const to = where("hasTarget", " nach {target}");
const out = where("hasOrigin", " aus {origin}");
const start = where("hasStart", " am {start}");
const due = where("hasDue", ", fällig am {due}");
const files = "{attachments, plural, =0 {} one { ({attachments} Anhang)} other { ({attachments} Anhänge)}}";
const moved = by(`{actor} hat ${wen}${from}${to} verschoben`, `${Es} wurde${from}${to} verschoben`);
const added = by(
  where("hasTarget", `{actor} hat ${wen} zu {target} hinzugefügt`, `{actor} hat ${wen} hinzugefügt`),
  where("hasTarget", `${Es} wurde zu {target} hinzugefügt`, `${Es} wurde hinzugefügt`),
);
const removed = by(`{actor} hat ${wen}${out} entfernt`, `${Es} wurde${out} entfernt`);
const deleted = by(`{actor} hat ${wen} gelöscht`, `${Es} wurde gelöscht`);
const changed = by(
  where("hasFields", `{actor} hat bei ${wem} geändert: {fields}`, `{actor} hat ${wen} geändert`),
  where("hasFields", `${Es} wurde geändert: {fields}`, `${Es} wurde geändert`),
);
const message = (plain: string): string =>
  `{automatic, select, list {Listennachricht} bounce {Zustellbericht} autoreply {Automatische Antwort} receipt {Lesebestätigung} bot {Automatische Nachricht} other {${plain}}}${where("acted", " von {actor}")}${where("hasTarget", " in {target}")}: ${es}${files}`;

export const de: Language = {
  locale: "de",
  sentences: {
    "message.arrived": message("Neue Nachricht"),
    "message.sent": by(`{actor} hat ${wen} gesendet${files}`, `${Es} wurde gesendet${files}`),
    "message.replied": message("Antwort"),
    "message.moved": moved,
    "message.added": added,
    "message.removed": removed,
    "message.flagged": by(`{actor} hat ${wen} als {flag} markiert`, `${Es} wurde als {flag} markiert`),
    "message.unflagged": by(
      `{actor} hat die Markierung von ${wem} als {flag} aufgehoben`,
      `${Es} ist nicht mehr als {flag} markiert`,
    ),
    "message.deleted": deleted,
    "message.edited": changed,
    "message.read": by(`{actor} hat ${wen} gelesen`, `${Es} wurde gelesen`),
    "message.unread": by(`{actor} hat ${wen} als ungelesen markiert`, `${Es} wurde als ungelesen markiert`),
    "event.created": by(`{actor} hat ${wen}${start} angesetzt`, `${Es} wurde${start} angesetzt`),
    "event.rescheduled": by(
      `{actor} hat ${wen}${where("hasStart", " auf {start}")} verlegt`,
      `${Es} wurde${where("hasStart", " auf {start}")} verlegt`,
    ),
    "event.relocated": by(
      where(
        "hasLocation",
        `{actor} hat für ${wen} einen neuen Ort festgelegt: {location}`,
        `{actor} hat den Ort bei ${wem} entfernt`,
      ),
      where("hasLocation", `${Es} hat einen neuen Ort: {location}`, `${Es} hat keinen Ort mehr`),
    ),
    "event.cancelled": by(`{actor} hat ${wen}${start} abgesagt`, `${Es}${start} wurde abgesagt`),
    "event.repeated": by(`{actor} hat ${wen} zusätzlich angesetzt`, `${Es} findet ebenfalls statt`),
    "event.edited": changed,
    "event.moved": moved,
    "event.added": added,
    "event.removed": removed,
    "event.deleted": deleted,
    "event.invited": by(
      `{actor} hat ${where("hasParty", "{party}", "jemanden")} zu ${wem}${start} eingeladen`,
      `${where("hasParty", "{party}", "Jemand")} wurde zu ${wem}${start} eingeladen`,
    ),
    "event.accepted": by(`{actor} hat für ${wen} zugesagt`, `Für ${wen} wurde zugesagt`),
    "event.tentative": by(`{actor} hat für ${wen} unter Vorbehalt zugesagt`, `Für ${wen} wurde unter Vorbehalt zugesagt`),
    "event.declined": by(`{actor} hat die Einladung zu ${wem} abgelehnt`, `Die Einladung zu ${wem} wurde abgelehnt`),
    "event.proposed": by(
      `{actor} hat für ${wen} eine andere Zeit vorgeschlagen${where("hasStart", ": {start}")}`,
      `Für ${wen} wurde eine andere Zeit vorgeschlagen${where("hasStart", ": {start}")}`,
    ),
    "task.created": by(`{actor} hat ${task("die", "eine")}${due} angelegt`, `${task("Die", "Eine")}${due} wurde angelegt`),
    "task.rescheduled": by(
      where("hasDue", `{actor} hat ${wen} auf {due} verlegt`, `{actor} hat das Datum von ${wem} entfernt`),
      where("hasDue", `${Es} ist jetzt am {due} fällig`, `${Es} ist nicht mehr zu einer Zeit fällig`),
    ),
    "task.completed": by(`{actor} hat ${wen} erledigt`, `${Es} ist erledigt`),
    "task.reopened": by(`{actor} hat ${wen} wieder geöffnet`, `${Es} ist wieder offen`),
    "task.cancelled": by(`{actor} hat ${wen} verworfen`, `${Es} wurde verworfen`),
    "task.assigned": by(
      `{actor} hat ${wen} an ${where("hasParty", "{party}", "jemanden")} vergeben`,
      `${Es} wurde an ${where("hasParty", "{party}", "jemanden")} vergeben`,
    ),
    "task.unassigned": by(
      `{actor} hat ${where("hasParty", "{party}", "jemandem")} ${wen} abgenommen`,
      `${Es} ist nicht mehr an ${where("hasParty", "{party}", "jemanden")} vergeben`,
    ),
    "task.accepted": by(`{actor} hat ${wen} übernommen`, `${Es} wurde übernommen`),
    "task.tentative": by(`{actor} übernimmt vielleicht ${wen}`, `${Es} wird vielleicht übernommen`),
    "task.declined": by(`{actor} hat ${wen} abgelehnt`, `${Es} wurde abgelehnt`),
    "task.edited": changed,
    "task.moved": moved,
    "task.added": added,
    "task.removed": removed,
    "task.deleted": deleted,
    "person.appeared": `${Es} ist neu${where("hasTarget", " in {target}")}`,
    "person.changed": changed,
    "person.moved": moved,
    "person.added": added,
    "person.removed": removed,
    "person.left": `${Es} ist nicht mehr ${where("hasOrigin", "in {origin}", "dabei")}`,
    "group.joined": by(
      `{actor} hat ${where("hasParty", "{party}", "jemanden")} zu ${wem} hinzugefügt`,
      `${where("hasParty", "{party}", "Jemand")} ist jetzt Mitglied von ${wem}`,
    ),
    "group.left": by(
      `{actor} hat ${where("hasParty", "{party}", "jemanden")} aus ${wem} entfernt`,
      `${where("hasParty", "{party}", "Jemand")} ist nicht mehr Mitglied von ${wem}`,
    ),
    "group.moved": moved,
    "group.added": added,
    "group.removed": removed,
    "reaction.liked": by(`{actor} gefällt ${es}`, `Jemandem gefällt ${es}`),
    "reaction.reacted": by(
      `{actor} hat${where("hasEmoji", " mit {emoji}")} auf ${wen} reagiert`,
      `Jemand hat${where("hasEmoji", " mit {emoji}")} auf ${wen} reagiert`,
    ),
    "reaction.undone": by(
      `{actor} hat ${where("hasEmoji", "{emoji}", "eine Reaktion")} bei ${wem} zurückgenommen`,
      `${where("hasEmoji", "{emoji}", "Eine Reaktion")} wurde bei ${wem} zurückgenommen`,
    ),
    "generic.created": by(`{actor} hat ${wen} angelegt`, `${Es} wurde angelegt`),
    "generic.updated": changed,
    "generic.deleted": deleted,
  },
  fields: {
    name: "Name",
    subject: "Titel",
    content: "Text",
    text: "Text",
    published: "Datum",
    attributedTo: "Absender",
    to: "Empfänger",
    cc: "Kopieempfänger",
    attachment: "Anhänge",
    startTime: "Beginn",
    endTime: "Ende",
    location: "Ort",
    attendees: "Teilnehmende",
    status: "Status",
    timezone: "Zeitzone",
    recurrence: "Wiederholung",
    classification: "Vertraulichkeit",
    progress: "Fortschritt",
    priority: "Priorität",
    address: "Adressen",
    fields: "Angaben",
    members: "Mitglieder",
    adr: "Postanschrift",
    anniversary: "Jahrestag",
    bday: "Geburtstag",
    gender: "Geschlecht",
    geo: "Koordinaten",
    impp: "Messenger",
    lang: "Sprache",
    logo: "Logo",
    nickname: "Spitzname",
    note: "Notiz",
    org: "Organisation",
    photo: "Foto",
    related: "Angehörige",
    role: "Funktion",
    tel: "Telefonnummer",
    title: "Berufsbezeichnung",
    tz: "Zeitzone",
    url: "Webadresse",
  },
  sorts: { work: "beruflich", home: "privat", cell: "mobil", fax: "Fax", pager: "Pager" },
  flags: { flagged: "wichtig", answered: "beantwortet", forwarded: "weitergeleitet", junk: "Spam", draft: "Entwurf" },
  quoted: (text) => `„${text}“`,
  more: (count) => (count === 1 ? "eine weitere Angabe" : `${count} weitere Angaben`),
};
