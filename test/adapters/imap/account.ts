/** An account behind a proxy, and a hub that tells what happens in it: for tests of single habits. */

import type { Adapter, Hub } from "groupstream";
import { openHub } from "groupstream";
import { type ImapOptions, imap } from "groupstream/adapters/imap";
import { sqliteStore } from "groupstream/stores/sqlite";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { Dovecot } from "../../lab/dovecot.ts";
import { mailboxName, type RawImap } from "../../lab/imap.ts";
import { type ImapProxy, startProxy, type Trait } from "../../lab/imap-proxy/index.ts";
import { serverOrReason } from "./world.ts";

export const letter = (name: string, more = ""): string =>
  `From: Ann <ann@example.org>\r\nTo: bob@example.org\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <${name}@x>\r\nSubject: ${name}\r\n${more}\r\nhello ${name}\r\n`;

type Doc = Readonly<Record<string, unknown>> & { readonly type: string };

const placeIn = (doc: unknown): string => {
  const id = (doc as Doc | undefined)?.id;
  return typeof id === "string" ? decodeURIComponent(id.replace("groupstream:collection/", "")) : "";
};

/** What a test has; `begin` makes it anew. */
export interface Account {
  readonly raw: RawImap;
  readonly proxy: ImapProxy;
  readonly adapter: Adapter;
  /** Names of the objects that were told, by id. */
  readonly names: ReadonlyMap<string, string>;
  /** A new account behind these traits. */
  begin(traits: readonly Trait[], more?: Partial<ImapOptions>): Promise<void>;
  /** A sync of the hub: what it told, as `Move name from > to`, and what failed. The first one is the baseline. */
  sync(about?: string[]): Promise<{ readonly told: readonly string[]; readonly failures: readonly string[] }>;
  /** A sync in which nothing fails. @param about  takes the ids of the objects it is about */
  told(about?: string[]): Promise<readonly string[]>;
  /** Works in a mailbox behind the proxy, then lets go of it. */
  within(mailbox: string, ...commands: string[]): Promise<void>;
}

let accounts = 0;

/** For the tests of one describe: a server for all, an account for each. A line that the proxy did not understand fails. */
export const accountBehindProxy = (): Account => {
  let server: Dovecot | undefined;
  let made: { readonly raw: RawImap; readonly proxy: ImapProxy; readonly adapter: Adapter } | undefined;
  let hub: Hub | undefined;
  let after = 0;
  const names = new Map<string, string>();
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    server = await serverOrReason();
  });
  afterAll(() => server?.stop());
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    const faults = made?.proxy.faults ?? [];
    [made, hub, after] = [undefined, undefined, 0];
    names.clear();
    expect(faults).toEqual([]);
  });

  const sync: Account["sync"] = async (about = []) => {
    if (!hub) {
      const store = await sqliteStore(":memory:");
      const opened = await openHub({ store, systems: [account.adapter], policy: { body: "full", exclude: [] } });
      closing.push(
        async () => store[Symbol.asyncDispose](),
        () => opened.close(),
      );
      hub = opened;
    }
    const lines = await hub.sync();
    const told: string[] = [];
    for await (const { seq, activity } of hub.activities({ after })) {
      after = seq;
      const { type, object, origin, target } = activity as unknown as Doc;
      const known = object as { id: string; name?: string };
      about.push(known.id);
      if (known.name) names.set(known.id, known.name);
      const [from, to] = [placeIn(origin), placeIn(target)];
      told.push(`${type} ${names.get(known.id) ?? "?"}${from && ` ${from}`}${to && ` > ${to}`}`);
    }
    return { told, failures: lines.flatMap(({ failures }) => failures.map(({ code }) => code)) };
  };

  const account: Account = {
    get raw() {
      return made!.raw;
    },
    get proxy() {
      return made!.proxy;
    },
    get adapter() {
      return made!.adapter;
    },
    names,
    begin: async (traits, more = {}) => {
      const { host, port, password } = server!;
      const user = server!.user(`habit${++accounts}`);
      const [raw, proxy] = [await server!.raw(user), await startProxy(port, traits)];
      const adapter = imap({ id: "mail", host, port: proxy.port, auth: { user, pass: password }, ...more });
      made = { raw, proxy, adapter };
      closing.push(
        async () => raw.close(),
        async () => proxy[Symbol.asyncDispose](),
        async () => adapter[Symbol.asyncDispose](),
      );
    },
    sync,
    told: async (about) => {
      const { told, failures } = await sync(about);
      expect(failures).toEqual([]);
      return told;
    },
    within: async (mailbox, ...commands) => {
      await account.raw.command(`SELECT ${mailboxName(mailbox)}`);
      for (const command of commands) await account.raw.command(command);
      await account.raw.command("UNSELECT");
    },
  };
  return account;
};
