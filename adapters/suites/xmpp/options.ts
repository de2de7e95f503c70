/** What a person may configure about an XMPP account and its rooms, and every mistake they can make in it. */

import { type ActorId, checkOptions, optionsOf, type SystemId } from "groupstream";
import { sharedOptions } from "groupstream/protocol/options";
import * as v from "valibot";

/** A room, and who can see what is written in it. */
export interface XmppRoom {
  /** Its bare JID: `support@conference.example.org`. */
  readonly room: string;
  /** Default: the option `audience` of the system. */
  readonly audience?: readonly ActorId[] | "public";
}

/** An XMPP account and the rooms it is in. */
export interface XmppOptions {
  /** Unique in the hub, stable over its life. */
  readonly id: SystemId;
  /** The account's domain, and where it is looked for (RFC 6120 section 3.2) unless `service` says so. */
  readonly domain: string;
  /** `xmpp://host:port` (STARTTLS), `xmpps://host:port` (TLS from the first byte). Default: what DNS says of `domain`. */
  readonly service?: string;
  /** The local part of the account's JID. */
  readonly username: string;
  /** The password, or a function that is asked at every new connection. */
  readonly password: string | (() => string | Promise<string>);
  /** The resource to bind; default: the server picks one. Two hubs on one account need two. */
  readonly resource?: string;
  /** The name shown in the rooms. */
  readonly nickname: string;
  /** The rooms (XEP-0045), as bare JIDs; at least one. They must stand already: none is made by entering it. */
  readonly rooms: readonly (string | XmppRoom)[];
  /**
   * Who can see what is written in rooms that do not say so themselves: only the operator knows who may enter. Default: not
   * known, and then nothing is ever sent there.
   */
  readonly audience?: readonly ActorId[] | "public";
  /** Milliseconds that a room may take to show what was sent to it; 1,000 to 120,000, default 15,000. */
  readonly timeout?: number;
  /**
   * Largest file that is uploaded for a message (XEP-0363), bytes; 0 to 1,000,000,000, default 10,000,000; 0: none is. Where the
   * server takes less, its own limit holds.
   */
  readonly fileBytes?: number;
  /** `"plaintext"` sends password and messages unencrypted where the server has no TLS. Never needed on loopback. */
  readonly insecure?: "plaintext";
}

/** A configured room with its defaults filled in. */
interface Room {
  /** Bare JID in lower case. */
  readonly jid: string;
  /** For people and routes: the local part, the whole JID where two rooms share that. */
  readonly name: string;
  readonly audience: readonly ActorId[] | "public" | "unknown";
}

/** Options with every default filled in. */
export interface XmppAccount {
  readonly id: SystemId;
  readonly domain: string;
  readonly service: string;
  readonly username: string;
  readonly password: XmppOptions["password"];
  readonly resource: string | undefined;
  readonly nickname: string;
  readonly rooms: readonly Room[];
  readonly timeout: number;
  readonly fileBytes: number;
  /** False: no password is sent before TLS is up. */
  readonly plaintext: boolean;
  /** `user@example.org`. */
  readonly jid: string;
  /** Who we are in views. */
  readonly self: ActorId;
  /** Where it connects, for messages. */
  readonly at: string;
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);

/** A line of text: `what` says so where it is none. */
const line = (what: string): v.GenericSchema =>
  v.message(
    v.pipe(
      v.string(),
      v.regex(/^[^\p{Cc}\u2028\u2029]+$/u),
      v.check((text) => text.trim() === text),
    ),
    what,
  );

const ids = 'must be a list of mailto:, acct:, xmpp:, https: or urn: ids, or "public"';
const actor = v.message(
  v.pipe(v.string(), v.regex(/^(mailto:|acct:|xmpp:|https?:|urn:)./)),
  "must be a mailto:, acct:, xmpp:, https: or urn: id",
);
const audience = v.union([v.literal("public"), v.pipe(v.array(actor), v.nonEmpty(ids))], ids);

