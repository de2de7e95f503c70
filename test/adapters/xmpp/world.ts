/** What the tests of the XMPP adapter share: a server or a printed reason, and a room as a world of the conformance kit. */

import type { Adapter, Collection, ItemKey, Page, Position, Read, Sighting } from "groupstream";
import { type XmppOptions, xmpp } from "groupstream/adapters/xmpp";
import type { Content, World } from "groupstream/testing";
import { LabUnavailable } from "../../lab/packages.ts";
import { type Prosody, type ProsodyOptions, startProsody } from "../../lab/prosody.ts";
import { startTcpProxy, type TcpProxy } from "../../lab/tcp-proxy.ts";
import { type Person, part, type Said } from "../../lab/xmpp.ts";

/** A server, or undefined with the reason printed; with CI=1 a missing server fails. */
export const serverOrReason = async (options: ProsodyOptions = {}): Promise<Prosody | undefined> => {
  try {
    return await startProsody(options);
  } catch (error) {
    if (!(error instanceof LabUnavailable) || process.env.CI) throw error;
    console.warn(`skipped: ${error.message}`);
    return undefined;
  }
};

/** Whether Prosody can run here; tests that need it say `describe.skipIf(!hasProsody)`. */
export const hasProsody: boolean = await (async () => {
  const server = await serverOrReason();
  await server?.stop();
  return server !== undefined;
})();

export const full: Read = { text: "full", behaviour: false };

export const never = new AbortController().signal;

export const readers = ["mailto:anna@example.org"] as const;

/** The adapter of the account `bot`. */
export const adapterFor = async (
  server: Prosody,
  rooms: readonly string[],
  more: Partial<XmppOptions> = {},
): Promise<Adapter> => {
  const { name, password } = await server.user("bot");
  return xmpp({
    id: "chat",
    domain: server.domain,
    service: `xmpp://${server.host}:${server.port}`,
    username: name,
    password,
    nickname: "Bridge",
    rooms,
    audience: readers,
    ...more,
  });
};

export const listed = async (adapter: Adapter): Promise<Collection[]> => {
  const all: Collection[] = [];
  for await (const collection of adapter.collections(never)) all.push(collection);
  return all;
};

export const looked = async (adapter: Adapter, collection: Collection, since?: Position, read: Read = full): Promise<Page[]> => {
  const pages: Page[] = [];
  for await (const page of adapter.changes!(collection, since, read, never)) pages.push(page);
  return pages;
};

export const fetched = async (adapter: Adapter, collection: Collection, keys: readonly ItemKey[], read: Read = full) => {
  const sightings: Sighting[] = [];
  for await (const sighting of adapter.fetch!(collection, keys, read, never)) sightings.push(sighting);
  return sightings;
};

let count = 0;

/** A room of its own, made by this person by entering it. */
export const newRoom = async (server: Prosody, person: Person, nick: string): Promise<string> => {
  count += 1;
  const room = `room${count}@${server.rooms}`;
  await person.enter(room, nick);
  return room;
};

/** The room, and where the adapter connects. */
export interface RoomWorld extends World {
  readonly room: string;
  readonly proxy: TcpProxy;
}

const cannot = (reason: string): { readonly cannot: string } => ({ cannot: reason });

const spoilt = (room: string): string => `item({
	{ "Nobody can read this."; ["name"] = "body"; ["attr"] = {}; };
	["name"] = "message";
	["key"] = "spoilt-${room.split("@")[0]}";
	["with"] = "message<groupchat";
	["when"] = ${Math.floor(Date.now() / 1000)};
	["attr"] = { ["type"] = "groupchat"; ["from"] = "somebody@elsewhere.example/Nobody"; };
});
`;

/** A new room of a real Prosody, moved by a second person in it; the adapter sees the server through a proxy. */
export const roomWorld = async (server: Prosody, anna: Person): Promise<RoomWorld> => {
  const room = await newRoom(server, anna, "Anna");
  const proxy = await startTcpProxy(server.port);
  // Room text has no subject of its own; a message may have one (RFC 6121 section 5.2.4), and it is read whatever the policy.
  const parts = ({ name, text }: Content) => [part.subject(name), part.body(text)];
  return {
    room,
    proxy,
    collections: [room],
    many: 120,
    create: (_, content) => anna.say(room, parts(content)),
    fill: async (_, contents) => {
      for (const content of contents) await anna.say(room, parts(content));
      // Something that is archived and is no item: what `forget` takes away.
      await anna.say(room, [part.store()]);
    },
    change: async (thing, content) => {
      await anna.say(room, [...parts(content), part.correct((thing as Said).id)]);
    },
    remove: async (thing) => {
      await anna.say(room, [part.retract((thing as Said).key), part.store()]);
    },
    move: cannot("a message stays in its room"),
    flag: cannot("messages of a room have no flags"),
    spoil: async () => {
      await server.archive(room, (text) => `${text}${spoilt(room)}`);
    },
    found: cannot("rooms are configured, not discovered"),
    forget: async () => {
      await server.archive(room, (text) =>
        text
          .split(/(?<=^\}\);\n)/m)
          .filter((entry) => !/"store"/.test(entry) || /"retract"/.test(entry))
          .join(""),
      );
    },
    cut: async () => proxy.cut(),
    slow: async (ms) => void (proxy.delay = ms),
    repeat: cannot("an archive is read in its order, each entry once"),
    async [Symbol.asyncDispose]() {
      await anna.leave(room, "Anna");
      await proxy[Symbol.asyncDispose]();
    },
  };
};
