/** An account that can send: a mailbox on a real Dovecot, a real submission server, and commands for both. */

import { randomUUID } from "node:crypto";
import type { Adapter, Collection, Command, Found, Loss, MessageView, Receipt, Verb, Whole } from "groupstream";
import { type ImapOptions, imap, type SmtpOptions } from "groupstream/adapters/imap";
import PostalMime, { type Email } from "postal-mime";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { Dovecot, DovecotOptions } from "../../lab/dovecot.ts";
import type { RawImap } from "../../lab/imap.ts";
import { type ImapProxy, startProxy, type Trait } from "../../lab/imap-proxy/index.ts";
import { type SmtpLab, type SmtpOptions as SmtpLabOptions, startSmtp } from "../../lab/smtp.ts";
import { fetched, listed, looked, never, serverOrReason } from "./world.ts";

/** What may be changed about an account. */
export interface Beginning {
  readonly traits?: readonly Trait[];
  readonly lab?: SmtpLabOptions;
  readonly smtp?: Partial<SmtpOptions>;
  readonly imap?: Partial<ImapOptions>;
}

/** A receipt that is `done`. */
export type Done = Extract<Receipt, { readonly outcome: "done" }>;

/** What a test has; `begin` makes it anew. */
export interface Office {
  readonly server: Dovecot;
  readonly smtp: SmtpLab;
  readonly adapter: Adapter;
  readonly raw: RawImap;
  readonly proxy: ImapProxy | undefined;
  readonly user: string;
  begin(options?: Beginning): Promise<void>;
  /** A new adapter for the same account, as after a restart. */
  again(options?: Beginning): Adapter;
  command(verb: Verb, more?: Partial<Command>): Command;
  perform(command: Command): Promise<Receipt>;
  /** Fails unless it is done. */
  done(command: Command): Promise<Done>;
  collection(role: NonNullable<Collection["role"]> | { readonly name: string }): Promise<Collection>;
  /** Stores a mail; gives its key. */
  put(mailbox: string, raw: string, flags?: readonly string[]): Promise<string>;
  /** The whole sightings of a mailbox now. */
  look(collection: Collection): Promise<Whole[]>;
  /** Subjects by UID, asked without the adapter. */
  subjects(mailbox: string): Promise<string[]>;
  /** The last mail that was taken, parsed. */
  last(): Promise<Email>;
}

export const note = (more: Partial<MessageView> = {}): MessageView => ({ type: "Note", text: "Hello.\n", ...more });

export const header = (mail: Email, name: string): string | undefined =>
  mail.headers.find(({ key }) => key === name.toLowerCase())?.value;

export const reasons = (losses: readonly Loss[] | undefined): string =>
  (losses ?? []).map(({ field, reason }) => `${field}: ${reason}`).join("\n");

export const stood = (found: Found | undefined): Whole => {
  const sighting = found?.sighting;
  if (!sighting || !("object" in sighting) || !sighting.object) throw new Error("nothing stands there");
  return sighting;
};

/** What an adapter is made for. */
type Premises = Pick<Office, "smtp" | "raw" | "proxy" | "user">;

let accounts = 0;

/** For the tests of one describe: a mail server for all, an account and a submission server for each. */
export const office = (dovecot: DovecotOptions = {}): Office => {
  let server: Dovecot | undefined;
  let made: (Premises & { readonly adapter: Adapter }) | undefined;
  let begun: Beginning = {};
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    server = await serverOrReason(dovecot);
  });
  afterAll(() => server?.stop());
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    const faults = made?.proxy?.faults ?? [];
    made = undefined;
    expect(faults).toEqual([]);
  });

  const adapterOf = (at: Premises, { smtp, imap: more }: Beginning): Adapter => {
    const { host, password, port } = server!;
    const adapter = imap({
      id: "mail",
      host,
      port: at.proxy?.port ?? port,
      auth: { user: at.user, pass: password },
      ...more,
      smtp: { host: "127.0.0.1", port: at.smtp.port, secure: false, from: { name: "Support", address: at.user }, ...smtp },
    });
    closing.push(async () => adapter[Symbol.asyncDispose]());
    return adapter;
  };

  const at: Office = {
    get server() {
      return server!;
    },
    get smtp() {
      return made!.smtp;
    },
    get adapter() {
      return made!.adapter;
    },
    get raw() {
      return made!.raw;
    },
    get proxy() {
      return made!.proxy;
    },
    get user() {
      return made!.user;
    },
    async begin(options = {}) {
      begun = options;
      const user = server!.user(`office${process.pid}-${++accounts}`);
      const raw = await server!.raw(user);
      const smtp = await startSmtp({ dovecot: server!, ...options.lab });
      const proxy = options.traits && (await startProxy(server!.port, options.traits));
      closing.push(
        async () => raw.close(),
        async () => smtp[Symbol.asyncDispose](),
        async () => proxy?.[Symbol.asyncDispose](),
      );
      const premises: Premises = { smtp, raw, proxy, user };
      made = { ...premises, adapter: adapterOf(premises, options) };
    },
    again: (options = {}) => adapterOf(made!, { ...begun, ...options }),
    command: (verb, more = {}) => ({
      id: randomUUID(),
      attempt: 1,
      verb,
      actor: `mailto:${made!.user}`,
      activity: { type: verb },
      trail: [],
      ...more,
    }),
    perform: (command) => made!.adapter.performs![command.verb]!(command, never),
    async done(command) {
      const receipt = await at.perform(command);
      if (receipt.outcome !== "done") throw new Error(`${receipt.outcome}: ${receipt.reason}`);
      return receipt;
    },
    collection: async (which) =>
      (await listed(made!.adapter)).find((one) => (typeof which === "string" ? one.role === which : one.name === which.name))!,
    async put(mailbox, raw, flags = []) {
      const [uid] = await server!.append(made!.user, mailbox, [{ raw, flags }]);
      const status = await made!.raw.command(`STATUS "${mailbox}" (UIDVALIDITY)`);
      return `${/UIDVALIDITY (\d+)/.exec(status)?.[1]}-${uid}`;
    },
    async look(collection) {
      const pages = await looked(made!.adapter, collection);
      const keys = pages.flatMap(({ sightings }) => sightings.map(({ key }) => key));
      const all = await fetched(made!.adapter, collection, keys, { text: "full", behaviour: true });
      return all.filter((one): one is Whole => "object" in one && one.object !== undefined);
    },
    async subjects(mailbox) {
      await made!.raw.command(`EXAMINE "${mailbox}"`);
      const text = await made!.raw.command("UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)])").catch(() => "");
      return [...text.matchAll(/\{\d+\}\r\nSubject: ([^\r]*)/g)].map(([, subject]) => subject ?? "");
    },
    last: async () => PostalMime.parse(made!.smtp.taken.at(-1)!.raw),
  };
  return at;
};
