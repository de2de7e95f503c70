/** What the quickstart says, in English and German. */

const en = {
  source: (name: string, folder: string) => `A real ${name} with a sample mailbox; it is kept in ${folder}.`,
  noServer: (reason: string) => `No Dovecot here (${reason}); the same is shown with a Maildir folder.`,
  reading: "Reading the mailbox",
  read: (items: number, seconds: string) => `${items} messages read in ${seconds} s, recorded in one SQLite file.`,
  history: (told: number) =>
    `What was there before is recorded, not told; only the newest ${told} messages are, because this example asks for \`history\`:`,
  news: (told: number) => `${told} new since the last time:`,
  nothing: "0 new: what was told before is not told again.",
  more: (count: number) => `… and ${count} before`,
  hooks: (count: number) =>
    `${count} signed ${count === 1 ? "webhook" : "webhooks"} received, every signature verified (Standard Webhooks).`,
  noHooks: "0 webhooks: what was delivered before is not delivered again.",
  arriving: "Now a new mail arrives:",
  latency: (told: number, received: number) =>
    `told ${told} ms after it was stored, webhook received and verified after ${received} ms`,
  pause: "  (Dovecot itself waits 500 ms before it says that something is new)",
  again: "Run it again: nothing is told twice. Your own server: npx groupstream init",
  late: "The new mail was not told within 30 s; its log is in",
  failed: (what: string) => `The quickstart failed: ${what}`,
};

type Words = typeof en;

const de: Words = {
  source: (name, folder) => `Ein echter ${name} mit einem Beispielpostfach; es bleibt in ${folder}.`,
  noServer: (reason) => `Hier gibt es keinen Dovecot (${reason}); dasselbe wird mit einem Maildir-Ordner gezeigt.`,
  reading: "Das Postfach wird gelesen",
  read: (items, seconds) => `${items} Nachrichten in ${seconds} s gelesen und in einer SQLite-Datei festgehalten.`,
  history: (told) =>
    `Was schon da war, wird festgehalten, nicht erzählt; nur die neuesten ${told} Nachrichten doch, weil dieses Beispiel mit \`history\` danach fragt:`,
  news: (told) => `${told} neue seit dem letzten Mal:`,
  nothing: "0 neue: Was schon erzählt ist, wird nicht noch einmal erzählt.",
  more: (count) => `… und ${count} davor`,
  hooks: (count) =>
    `${count} ${count === 1 ? "signierter Webhook" : "signierte Webhooks"} empfangen, jede Signatur geprüft (Standard Webhooks).`,
  noHooks: "0 Webhooks: Was schon zugestellt ist, wird nicht noch einmal zugestellt.",
  arriving: "Jetzt kommt eine neue Mail:",
  latency: (told, received) => `erzählt ${told} ms, nachdem sie abgelegt war; Webhook empfangen und geprüft nach ${received} ms`,
  pause: "  (Dovecot selbst wartet 500 ms, bevor er Neues meldet)",
  again: "Noch einmal starten: nichts wird zweimal erzählt. Der eigene Server: npx groupstream init",
  late: "Die neue Mail wurde nicht innerhalb von 30 s erzählt; das Protokoll liegt in",
  failed: (what) => `Der Quickstart ist gescheitert: ${what}`,
};

export const languages = { en, de };
