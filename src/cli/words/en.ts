/** English. */

import type { ErrorCode } from "../../errors.ts";
import { errorTable } from "../../errors.ts";

const codes = Object.keys(errorTable) as ErrorCode[];

export const en = {
  usage: `groupstream: groupware and suites as one activity stream

  groupstream init      ask for a mailbox, test it, write groupstream.config.ts
  groupstream doctor    connect every system; say what it can give and take, what not, and why
  groupstream sync      one round: read, tell what is new, deliver
  groupstream run       the same until Ctrl-C, as it happens
  groupstream tail      the activities told so far (--after N, --follow)
  groupstream status    what is stored, read, told, delivered, failing
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
  nothingYet: "Nothing is stored yet: groupstream sync begins.",
  status: {
    store: (path: string, seq: number) => `Store ${path}: ${seq} activities told`,
    system: (id: string, kind: string, items: number, told: number) => `${id} (${kind}): ${items} items, ${told} told`,
    last: (time: string) => `last discovery ${time}`,
    missing: (count: number) => `${count} not proven gone yet`,
    quarantined: (count: number) => `${count} could not be read and wait in quarantine`,
    collections: (total: number, listing: number) =>
      `${total} ${total === 1 ? "collection" : "collections"}${listing > 0 ? `, ${listing} not read to the end yet` : ""}`,
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