const noRoom = "must be a bare JID such as support@conference.example.org";
const room = v.message(v.pipe(v.string(), v.regex(/^[^\s@/]+@[^\s@/]+$/)), noRoom);
const roomEntries: { readonly [option in keyof Required<XmppRoom>]: v.GenericSchema } = { room, audience };
const roomOptions = optionsOf(roomEntries, ["room"], noRoom);
const noRooms = "must be a list of bare JIDs such as support@conference.example.org";
const rooms = v.pipe(
  v.array(
    v.lazy((one) => (typeof one === "string" ? room : roomOptions)),
    noRooms,
  ),
  v.nonEmpty(noRooms),
  v.rawCheck(({ dataset: { value }, addIssue }) => {
    const jids = (Array.isArray(value) ? value : []).flatMap((one) => {
      const jid: unknown = typeof one === "object" && one !== null && "room" in one ? one.room : one;
      return typeof jid === "string" ? [jid.toLowerCase()] : [];
    });
    if (new Set(jids).size < jids.length) addIssue({ message: "names a room more than once" });
  }),
);

const entries: { readonly [option in keyof Required<XmppOptions>]: v.GenericSchema } = {
  id: sharedOptions.id,
  domain: v.message(v.pipe(v.string(), v.regex(/^[^\s/@:]+$/)), "give what stands behind the @ of the account"),
  service: v.config(
    v.pipe(
      v.string(),
      v.regex(/^xmpps?:\/\//),
      v.check((url) => URL.canParse(url)),
      v.check(
        (url) => new URL(url).username + new URL(url).password === "",
        "must not hold a user or a password; use username and password",
      ),
    ),
    { message: "must be xmpp://host:port or xmpps://host:port", abortPipeEarly: true },
  ),
  username: v.message(v.pipe(v.string(), v.regex(/^[^\s@/]+$/)), "give what stands before the @ of the account"),
  password: v.message(v.union([v.pipe(v.string(), v.nonEmpty()), v.function()]), "give a string or a function"),
  resource: line("must be a line of text"),
  nickname: line("give the name shown in the rooms, one line"),
  rooms,
  audience,
  timeout: sharedOptions.milliseconds(1_000, 120_000),
  fileBytes: sharedOptions.bytes(1_000_000_000),
  insecure: sharedOptions.insecure,
};
/** No message repeats a value. */
const needed = ["id", "domain", "username", "password", "nickname", "rooms"] as const;
const schema = optionsOf(entries, needed, "options are missing: at least id, domain, username, password, nickname and rooms");

const roomsOf = ({ rooms, audience }: XmppOptions): readonly Room[] => {
  const given = rooms.map((one) => (typeof one === "string" ? { room: one } : one));
  const local = (jid: string): string => jid.slice(0, jid.indexOf("@")).toLowerCase();
  return given.map((one) => {
    const shared = given.filter(({ room }) => local(room) === local(one.room)).length > 1;
    const jid = one.room.toLowerCase();
    return { jid, name: shared ? jid : local(jid), audience: one.audience ?? audience ?? "unknown" };
  });
};

/** The account with all defaults. Fails with every mistake at once: `misconfigured`. */
export const accountOf = (options: XmppOptions): XmppAccount => {
  checkOptions(schema, options, "XMPP system");
  const domain = options.domain.toLowerCase();
  const jid = `${options.username.toLowerCase()}@${domain}`;
  const host = options.service === undefined ? domain : new URL(options.service).hostname;
  return {
    id: options.id,
    domain,
    service: options.service ?? domain,
    username: options.username,
    password: options.password,
    resource: options.resource,
    nickname: options.nickname,
    rooms: roomsOf(options),
    timeout: options.timeout ?? 15_000,
    fileBytes: options.fileBytes ?? 10_000_000,
    plaintext: options.insecure === "plaintext" || isLoopback(host),
    jid,
    self: `xmpp:${jid}`,
    at: options.service === undefined ? domain : new URL(options.service).host,
  };
};
