/**
 * A scripted IMAP server for what no server of the lab does: Gmail's extensions, OBJECTID (RFC 8474), an empty ENABLED,
 * NOMODSEQ, rows left out, refused FETCHes. It speaks just enough for imapflow and keeps its mailboxes in memory.
 */

import { createServer, type Server, type Socket } from "node:net";

export interface FakeMessage {
  uid: number;
  raw: string;
  flags: string[];
  modseq: number;
  emailId?: string;
  threadId?: string;
  labels?: string[];
}

export interface FakeMailbox {
  path: string;
  attributes: string;
  validity: number;
  uidNext: number;
  mailboxId?: string;
  messages: FakeMessage[];
}

export interface FakeOptions {
  readonly capabilities: string;
  /** What `* ENABLED` answers; default what was asked for. */
  readonly enabled?: string;
  readonly noModseq?: boolean;
}

/** The server; everything may be changed while it runs. */
export interface Fake {
  readonly port: number;
  readonly mailboxes: FakeMailbox[];
  /** Every command line it got, without the tag. */
  readonly commands: string[];
  /** UIDs whose row is left out of every FETCH. */
  readonly omitted: Set<number>;
  /** A FETCH that names one of these is answered NO. */
  readonly refused: Set<number>;
  /** UIDs at which the connection is ended instead of an answer. */
  readonly cutOff: Set<number>;
  add(path: string, message: Partial<FakeMessage> & { raw: string }): FakeMessage;
  change(path: string, uid: number, change: Partial<FakeMessage>): void;
  modseq(): number;
  close(): Promise<void>;
}

const inSet = (set: string, uid: number, top: number): boolean =>
  set.split(",").some((range) => {
    const [from, to] = range.split(":").map((end) => (end === "*" ? top : Number(end))) as [number, number | undefined];
    return uid >= Math.min(from, to ?? from) && uid <= Math.max(from, to ?? from);
  });

const unquote = (word: string): string => word.replace(/^"|"$/g, "");

