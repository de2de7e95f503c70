/** Two calendar servers with the accounts of the week: how people write there, how a hub reaches them, what befalls them. */

import { type DavWritten, hrefOfKey } from "groupstream/protocol/dav";
import { type Dav, openDav } from "../../src/protocol/dav/client.ts";
import type { DiscoveredCollection } from "../../src/protocol/dav/collection.ts";
import { davCollections, discoverDav } from "../../src/protocol/dav/discover.ts";
import { keyOfHref } from "../../src/protocol/dav/href.ts";
import { davItems } from "../../src/protocol/dav/items.ts";
import { parseMultistatus } from "../../src/protocol/dav/multistatus.ts";
import { propfind } from "../../src/protocol/dav/names.ts";
import { davMake, davPut, davRemove } from "../../src/protocol/dav/write.ts";
import { LabUnavailable } from "../../test/lab/packages.ts";
import { startRadicale } from "../../test/lab/radicale.ts";
import { startSogo } from "../../test/lab/sogo.ts";
import { startTcpProxy, type TcpProxy } from "../../test/lab/tcp-proxy.ts";
import { startXandikos } from "../../test/lab/xandikos.ts";
import { calendars, type Write } from "./script.ts";
import { answeredText, type Place } from "./things.ts";

/** An account as a hub is given it: its way leads through the line that can be cut. */
export interface Account {
  readonly id: string;
  readonly url: string;
  readonly owner: `mailto:${string}`;
  readonly auth: { readonly username: string; readonly password: string };
}

/** A server, and the line the hub reaches it by. */
export interface Server {
  readonly name: string;
  readonly line: TcpProxy;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Makes every sync-token invalid; absent: its tokens are not kept. */
  readonly forget?: () => Promise<void>;
}

/** The servers of one history, with the week's calendars made. */
export interface Servers extends AsyncDisposable {
  readonly all: readonly Server[];
  readonly accounts: readonly Account[];
  /** One of them tells the invited by itself (RFC 6638). */
  readonly schedules: boolean;
  /** Does what a client does. Fails where the server does not do it at once. */
  write(write: Write): Promise<void>;
  /** What stands in each calendar, asked of the servers. */
  standing(): Promise<ReadonlyMap<Place, readonly string[]>>;
}

interface Started {
  readonly name: string;
  readonly version: string;
  readonly url: string;
  readonly port: number;
  /** An account by the name of its system. */
  readonly accounts: Readonly<Record<string, Omit<Account, "id" | "url"> & { readonly home: string }>>;
  readonly schedules?: true;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly forget?: () => Promise<void>;
}

const never = new AbortController().signal;
const bob = "mailto:bob@example.org";

const radicale = async (): Promise<Started> => {
  const server = await startRadicale({ users: ["anna"] });
  const auth = { username: "anna", password: server.password("anna") };
  return {
    ...server,
    name: "Radicale",
    accounts: { anna: { auth, owner: "mailto:anna@example.com", home: `${server.url}anna/` } },
  };
};

const sogo = async (): Promise<Started> => {
  const server = await startSogo({ users: ["anna", "bob"] });
  const account = (username: string, owner: Account["owner"]) => ({
    auth: { username, password: server.password(username) },
    owner,
    home: server.home(username),
  });
  const accounts = { bob: account("bob", bob), office: account("anna", "mailto:anna@example.org") };
  return { ...server, name: "SOGo", schedules: true, accounts };
};

const xandikos = async (): Promise<Started> => {
  const server = await startXandikos();
  const auth = { username: "bob", password: "unasked" };
  return { ...server, name: "Xandikos", accounts: { bob: { auth, owner: bob, home: `${server.url}user/calendars/` } } };
};

/** A server that schedules; where it cannot be had one that does not. With CI=1 that is an error. */
const second = (note: (text: string) => void): Promise<Started> =>
  sogo().catch((error) => {
    if (!(error instanceof LabUnavailable) || process.env.CI) throw error;
    note(`Xandikos takes the place of SOGo: ${error.message}`);
    return xandikos();
  });

const settled = (what: string, written: DavWritten): void => {
  if (written.kind !== "done") throw new Error(`${what} was not done: ${JSON.stringify(written)}`);
};

