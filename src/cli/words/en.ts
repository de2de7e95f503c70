/** English. */

import type { ErrorCode } from "../../contract/errors.ts";
import { errorTable } from "../../contract/errors.ts";

const codes = Object.keys(errorTable) as ErrorCode[];

export const en = {
  usage: `groupstream: groupware and suites as one activity stream

  groupstream init      ask for a mailbox, test it, write groupstream.config.ts
  groupstream doctor    connect every system; say what it can give and take, what not, and why
  groupstream sync      one round: read, tell what is new, deliver
  groupstream run       the same until Ctrl-C, as it happens
  groupstream tail      the activities told so far (--after N, --follow)
  groupstream status    what is stored, read, told, delivered, failing, silent
  groupstream explain   what each route carries, what it degrades and how, what cannot cross and why
  groupstream why       how an activity (id or number) came, why it went or did not go where
  groupstream deliveries   what waits or failed (--state, --target); retry ID …
  groupstream quarantine   what could not be read; retry PLACE KEY, release PLACE KEY
  groupstream prune     remove old entries (--before DATE|90d, --past READER …)
  groupstream erase     erase the content of an activity (id or number), or of all about --object ID
  groupstream backup    write a whole copy of the store to FILE
  groupstream new-adapter   write an adapter and its conformance test (--name NAME)

Options of every command
  --config FILE   default groupstream.config.ts, .mjs or .js in this folder
  --lang en|de    default from the environment
  --json          JSON lines; default where the output is no terminal
  --text          sentences, also where the output is no terminal
  --debug         with an error: where it came from
  --help, --version

Exit status: 0 well; 1 a person is needed; 2 configuration; 3 store
`,
  initUsage: `groupstream init: asks for a mailbox, tests it, writes groupstream.config.ts

  --kind imap|maildir     default imap
  --id NAME               the system's name in the stream, default mail
  --host NAME             imap: default found by the address
  --port NUMBER           imap: default found by trying
  --user ADDRESS          imap: login name
  --password-env NAME     imap: the password stays in this variable; the configuration reads it from there
  --insecure plaintext    imap: allow a server without TLS
  --path FOLDER           maildir
  --owner ADDRESS         whose mail it is; default the login name
  --force                 overwrite a configuration that is there

What is missing is asked for on a terminal. The password is never an option: it is asked, or taken from GROUPSTREAM_PASSWORD
and kept in .groupstream.secrets.json, which only its owner can read, or it stays in the variable of --password-env.
`,
  unknownCommand: (name: string, nearest: string | undefined) =>
    `There is no command "${name}"${nearest ? `; did you mean ${nearest}?` : "."} groupstream --help lists them.`,
  unknownOption: (name: string, nearest: string | undefined) =>
    `There is no option ${name} here${nearest ? `; did you mean ${nearest}?` : "."} groupstream --help lists them.`,
  needsValue: (name: string) => `${name} needs a value.`,
  takesNone: (name: string) => `${name} takes no value.`,
  extra: (value: string) => `"${value}" is too much: this command takes options only.`,
  operands: {
    why: "why needs one activity: its id, or its number as tail shows it.",
    deliveries: "deliveries lists; deliveries retry ID … has deliveries tried again now.",
    quarantine: "quarantine lists; quarantine retry PLACE KEY reads again, quarantine release PLACE KEY leaves it unread.",
    erase: "erase needs either an activity (its id, or its number as tail shows it) or --object ID.",
    backup: "backup needs one file that does not exist yet.",
  },
  badNumber: (name: string) => `${name} must be a number of an entry: 0 or more.`,
  badLang: "--lang must be en or de.",
  both: (one: string, other: string) => `${one} and ${other} exclude each other.`,
  config: {
    none: (folder: string) =>
      `There is no groupstream.config.ts in ${folder}; make one by "groupstream init", or name one by --config.`,
    notThere: (path: string) => `There is no configuration ${path}; check --config.`,
    noDefault: (path: string) => `${path} exports nothing by default; write "export default { store, systems }".`,
    unloadable: (path: string) => `${path} cannot be loaded`,
    mistakes: (path: string, count: number) => `${path} has ${count === 1 ? "a mistake" : `${count} mistakes`}`,
  },
  unexpected: (message: string) => `Something unexpected failed: ${message} (--debug shows where).`,
  remedies: Object.fromEntries(codes.map((code) => [code, errorTable[code].remedy])) as { readonly [code in ErrorCode]: string },
  /** Messages of the core say what to do, in English; where the sentence is in another language it is said in that too. */
  failed: (message: string, _remedy: string) => `✗ ${message}`,
  pace: (rate: number, remaining: string | undefined) => `${rate}/s${remaining === undefined ? "" : `, ${remaining} left`}`,
  reading: (system: string) => `Reading ${system}`,
  synced: (system: string, { looked, seen, told, open }: { looked: number; seen: number; told: number; open: number }) =>
    `✓ ${system}: ${told} told, ${seen} seen in ${looked} ${looked === 1 ? "collection" : "collections"}${open > 0 ? `, ${open} not proven gone yet` : ""}`,
  unchanged: (system: string) => `✓ ${system}: nothing new`,
  held: (place: string) => `✗ ${place}: most of it seems to have vanished; nothing is told of it until that is certain`,
  earlier: (count: number) => `… ${count} before; groupstream tail shows them`,
  silent: "What was there at the first look is recorded, not told; what comes from now on is.",
  watching: (systems: string) => `Watching ${systems}; Ctrl-C ends it.`,
  stopping: "Ending …",
  deliveries: (parts: readonly string[]) => `Deliveries: ${parts.join(", ")}`,
  states: {
    pending: "waiting",
    sending: "under way",
    retrying: "tried again",
    done: "done",
    refused: "refused",
    unknown: "unknown",
    dead: "given up",
    void: "not sent",
  },
  standings: { here: "here", missing: "missing, not proven gone yet", out: "out of scope", gone: "gone" },
  deliveryOf: (id: string, attempts: number, changed: string) =>
    `delivery ${id}, ${attempts} ${attempts === 1 ? "attempt" : "attempts"}, as of ${changed}`,
  said: (summary: { readonly en: string; readonly de: string }) => summary.en,
  nextTry: (time: string) => `next try ${time}`,
  entryTo: (seq: number, target: string) => `Entry ${seq} to ${target}`,
  deliveryStates: (state: string, known: readonly string[]) => `There is no state "${state}"; there are ${known.join(", ")}.`,
  noDelivery: (id: string) => `There is no delivery ${id}; groupstream deliveries lists them.`,
  noRetry: {
    done: (id: string) => `Delivery ${id} is done; who lost it can read the log again.`,
    sending: (id: string) => `Delivery ${id} is under way; wait for its answer.`,
    void: (id: string) => `Delivery ${id} was not to be sent; groupstream why says for what reason.`,
  },
  noDeliveries: "No delivery waits or failed.",
  onlyFirst: (count: number) => `Only the first ${count} are shown.`,
  retried: (id: string) => `${id} is due now: the hub that runs sends it, or the next groupstream sync.`,
  quarantine: {
    empty: "Everything could be read.",
    since: (time: string, tries: number) => `since ${time}, tried ${tries === 1 ? "once" : `${tries} times`}`,
    none: (place: string, key: string) =>
      `Nothing of key ${key} waits in quarantine at ${place}; groupstream quarantine lists it.`,
    reread: (place: string, key: string) =>
      `${place} ${key} is read again: by the hub that runs, or by the next groupstream sync.`,
    released: (place: string, key: string) => `${place} ${key} is left unread; it comes back if its source shows it anew.`,
  },
  prune: {
    when: "prune needs --before: a date such as 2026-01-01, or 90d for what is older than 90 days.",
    badTime: (text: string) => `--before "${text}" is no date: write 2026-01-01, 2026-01-01T12:00:00Z, or 90d.`,
    removed: (count: number, first: number) =>
      `${count} ${count === 1 ? "entry" : "entries"} removed${first > 0 ? `; the log begins at ${first}` : ""}.`,
    held: {
      reader: (name: string, entries: number) =>
        `Reader ${name} has ${entries} of the older entries still to read; they stay. --past "${name}" removes them unread.`,
      route: (name: string, entries: number) =>
        `Route ${name} has ${entries} of the older entries still to carry; they stay. --past "${name}" removes them all the same.`,
      delivery: (id: string, entries: number) =>
        `Delivery ${id} is open; ${entries} of the older entries stay until it is done, refused or given up.`,
    },
  },
  erased: (count: number) =>
    `${count} ${count === 1 ? "entry" : "entries"} erased: number, id and type stay. What the source shows of it stays until it goes there.`,
  backedUp: (path: string) => `Written: ${path}, a whole copy of the store, readable for you alone.`,
  why: {
    unknown: (asked: string) => `The log holds no activity ${asked}; groupstream tail shows what it holds.`,
    told: (seq: number, type: string, id: string) => `Entry ${seq}: ${type} ${id}`,
    when: (time: string, facet: string) => `told ${time} (${facet})`,
    where: (place: string, last: string | undefined) => `happened in ${place}${last === undefined ? "" : `, last look ${last}`}`,
    cause: (id: string) => `caused by our delivery ${id}`,
    item: (place: string, key: string, state: string) => `its object in ${place}, key ${key}: ${state}`,
    noRoutes: "no route is configured",
    unconcerned: {
      system: "does not concern it: it happened in another system",
      collection: "does not concern it: it happened in another collection",
      types: "does not concern it: the route carries other types",
      people: "does not concern it: the route carries what other people wrote",
      labels: "does not concern it: it bears none of the route's labels",
      where: "does not concern it: the route's own condition says no",
      own: "does not concern it: it is our own doing",
      slight: "does not concern it: flags, labels and reactions begin nothing",
    },
    waiting: "concerns it and has not got so far; groupstream run or sync goes on",
    before: "began later in the log than this",
    passed: "concerns it as it is now, and made nothing of it when it passed: it was changed since",
    other: (target: string) => `to ${target}, which no route names any more`,
    read: (name: string) => `reader ${name} has passed it`,
    unread: (name: string) => `reader ${name} has it still to read`,
  },
  nothingYet: "Nothing is stored yet: groupstream sync begins.",
  status: {
    store: (path: string, seq: number) => `Store ${path}: ${seq} activities told`,
    system: (id: string, kind: string, items: number, told: number) => `${id} (${kind}): ${items} items, ${told} told`,
    last: (time: string) => `last discovery ${time}`,
    missing: (count: number) => `${count} not proven gone yet`,
    quarantined: (count: number) => `${count} could not be read and wait in quarantine`,
    collections: (total: number, listing: number) =>
      `${total} ${total === 1 ? "collection" : "collections"}${listing > 0 ? `, ${listing} not read to the end yet` : ""}`,
    looked: (ago: string) => `last look ${ago} ago`,
    neverLooked: "no look so far",
    told: (count: number) => `${count} told`,
    inQuarantine: (count: number) => `${count} in quarantine`,
    listing: "first reading under way",
    silent: (where: string, time: string) =>
      `✗ ${where}: nothing was heard of it for ${time}, although a hub claims to run; see whether groupstream run is alive`,
    failing: (since: string, attempts: number) =>
      `failing since ${since}, ${attempts} ${attempts === 1 ? "attempt" : "attempts"}`,
    reader: (name: string, behind: number) => `Reader ${name}: ${behind === 0 ? "up to date" : `${behind} behind`}`,
    notYet: (id: string) => `${id}: not read yet`,
  },
  doctor: {
    connecting: (id: string, kind: string) => `${id} (${kind})`,
    server: (name: string) => `connected: ${name}`,
    gives: "gives",
    takes: "takes",
    nothing: "nothing",
    fully: (names: string) => `fully: ${names}`,
    partly: (name: string, lost: string) => `in part: ${name}. ${lost}`,
    not: (name: string, why: string) => `not: ${name}. ${why}`,
    collections: (count: number, names: string) => `${count} ${count === 1 ? "collection" : "collections"}: ${names}`,
    route: (from: string, to: string, widen: string | undefined) => `${from} → ${to}${widen ? ` (widened: ${widen})` : ""}`,
    routes: "Routes",
    silent: (seconds: number) => `no answer within ${seconds} s; check host, port and network`,
    well: "All systems answer.",
    ill: (count: number) => `${count === 1 ? "One system needs" : `${count} systems need`} a person.`,
  },
  explain: {
    widened: (why: string) => `widened: ${why}`,
    activities: "activities",
    fields: "of a message",
    source: "what the source itself cannot show",
  },
  newAdapter: {
    badName: "--name must be lower-case letters, digits and single hyphens, beginning with a letter.",
    exists: (path: string) => `${path} is there already; --force overwrites it.`,
    wrote: (path: string) => `Written: ${path}`,
    next: (file: string) => `Next: node --test ${file}`,
  },
  init: {
    title: "A mailbox for groupstream",
    kind: "What kind of mailbox?",
    imap: "IMAP account",
    maildir: "Maildir folder on this machine",
    user: "User name (usually the mail address)",
    host: "IMAP server",
    hostHint: "empty: found by the address",
    password: "Password",
    path: "Maildir folder",
    owner: "Whose mail is it (address)?",
    needed: "is needed",
    missing: (flags: string) => `Without a terminal nothing can be asked; still needed: ${flags}.`,
    exists: (path: string) => `${path} is there already; --force overwrites it.`,
    secretsBroken: (path: string) => `${path} cannot be read as JSON; correct or remove it.`,
    badKind: "--kind must be imap or maildir.",
    badId: "--id must be lower-case letters, digits and hyphens.",
    badPort: "--port must be between 1 and 65535.",
    badVariable: "--password-env must be the name of an environment variable.",
    badInsecure: '--insecure can only be "plaintext".',
    emptyVariable: (name: string) => `The variable ${name} of --password-env is empty.`,
    trying: (at: string) => `Trying ${at} …`,
    connected: (server: string, at: string) => `Connected: ${server} at ${at}.`,
    folder: (path: string) => `Found: ${path}.`,
    noServer: (tried: string) => `No IMAP server answered at ${tried}; check host, port and network.`,
    notWritten: (path: string, message: string) => `${path} cannot be written: ${message}`,
    wrote: (path: string) => `Written: ${path}`,
    secrets: (path: string) => `Written: ${path}, readable for you alone; keep it out of version control.`,
    variable: (name: string) => `The password is read from ${name} at every start.`,
    next: "Next: groupstream sync. What is there now is recorded, not told; `history` in the configuration changes that.",
    cancelled: "Nothing was written.",
  },
};

/** Everything the command line can say. */
export type Words = typeof en;
