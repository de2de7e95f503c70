/** What a person may configure about an XMPP account and its rooms, and every mistake they can make in it. */

import { type ActorId, refuseMistakes, type SystemId } from "groupstream";

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
export interface Room {
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

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isAudience = (value: unknown): boolean =>
  value === "public" ||
  (Array.isArray(value) &&
    value.length > 0 &&
    value.every((one) => isText(one) && /^(mailto:|acct:|xmpp:|https?:|urn:)./.test(one)));
const isRoom = (value: unknown): boolean => isText(value) && /^[^\s@/]+@[^\s@/]+$/.test(value);
const isName = (value: unknown): boolean => isText(value) && !/[\p{Cc}\u2028\u2029]/u.test(value) && value.trim() === value;

const audienceMistake = 'a list of mailto:, acct:, xmpp:, https: or urn: ids, or "public"';

const unknownName = (name: string): string => (/^\w{1,40}$/.test(name) ? `.${name}` : `[${JSON.stringify(name.slice(0, 40))}]`);

const roomMistakes = (rooms: unknown): readonly string[] => {
  if (!Array.isArray(rooms) || rooms.length === 0)
    return ["rooms: must be a list of bare JIDs such as support@conference.example.org"];
  const names = rooms.map((one: unknown) => (isRecord(one) ? one.room : one));
  const mistakes = rooms.flatMap((one: unknown, index) => {
    const wrong = isRoom(names[index]) ? [] : [`rooms[${index}]: must be a bare JID such as support@conference.example.org`];
    if (!isRecord(one)) return wrong;
    const unknown = Object.keys(one).filter((name) => name !== "room" && name !== "audience");
    return [
      ...wrong,
      ...(one.audience === undefined || isAudience(one.audience) ? [] : [`rooms[${index}].audience: must be ${audienceMistake}`]),
      ...unknown.map((name) => `rooms[${index}]${unknownName(name)}: there is no such option; there are room, audience`),
    ];
  });
  const lower = names.map((name) => String(name).toLowerCase());
  return new Set(lower).size === lower.length ? mistakes : [...mistakes, "rooms: names a room more than once"];
};

/** Each option, and what is wrong with it. No sentence repeats a value. */
const checks: { readonly [name in keyof Required<XmppOptions>]: (value: unknown) => string | readonly string[] | undefined } = {
  id: (id) =>
    isText(id) && /^[a-z0-9][a-z0-9-]*$/.test(id)
      ? undefined
      : "id: must be lower-case letters, digits and hyphens, beginning with a letter or digit",
  domain: (domain) =>
    isText(domain) && !/[\s/@:]/.test(domain) ? undefined : "domain: give what stands behind the @ of the account",
  service: (service) => {
    if (service === undefined) return undefined;
    if (!isText(service) || !/^xmpps?:\/\//.test(service) || !URL.canParse(service))
      return "service: must be xmpp://host:port or xmpps://host:port";
    const { username, password } = new URL(service);
    return username || password ? "service: must not hold a user or a password; use username and password" : undefined;
  },
  username: (name) =>
    isText(name) && !/[\s@/]/.test(name) ? undefined : "username: give what stands before the @ of the account",
  password: (password) =>
    isText(password) || typeof password === "function" ? undefined : "password: give a string or a function",
  resource: (resource) => (resource === undefined || isName(resource) ? undefined : "resource: must be a line of text"),
  nickname: (nickname) => (isName(nickname) ? undefined : "nickname: give the name shown in the rooms, one line"),
  rooms: roomMistakes,
  audience: (audience) => (audience === undefined || isAudience(audience) ? undefined : `audience: must be ${audienceMistake}`),
  timeout: (timeout) =>
    timeout === undefined || (typeof timeout === "number" && timeout >= 1_000 && timeout <= 120_000)
      ? undefined
      : "timeout: must be milliseconds, 1000 to 120000",
  fileBytes: (most) =>
    most === undefined || (Number.isInteger(most) && Number(most) >= 0 && Number(most) <= 1_000_000_000)
      ? undefined
      : "fileBytes: must be a whole number of bytes, 0 to 1000000000",
  insecure: (insecure) => (insecure === undefined || insecure === "plaintext" ? undefined : 'insecure: can only be "plaintext"'),
};

const mistakesIn = (options: unknown): string[] => {
  if (!isRecord(options)) return ["options are missing: at least id, domain, username, password, nickname and rooms"];
  const mistakes = Object.entries(checks).flatMap(([name, check]) => check(options[name]) ?? []);
  for (const name of Object.keys(options))
    if (!Object.hasOwn(checks, name))
      mistakes.push(
        `${unknownName(name).replace(/^\./, "")}: there is no such option; there are ${Object.keys(checks).join(", ")}`,
      );
  return mistakes;
};

const nameOf = (options: unknown): string =>
  isRecord(options) && typeof options.id === "string" ? JSON.stringify(options.id.slice(0, 60)) : "without id";

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
  refuseMistakes(`The XMPP system ${nameOf(options)} cannot be used`, mistakesIn(options));
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
