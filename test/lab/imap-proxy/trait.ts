/** What a trait is, and what it may do. */

import type { Command } from "./wire.ts";

/** One client and its server. */
export interface Session {
  /** The mailbox that is selected, as the client named it. */
  readonly selected: string | undefined;
  /**
   * Asks the server something of one's own; only while a command is looked at. Gives the answers that match; what else the
   * server says meanwhile goes to the client. Fails unless the server says OK.
   */
  ask(command: string, mine: RegExp): Promise<readonly string[]>;
  /** Ends the connection without a word; with `half`, in the middle of that line. */
  cut(half?: string): void;
  /** Says BYE and ends the connection (RFC 9051 section 7.1.5). */
  bye(text: string): void;
}

/** `NO …` or `BAD …`: what the client is told instead of its command being passed on. */
export interface Refusal {
  readonly refuse: `${"NO" | "BAD"} ${string}`;
}

/**
 * One habit of servers. Traits stand in a row between client and server: commands pass them from the first to the last,
 * answers from the last to the first; so the first is what the client sees.
 */
export interface Trait {
  readonly name: string;
  /** What CAPABILITY says, wherever it is said. */
  capabilities?(words: readonly string[]): readonly string[];
  /** A command on its way to the server: passed on as it comes out, or refused. */
  command?(command: Command, session: Session): Command | Refusal | Promise<Command | Refusal>;
  /**
   * A line from the server, without its CRLF, on its way to the client: what goes on instead. `to` is the command under way
   * as the client sent it; undefined before the first (the greeting) and between commands.
   */
  answer?(line: string, to: Command | undefined, session: Session): readonly string[] | Promise<readonly string[]>;
}

export const refuse = (text: Refusal["refuse"]): Refusal => ({ refuse: text });

/** Lets only known shapes pass: what a trait must look into and cannot is refused, and the client told so. */
export const notUnderstood = (command: Command): Refusal => refuse(`BAD ${command.name} in a form this server does not know`);

/** True for the tagged answer of the command: the last of its lines. */
export const isTagged = (line: string, to: Command | undefined): to is Command =>
  to !== undefined && line.startsWith(`${to.tag} `);

/** True if it says that the command was carried out. */
export const isDone = (line: string, to: Command | undefined): to is Command => isTagged(line, to) && /^\S+ OK\b/i.test(line);