export const startFake = async ({ capabilities, enabled, noModseq = false }: FakeOptions): Promise<Fake> => {
  let modseq = 1;
  const fake: Omit<Fake, "port" | "close"> = {
    mailboxes: [],
    commands: [],
    omitted: new Set(),
    refused: new Set(),
    cutOff: new Set(),
    add(path, message) {
      const box = this.mailboxes.find((mailbox) => mailbox.path === path)!;
      const added = { uid: box.uidNext++, flags: [], modseq: ++modseq, ...message };
      box.messages.push(added);
      return added;
    },
    change(path, uid, change) {
      const box = this.mailboxes.find((mailbox) => mailbox.path === path)!;
      Object.assign(box.messages.find((message) => message.uid === uid)!, change, { modseq: ++modseq });
    },
    modseq: () => modseq,
  };
  const condstore = capabilities.includes("CONDSTORE") && !noModseq;

  const row = (box: FakeMailbox, message: FakeMessage, query: string): string => {
    const body = message.raw.slice(message.raw.indexOf("\r\n\r\n") + 4);
    const head = message.raw.slice(0, message.raw.indexOf("\r\n\r\n") + 4);
    const items = [`UID ${message.uid}`];
    const give = (name: string, value: string): void => void (query.includes(name) && items.push(`${name} ${value}`));
    give("FLAGS", `(${message.flags.join(" ")})`);
    give("INTERNALDATE", '"05-Jan-2026 08:00:00 +0000"');
    give("RFC822.SIZE", String(message.raw.length));
    give("BODYSTRUCTURE", `("text" "plain" ("charset" "utf-8") NIL NIL "7bit" ${body.length} 1 NIL NIL NIL NIL)`);
    give("EMAILID", `(${message.emailId})`);
    give("THREADID", message.threadId ? `(${message.threadId})` : "NIL");
    give("X-GM-MSGID", String(message.emailId));
    give("X-GM-THRID", String(message.threadId));
    give("X-GM-LABELS", `(${(message.labels ?? []).map((label) => `"${label.replace("\\", "\\\\")}"`).join(" ")})`);
    if (/\bMODSEQ\b/.test(query)) items.push(`MODSEQ (${message.modseq})`);
    const fields = /BODY\.PEEK(\[HEADER\.FIELDS \([^)]*\)\])/.exec(query)?.[1];
    if (fields) items.push(`BODY${fields} {${head.length}}\r\n${head}`);
    if (query.includes("BODY.PEEK[1]")) items.push(`BODY[1]<0> {${body.length}}\r\n${body}`);
    return `* ${box.messages.indexOf(message) + 1} FETCH (${items.join(" ")})\r\n`;
  };

  const statusOf = (box: FakeMailbox): string =>
    `(MESSAGES ${box.messages.length} UIDNEXT ${box.uidNext} UIDVALIDITY ${box.validity}${condstore ? ` HIGHESTMODSEQ ${modseq}` : ""})`;

  const talk = (socket: Socket): void => {
    let box: FakeMailbox | undefined;
    let buffer = "";
    let idling = "";
    const send = (text: string) => socket.write(text);
    const answer = (tag: string, line: string) => {
      const word = line.split(" ")[0]!.toUpperCase();
      const ok = (text = "") => send(`${text}${tag} OK done\r\n`);
      const uidCommand = /^UID (FETCH|SEARCH) (.*)$/i.exec(line);
      fake.commands.push(line.replace(/^(LOGIN|AUTHENTICATE).*/i, "$1"));
      if (uidCommand?.[1] === "FETCH" && box) {
        const [, set = "", query = ""] = /^(\S+) (.*)$/.exec(uidCommand[2]!) ?? [];
        const since = Number(/CHANGEDSINCE (\d+)/.exec(query)?.[1] ?? 0);
        const top = box.messages.at(-1)?.uid ?? 0;
        const asked = box.messages.filter(({ uid, modseq: at }) => inSet(set, uid, top) && at > since);
        if (asked.some(({ uid }) => fake.cutOff.has(uid))) return socket.destroy();
        if (asked.some(({ uid }) => fake.refused.has(uid))) return send(`${tag} NO [SERVERBUG] cannot read a message\r\n`);
        const opened = box;
        return ok(
          asked
            .filter(({ uid }) => !fake.omitted.has(uid))
            .map((message) => row(opened, message, query))
            .join(""),
        );
      }
      if (uidCommand?.[1] === "SEARCH" && box) {
        const set = /UID (\S+)/.exec(uidCommand[2]!)?.[1] ?? "1:*";
        const top = box.messages.at(-1)?.uid ?? 0;
        return ok(
          `* SEARCH ${box.messages
            .filter(({ uid }) => inSet(set, uid, top))
            .map(({ uid }) => uid)
            .join(" ")}\r\n`,
        );
      }
      if (word === "CAPABILITY") return ok(`* CAPABILITY ${capabilities}\r\n`);
      if (word === "ENABLE") return ok(`* ENABLED ${enabled ?? line.slice(7)}\r\n`);
      if (word === "NAMESPACE") return ok('* NAMESPACE (("" "/")) NIL NIL\r\n');
      if (word === "ID") return ok('* ID ("name" "Fake" "version" "1.0")\r\n');
      if (word === "LIST" || word === "LSUB") {
        const wanted = unquote(line.split(" ")[2] ?? "");
        const shown = fake.mailboxes.filter(({ path }) => wanted === "*" || wanted === path);
        const status = /STATUS/.test(line);
        return ok(
          shown
            .map(
              (mailbox) =>
                `* ${word} (${mailbox.attributes} \\Subscribed) "/" "${mailbox.path}"\r\n${status ? `* STATUS "${mailbox.path}" ${statusOf(mailbox)}\r\n` : ""}`,
            )
            .join(""),
        );
      }
      if (word === "EXAMINE" || word === "SELECT") {
        const path = unquote(/^\S+ ("[^"]*"|\S+)/.exec(line)?.[1] ?? "");
        box = fake.mailboxes.find((mailbox) => mailbox.path === path);
        if (!box) return send(`${tag} NO [NONEXISTENT] no such mailbox\r\n`);
        const mod = noModseq ? "* OK [NOMODSEQ] none\r\n" : condstore ? `* OK [HIGHESTMODSEQ ${modseq}] highest\r\n` : "";
        const id = box.mailboxId ? `* OK [MAILBOXID (${box.mailboxId})] id\r\n` : "";
        return ok(
          `* FLAGS (\\Seen)\r\n* ${box.messages.length} EXISTS\r\n* OK [UIDVALIDITY ${box.validity}] valid\r\n* OK [UIDNEXT ${box.uidNext}] next\r\n${mod}${id}`,
        );
      }
      if (word === "IDLE") {
        idling = tag;
        return send("+ idling\r\n");
      }
      if (word === "LOGOUT") {
        send(`* BYE\r\n${tag} OK bye\r\n`);
        return socket.end();
      }
      ok();
    };
    send(`* OK [CAPABILITY ${capabilities}] ready\r\n`);
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      buffer += data.toString("latin1");
      for (let end = buffer.indexOf("\r\n"); end >= 0; end = buffer.indexOf("\r\n")) {
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        if (line === "DONE") answer(idling, "NOOP");
        else answer(line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1));
      }
    });
  };

  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    talk(socket);
  });
  await new Promise<void>((go) => server.listen(0, "127.0.0.1", go));
  const address = server.address();
  return Object.assign(fake, {
    port: typeof address === "object" && address ? address.port : 0,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((go) => server.close(() => go()));
    },
  });
};
