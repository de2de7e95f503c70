/** German. */

import type { Words } from "./en.ts";

export const de: Words = {
  usage: `groupstream: Groupware und Suiten als ein Aktivitätsstrom

  groupstream init      nach einem Postfach fragen, es prüfen, groupstream.config.ts schreiben
  groupstream doctor    jedes System verbinden; sagen, was es geben und nehmen kann, was nicht, und warum
  groupstream sync      eine Runde: lesen, Neues erzählen, zustellen
  groupstream run       dasselbe bis Strg-C, sobald es geschieht
  groupstream tail      die bisher erzählten Aktivitäten (--after N, --follow)
  groupstream status    was gespeichert, gelesen, erzählt, zugestellt ist, was scheitert, was schweigt
  groupstream explain   was jede Route trägt, was sie schmälert und wie, was nicht hinüberkommt und warum
  groupstream why       wie eine Aktivität (Kennung oder Nummer) kam, warum sie wohin ging oder nicht
  groupstream deliveries   was wartet oder scheiterte (--state, --target); retry KENNUNG …
  groupstream quarantine   was nicht gelesen werden konnte; retry ORT SCHLÜSSEL, release ORT SCHLÜSSEL
  groupstream prune     alte Einträge entfernen (--before DATUM|90d, --past LESER …)
  groupstream erase     den Inhalt einer Aktivität (Kennung oder Nummer) oder aller zu --object KENNUNG löschen
  groupstream backup    eine ganze Kopie des Speichers nach DATEI schreiben
  groupstream new-adapter   einen Adapter und seinen Prüftest schreiben (--name NAME)

Optionen jedes Befehls
  --config DATEI  sonst groupstream.config.ts, .mjs oder .js in diesem Ordner
  --lang en|de    sonst aus der Umgebung
  --json          JSON-Zeilen; so auch, wo die Ausgabe kein Terminal ist
  --text          Sätze, auch wo die Ausgabe kein Terminal ist
  --debug         bei einem Fehler: woher er kommt
  --help, --version

Rückgabewert: 0 gut; 1 ein Mensch wird gebraucht; 2 Konfiguration; 3 Speicher
`,
  initUsage: `groupstream init: fragt nach einem Postfach, prüft es, schreibt groupstream.config.ts

  --kind imap|maildir     sonst imap
  --id NAME               Name des Systems im Strom, sonst mail
  --host NAME             imap: sonst über die Adresse gefunden
  --port ZAHL             imap: sonst durch Probieren gefunden
  --user ADRESSE          imap: Anmeldename
  --password-env NAME     imap: das Passwort bleibt in dieser Variablen; die Konfiguration liest es dort
  --insecure plaintext    imap: einen Server ohne TLS erlauben
  --path ORDNER           maildir
  --owner ADRESSE         wessen Post es ist; sonst der Anmeldename
  --force                 eine vorhandene Konfiguration überschreiben

Was fehlt, wird am Terminal erfragt. Das Passwort ist nie eine Option: Es wird erfragt oder aus GROUPSTREAM_PASSWORD genommen
und in .groupstream.secrets.json abgelegt, die nur ihr Besitzer lesen kann, oder es bleibt in der Variablen von --password-env.
`,
  unknownCommand: (name, nearest) =>
    `Den Befehl „${name}“ gibt es nicht${nearest ? `; ist ${nearest} gemeint?` : "."} groupstream --help nennt alle.`,
  unknownOption: (name, nearest) =>
    `Die Option ${name} gibt es hier nicht${nearest ? `; ist ${nearest} gemeint?` : "."} groupstream --help nennt alle.`,
  needsValue: (name) => `${name} braucht einen Wert.`,
  takesNone: (name) => `${name} nimmt keinen Wert.`,
  extra: (value) => `„${value}“ ist zu viel: Dieser Befehl nimmt nur Optionen.`,
  operands: {
    why: "why braucht eine Aktivität: ihre Kennung oder ihre Nummer, wie tail sie zeigt.",
    deliveries: "deliveries listet auf; deliveries retry KENNUNG … lässt Zustellungen jetzt neu versuchen.",
    quarantine:
      "quarantine listet auf; quarantine retry ORT SCHLÜSSEL liest neu, quarantine release ORT SCHLÜSSEL lässt es ungelesen.",
    erase: "erase braucht entweder eine Aktivität (Kennung oder Nummer, wie tail sie zeigt) oder --object KENNUNG.",
    backup: "backup braucht eine Datei, die es noch nicht gibt.",
  },
  badNumber: (name) => `${name} muss die Nummer eines Eintrags sein: 0 oder mehr.`,
  badLang: "--lang muss en oder de sein.",
  both: (one, other) => `${one} und ${other} schließen einander aus.`,
  config: {
    none: (folder) => `In ${folder} ist keine groupstream.config.ts; „groupstream init“ macht eine, --config nennt eine andere.`,
    notThere: (path) => `Die Konfiguration ${path} gibt es nicht; --config prüfen.`,
    noDefault: (path) => `${path} exportiert nichts als default; nötig ist „export default { store, systems }“.`,
    unloadable: (path) => `${path} kann nicht geladen werden`,
    mistakes: (path, count) => `${path} hat ${count === 1 ? "einen Fehler" : `${count} Fehler`}`,
  },
  unexpected: (message) => `Etwas Unerwartetes ist gescheitert: ${message} (--debug zeigt, wo).`,
  remedies: {
    unreachable: "Host, Port und Netz prüfen; es wird von selbst wieder versucht.",
    throttled: "Nichts zu tun: Es wird wieder versucht, sobald der Server es erlaubt.",
    unauthenticated: "Passwort oder Token dieses Systems erneuern.",
    forbidden: "Dem Konto Leserecht geben oder die Sammlung ausschließen.",
    "position-lost": "Nichts zu tun: Die Sammlung wird neu aufgelistet und verglichen.",
    implausible: "Den Server prüfen: Der größte Teil der Sammlung scheint verschwunden.",
    malformed: "Die Rohform ansehen; gelesen wird es wieder, wenn es sich ändert.",
    misconfigured: "Die Konfiguration berichtigen und neu starten.",
    store: "Plattenplatz, Rechte und Version des Speichers prüfen.",
  },
  failed: (message, remedy) => `✗ ${message} (${remedy})`,
  pace: (rate, remaining) => `${rate}/s${remaining === undefined ? "" : `, noch ${remaining}`}`,
  reading: (system) => `${system} wird gelesen`,
  synced: (system, { looked, seen, told, open }) =>
    `✓ ${system}: ${told} erzählt, ${seen} gesehen in ${looked} ${looked === 1 ? "Sammlung" : "Sammlungen"}${open > 0 ? `, ${open} noch nicht sicher weg` : ""}`,
  unchanged: (system) => `✓ ${system}: nichts Neues`,
  held: (place) => `✗ ${place}: Das meiste scheint verschwunden; davon wird nichts erzählt, bis es sicher ist`,
  earlier: (count) => `… ${count} davor; groupstream tail zeigt sie`,
  silent: "Was beim ersten Blick da war, ist festgehalten, nicht erzählt; erzählt wird, was ab jetzt kommt.",
  watching: (systems) => `${systems} wird beobachtet; Strg-C beendet.`,
  stopping: "Wird beendet …",
  deliveries: (parts) => `Zustellungen: ${parts.join(", ")}`,
  states: {
    pending: "wartend",
    sending: "unterwegs",
    retrying: "erneut versucht",
    done: "erledigt",
    refused: "abgelehnt",
    unknown: "ungewiss",
    dead: "aufgegeben",
    void: "nicht gesendet",
  },
  standings: { here: "da", missing: "vermisst, noch nicht sicher weg", out: "außer Reichweite", gone: "weg" },
  deliveryOf: (id, attempts, changed) =>
    `Zustellung ${id}, ${attempts} ${attempts === 1 ? "Versuch" : "Versuche"}, Stand ${changed}`,
  said: (summary) => summary.de,
  nextTry: (time) => `nächster Versuch ${time}`,
  entryTo: (seq, target) => `Eintrag ${seq} an ${target}`,
  deliveryStates: (state, known) => `Den Zustand „${state}“ gibt es nicht; es gibt ${known.join(", ")}.`,
  noDelivery: (id) => `Die Zustellung ${id} gibt es nicht; groupstream deliveries nennt alle.`,
  noRetry: {
    done: (id) => `Die Zustellung ${id} ist erledigt; wer sie verlor, kann den Strom neu lesen.`,
    sending: (id) => `Die Zustellung ${id} ist unterwegs; ihre Antwort abwarten.`,
    void: (id) => `Die Zustellung ${id} sollte nicht gesendet werden; groupstream why sagt, warum.`,
  },
  noDeliveries: "Keine Zustellung wartet oder ist gescheitert.",
  onlyFirst: (count) => `Nur die ersten ${count} sind gezeigt.`,
  retried: (id) => `${id} ist jetzt fällig: Der laufende Hub sendet sie oder das nächste groupstream sync.`,
  quarantine: {
    empty: "Alles konnte gelesen werden.",
    since: (time, tries) => `seit ${time}, ${tries === 1 ? "einmal" : `${tries}-mal`} versucht`,
    none: (place, key) =>
      `Unter ${place} wartet nichts mit dem Schlüssel ${key} in Quarantäne; groupstream quarantine nennt alles.`,
    reread: (place, key) => `${place} ${key} wird neu gelesen: vom laufenden Hub oder vom nächsten groupstream sync.`,
    released: (place, key) => `${place} ${key} bleibt ungelesen; es kommt wieder, wenn seine Quelle es neu zeigt.`,
  },
  prune: {
    when: "prune braucht --before: ein Datum wie 2026-01-01, oder 90d für alles, was älter als 90 Tage ist.",
    badTime: (text) => `--before „${text}“ ist kein Datum: 2026-01-01, 2026-01-01T12:00:00Z oder 90d schreiben.`,
    removed: (count, first) =>
      `${count} ${count === 1 ? "Eintrag" : "Einträge"} entfernt${first > 0 ? `; der Strom beginnt bei ${first}` : ""}.`,
    held: {
      reader: (name, entries) =>
        `Leser ${name} hat von den älteren Einträgen noch ${entries} zu lesen; sie bleiben. --past "${name}" entfernt sie ungelesen.`,
      route: (name, entries) =>
        `Route ${name} hat von den älteren Einträgen noch ${entries} zu befördern; sie bleiben. --past "${name}" entfernt sie trotzdem.`,
      delivery: (id, entries) =>
        `Die Zustellung ${id} ist offen; ${entries} der älteren Einträge bleiben, bis sie erledigt, abgelehnt oder aufgegeben ist.`,
    },
  },
  erased: (count) =>
    `${count} ${count === 1 ? "Eintrag" : "Einträge"} gelöscht: Nummer, Kennung und Typ bleiben. Was die Quelle davon zeigt, bleibt, bis es dort geht.`,
  backedUp: (path) => `Geschrieben: ${path}, eine ganze Kopie des Speichers, nur für Sie lesbar.`,
  why: {
    unknown: (asked) => `Der Strom hat keine Aktivität ${asked}; groupstream tail zeigt, was er hat.`,
    told: (seq, type, id) => `Eintrag ${seq}: ${type} ${id}`,
    when: (time, facet) => `erzählt ${time} (${facet})`,
    where: (place, last) => `geschehen in ${place}${last === undefined ? "" : `, letzter Blick ${last}`}`,
    cause: (id) => `verursacht durch unsere Zustellung ${id}`,
    item: (place, key, state) => `sein Objekt in ${place}, Schlüssel ${key}: ${state}`,
    noRoutes: "keine Route ist eingerichtet",
    unconcerned: {
      system: "betrifft es nicht: geschehen in einem anderen System",
      collection: "betrifft es nicht: geschehen in einer anderen Sammlung",
      types: "betrifft es nicht: Die Route trägt andere Typen",
      people: "betrifft es nicht: Die Route trägt, was andere geschrieben haben",
      labels: "betrifft es nicht: Es trägt keine der Markierungen der Route",
      where: "betrifft es nicht: Die eigene Bedingung der Route sagt nein",
      own: "betrifft es nicht: Es ist unser eigenes Tun",
      slight: "betrifft es nicht: Markierungen und Reaktionen beginnen nichts",
    },
    waiting: "betrifft es und ist noch nicht so weit; groupstream run oder sync macht weiter",
    before: "beginnt im Strom erst nach diesem Eintrag",
    passed: "betrifft es, wie sie jetzt ist, und machte nichts daraus, als sie vorbeikam: Sie wurde seither geändert",
    other: (target) => `an ${target}, das keine Route mehr nennt`,
    read: (name) => `Leser ${name} ist daran vorbei`,
    unread: (name) => `Leser ${name} hat es noch zu lesen`,
  },
  nothingYet: "Noch ist nichts gespeichert: groupstream sync beginnt damit.",
  status: {
    store: (path, seq) => `Speicher ${path}: ${seq} Aktivitäten erzählt`,
    system: (id, kind, items, told) => `${id} (${kind}): ${items} Dinge, ${told} erzählt`,
    last: (time) => `zuletzt entdeckt ${time}`,
    missing: (count) => `${count} noch nicht sicher weg`,
    quarantined: (count) => `${count} nicht lesbar, in Quarantäne`,
    collections: (total, listing) =>
      `${total} ${total === 1 ? "Sammlung" : "Sammlungen"}${listing > 0 ? `, ${listing} noch nicht zu Ende gelesen` : ""}`,
    looked: (ago) => `letzter Blick vor ${ago}`,
    neverLooked: "bisher kein Blick",
    told: (count) => `${count} erzählt`,
    inQuarantine: (count) => `${count} in Quarantäne`,
    listing: "wird zum ersten Mal gelesen",
    silent: (where, time) =>
      `✗ ${where}: seit ${time} nichts gehört, obwohl ein Hub zu laufen behauptet; nachsehen, ob groupstream run lebt`,
    failing: (since, attempts) => `scheitert seit ${since}, ${attempts} ${attempts === 1 ? "Versuch" : "Versuche"}`,
    reader: (name, behind) => `Leser ${name}: ${behind === 0 ? "auf dem Stand" : `${behind} zurück`}`,
    notYet: (id) => `${id}: noch nicht gelesen`,
  },
  doctor: {
    connecting: (id, kind) => `${id} (${kind})`,
    server: (name) => `verbunden: ${name}`,
    gives: "gibt",
    takes: "nimmt",
    nothing: "nichts",
    fully: (names) => `ganz: ${names}`,
    partly: (name, lost) => `zum Teil: ${name}. ${lost}`,
    not: (name, why) => `nicht: ${name}. ${why}`,
    collections: (count, names) => `${count} ${count === 1 ? "Sammlung" : "Sammlungen"}: ${names}`,
    route: (from, to, widen) => `${from} → ${to}${widen ? ` (erweitert: ${widen})` : ""}`,
    routes: "Routen",
    silent: (seconds) => `keine Antwort innerhalb von ${seconds} s; Host, Port und Netz prüfen`,
    well: "Alle Systeme antworten.",
    ill: (count) => `${count === 1 ? "Ein System braucht" : `${count} Systeme brauchen`} einen Menschen.`,
  },
  explain: {
    widened: (why) => `erweitert: ${why}`,
    activities: "Aktivitäten",
    fields: "von einer Nachricht",
    source: "was die Quelle selbst nicht zeigen kann",
  },
  newAdapter: {
    badName: "--name besteht aus Kleinbuchstaben, Ziffern und einzelnen Bindestrichen und beginnt mit einem Buchstaben.",
    exists: (path: string) => `${path} gibt es schon; --force überschreibt es.`,
    wrote: (path: string) => `Geschrieben: ${path}`,
    next: (file: string) => `Weiter: node --test ${file}`,
  },
  init: {
    title: "Ein Postfach für groupstream",
    kind: "Welche Art von Postfach?",
    imap: "IMAP-Konto",
    maildir: "Maildir-Ordner auf diesem Rechner",
    user: "Benutzername (meist die Mailadresse)",
    host: "IMAP-Server",
    hostHint: "leer: über die Adresse gefunden",
    password: "Passwort",
    path: "Maildir-Ordner",
    owner: "Wessen Post ist es (Adresse)?",
    needed: "wird gebraucht",
    missing: (flags) => `Ohne Terminal kann nichts gefragt werden; es fehlt noch: ${flags}.`,
    exists: (path) => `${path} ist schon da; --force überschreibt sie.`,
    secretsBroken: (path) => `${path} ist kein lesbares JSON; berichtigen oder entfernen.`,
    badKind: "--kind muss imap oder maildir sein.",
    badId: "--id darf nur Kleinbuchstaben, Ziffern und Bindestriche haben.",
    badPort: "--port muss zwischen 1 und 65535 liegen.",
    badVariable: "--password-env muss der Name einer Umgebungsvariablen sein.",
    badInsecure: "--insecure kann nur „plaintext“ sein.",
    emptyVariable: (name) => `Die Variable ${name} von --password-env ist leer.`,
    trying: (at) => `Versuch mit ${at} …`,
    connected: (server, at) => `Verbunden: ${server} auf ${at}.`,
    folder: (path) => `Gefunden: ${path}.`,
    noServer: (tried) => `Unter ${tried} antwortet kein IMAP-Server; Host, Port und Netz prüfen.`,
    notWritten: (path, message) => `${path} kann nicht geschrieben werden: ${message}`,
    wrote: (path) => `Geschrieben: ${path}`,
    secrets: (path) => `Geschrieben: ${path}, nur für Sie lesbar; nicht in die Versionsverwaltung geben.`,
    variable: (name) => `Das Passwort wird bei jedem Start aus ${name} gelesen.`,
    next: "Weiter mit: groupstream sync. Was jetzt da ist, wird festgehalten, nicht erzählt; `history` in der Konfiguration ändert das.",
    cancelled: "Nichts wurde geschrieben.",
  },
};
