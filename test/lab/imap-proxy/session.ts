/**
 * One client and its server, and the traits between them. One command at a time goes to the server, so that every answer is
 * known to belong to it; what is neither a known command nor a known answer does not pass.
 */

import { connect, type Socket } from "node:net";
import type { Session, Trait } from "./trait.ts";
import { type Command, commandOf, lineOf, lineReader, mailboxOf, valuesOf } from "./wire.ts";

const known = new Set(
  (
    "CAPABILITY,NOOP,LOGOUT,ID,LOGIN,AUTHENTICATE,ENABLE,SELECT,EXAMINE,CREATE,DELETE,RENAME,SUBSCRIBE,UNSUBSCRIBE,LIST,LSUB," +
    "NAMESPACE,STATUS,APPEND,IDLE,CLOSE,UNSELECT,EXPUNGE,SEARCH,FETCH,STORE,COPY,MOVE," +
    "UID FETCH,UID SEARCH,UID STORE,UID COPY,UID MOVE,UID EXPUNGE"
  ).split(","),
);

/** Commands during which the client sends lines that are none. */
const conversing = new Set(["AUTHENTICATE", "IDLE"]);

const answers =
  /^(\+( |$)|\* (OK|NO|BAD|BYE|PREAUTH|CAPABILITY|ENABLED|LIST|LSUB|NAMESPACE|STATUS|ESEARCH|SEARCH|FLAGS|ID|VANISHED)\b|\* \d+ (EXISTS|RECENT|EXPUNGE|FETCH)\b)/i;

interface Asking {
  readonly tag: string;
  readonly mine: RegExp;
  readonly lines: string[];
  readonly settle: (error?: Error) => void;
}

/** What a session may say about itself to who started it. */
export interface Talk {
  readonly traits: readonly Trait[];
  /** Something crossed the line that the proxy does not know: a defect of the proxy or of a trait. */
  fault(what: string): void;
  /** A command was answered BAD by the proxy: the client used what it was not offered, or what nobody knows. */
  refused(what: string): void;
  /** A command as the client sent it. */
  heard(command: Command): void;
}

const bracketed = /\[CAPABILITY ([^\]]*)\]/i;

/** Runs a session on a client's socket; ends by itself when either side does. Gives what ends it from outside. */
export const session = (client: Socket, port: number, { traits, fault, refused, heard }: Talk): { cut(): void } => {
  const server = connect(port, "127.0.0.1");
  const queue: string[] = [];
  let current: Command | undefined;
  let asking: Asking | undefined;
  let selected: string | undefined;
  let asked = 0;
  let busy = false;
  let dead = false;
  let answering: Promise<void> = Promise.resolve();

  const cut = (half?: string): void => {
    if (dead) return;
    dead = true;
    server.destroy();
    asking?.settle(new Error("the connection ended"));
    if (half === undefined) client.destroy();
    else client.end(Buffer.from(half, "latin1"), () => client.destroy());
  };
  const wrong = (what: string): void => {
    fault(what.slice(0, 300));
    cut();
  };
  const toClient = (line: string): void => {
    if (!dead) client.write(Buffer.from(`${line}\r\n`, "latin1"));
  };
  const toServer = (line: string): void => {
    if (!dead) server.write(Buffer.from(`${line}\r\n`, "latin1"));
  };

  const self: Session = {
    get selected() {
      return selected;
    },
    cut,
    bye: (text) => cut(`* BYE ${text}\r\n`),
    ask: (command, mine) =>
      new Promise((resolve, reject) => {
        const lines: string[] = [];
        const tag = `proxy${++asked}`;
        asking = { tag, mine, lines, settle: (error) => (error ? reject(error) : resolve(lines)) };
        toServer(`${tag} ${command}`);
      }),
  };

  const withCapabilities = (line: string): string => {
    const change = (words: string): string =>
      traits.reduceRight((left, trait) => trait.capabilities?.(left) ?? left, words.split(" ") as readonly string[]).join(" ");
    const plain = /^\* CAPABILITY (.*)$/i.exec(line);
    return plain ? `* CAPABILITY ${change(plain[1]!)}` : line.replace(bracketed, (_, words) => `[CAPABILITY ${change(words)}]`);
  };

  const answer = async (line: string): Promise<void> => {
    const own = asking;
    if (own && line.startsWith(`${own.tag} `)) {
      asking = undefined;
      return own.settle(/^\S+ OK\b/.test(line) ? undefined : new Error(line));
    }
    if (own?.mine.test(line)) return void own.lines.push(line);
    const tagged = current !== undefined && line.startsWith(`${current.tag} `);
    if (!tagged && !answers.test(line)) return wrong(`the server said: ${line}`);
    let lines: readonly string[] = [withCapabilities(line)];
    for (const trait of [...traits].reverse()) {
      if (!trait.answer) continue;
      const next: string[] = [];
      for (const one of lines) next.push(...(await trait.answer(one, current, self)));
      lines = next;
    }
    if (dead) return;
    if (tagged && /^(SELECT|EXAMINE|CLOSE|UNSELECT)$/.test(current!.name)) {
      const opened = /^\S+ OK\b/i.test(line) && /^(SELECT|EXAMINE)$/.test(current!.name);
      selected = opened ? mailboxOf(valuesOf(current!.args)?.[0] ?? "") : undefined;
    }
    for (const one of lines) toClient(one);
    if (tagged) {
      current = undefined;
      void work();
    }
  };

  const pass = async (command: Command): Promise<void> => {
    let on = command;
    for (const trait of traits) {
      if (!trait.command) continue;
      const verdict = await trait.command(on, self);
      if (dead) return;
      if ("refuse" in verdict) {
        current = undefined;
        if (verdict.refuse.startsWith("BAD")) refused(`${verdict.refuse}: ${command.name} ${command.args}`.slice(0, 300));
        return toClient(`${command.tag} ${verdict.refuse}`);
      }
      on = verdict;
    }
    toServer(lineOf(on));
  };

  const work = async (): Promise<void> => {
    if (busy || dead) return;
    busy = true;
    while (!dead && queue.length > 0 && (current === undefined || conversing.has(current.name))) {
      const line = queue.shift()!;
      if (current) {
        if (current.name === "IDLE" && line.toUpperCase() !== "DONE") wrong(`in IDLE the client said: ${line}`);
        else toServer(line);
        continue;
      }
      const command = commandOf(line);
      if (!command || !known.has(command.name)) {
        refused(`unknown: ${command?.name ?? "no command"}`);
        toClient(`${command?.tag ?? "*"} BAD this server does not know ${command?.name ?? "that"}`);
        continue;
      }
      current = command;
      heard(command);
      await pass(command).catch((error) => wrong(`${command.name}: ${String(error)}`));
    }
    busy = false;
  };

  const guarded =
    (read: (data: Buffer) => void) =>
    (data: Buffer): void => {
      try {
        read(data);
      } catch (error) {
        wrong(String(error));
      }
    };
  client.setNoDelay(true);
  server.setNoDelay(true);
  const onCommand = (line: string): void => {
    queue.push(line);
    void work();
  };
  client.on("data", guarded(lineReader(onCommand, () => toClient("+ go on"))));
  server.on(
    "data",
    guarded(
      lineReader((line) => {
        answering = answering.then(() => (dead ? undefined : answer(line))).catch((error) => wrong(`${line}: ${String(error)}`));
      }),
    ),
  );
  client.on("error", () => cut()).on("close", () => cut());
  // What the server said before it went still reaches the client.
  server.on("error", () => cut()).on("close", () => void answering.then(() => cut("")));
  return { cut: () => cut() };
};