/** Starts two servers, and makes the week's calendars there. */
export const startServers = async (note: (text: string) => void): Promise<Servers> => {
  await using stack = new AsyncDisposableStack();
  const started: Started[] = [];
  const starting = [radicale(), second(note)];
  stack.defer(async () => {
    for (const one of await Promise.allSettled(starting)) if (one.status === "fulfilled") await one.value.stop();
  });
  started.push(...(await Promise.all(starting)));
  const all: Server[] = [];
  const accounts: Account[] = [];
  const clients = new Map<string, Dav>();
  const found = new Map<Place, DiscoveredCollection>();
  for (const server of started) {
    const line = stack.use(await startTcpProxy(server.port));
    all.push({ ...server, line });
    for (const [id, { home, auth, owner }] of Object.entries(server.accounts)) {
      accounts.push({ id, auth, owner, url: Object.assign(new URL(server.url), { port: String(line.port) }).href });
      const dav = stack.use(openDav({ system: id, url: server.url, auth, allow: "private" }));
      clients.set(id, dav);
      for (const name of calendars.filter((place) => place.startsWith(`${id}/`)).map((place) => place.slice(id.length + 1)))
        settled(`making ${id}/${name}`, await davMake(dav, `${home}${name.toLowerCase()}/`, { kind: "calendar", name }, never));
      const principal = await discoverDav(dav, "calendar", never);
      for (const one of await davCollections(dav, "calendar", principal, never)) found.set(`${id}/${one.name}`, one);
    }
  }
  const clientOf = (place: Place): Dav => clients.get(place.slice(0, place.indexOf("/"))) as Dav;
  const calendarOf = (place: Place): DiscoveredCollection => {
    const calendar = found.get(place);
    if (!calendar) throw new Error(`there is no calendar ${place}; there are ${[...found.keys()].join(", ")}`);
    return calendar;
  };
  const standsAt = async (place: Place, key: string) => {
    for await (const item of davItems(clientOf(place), calendarOf(place), [key], never))
      if (item.kind === "there") return item.resource;
    return undefined;
  };
  const put = async (at: Place, key: string, body: string): Promise<void> => {
    const now = await standsAt(at, key);
    const condition = now ? { match: now.revision } : ({ create: true } as const);
    const url = hrefOfKey(key, calendarOf(at).url);
    settled(`writing ${at}/${key}`, await davPut(clientOf(at), url, body, { kind: "calendar", ...condition }, never));
  };
  const remove = async (at: Place, key: string): Promise<void> => {
    const now = await standsAt(at, key);
    if (!now) throw new Error(`${key} is not in ${at}`);
    settled(`deleting ${at}/${key}`, await davRemove(clientOf(at), hrefOfKey(key, calendarOf(at).url), now.revision, never));
  };
  const move = async (at: Place, to: Place, key: string): Promise<void> => {
    const url = hrefOfKey(key, calendarOf(at).url);
    const headers = { destination: hrefOfKey(key, calendarOf(to).url), overwrite: "F" };
    const answer = await clientOf(at).send({ method: "MOVE", url, headers }, never);
    if (answer.kind === "lost" || answer.status >= 300) throw new Error(`${at}/${key} was not moved: ${JSON.stringify(answer)}`);
  };
  /** A server without MOVE is told of it as clients tell it: written there, deleted here. */
  const carry = async (at: Place, to: Place, key: string): Promise<void> => {
    const now = await standsAt(at, key);
    await put(to, key, now?.data ?? "");
    await remove(at, key);
  };
  const moves = !started.some(({ name }) => name === "Xandikos");
  const owned = stack.move();
  return {
    all,
    accounts,
    schedules: started.some(({ schedules }) => schedules),
    write: async (write) => {
      if (write.kind === "put") await put(write.at, write.key, write.body);
      else if (write.kind === "answer") {
        const now = await standsAt(write.at, write.key);
        await put(write.at, write.key, answeredText(now?.data ?? "", write.answer, write.stamp));
      } else if (write.kind === "remove") await remove(write.at, write.key);
      else await (moves || write.at.startsWith("anna/") ? move : carry)(write.at, write.to, write.key);
    },
    standing: async () => {
      const stands = new Map<Place, readonly string[]>();
      for (const [place, { url }] of found) {
        const dav = clientOf(place);
        const body = propfind(["{DAV:}getetag"]);
        const answer = await dav.send({ method: "PROPFIND", url, headers: { depth: "1" }, body }, never);
        if (answer.kind === "lost") throw new Error(`${place} is not answered: ${answer.reason}`);
        const keys = parseMultistatus(answer.body).responses.flatMap(({ href }) => keyOfHref(href, url) ?? []);
        const texts: string[] = [];
        for await (const item of davItems(dav, calendarOf(place), keys, never))
          if (item.kind === "there") texts.push(item.resource.data.replace(/\r?\n[ \t]/g, ""));
        stands.set(place, texts);
      }
      return stands;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
};
