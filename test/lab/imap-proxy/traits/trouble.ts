/** Trouble on the line and at the server, as a test asks for it. Nothing happens by itself. */

import { isTagged, type Refusal, refuse, type Session, type Trait } from "../trait.ts";
import { type Command, fetchArgs, itemOf, names, rowOf } from "../wire.ts";

const isFetch = (command: Command | undefined): boolean => command?.name === "FETCH" || command?.name === "UID FETCH";

export interface Cutting extends Trait {
  /** Every n-th row of a FETCH the line is cut in the middle of it; 0: never. */
  every: number;
}

/** Lines that break off in the middle of a row: routers and load balancers do that to every server. */
export const cutting = (): Cutting => {
  let rows = 0;
  return {
    name: "cut lines",
    every: 0,
    answer(line, to, session) {
      if (this.every === 0 || !isFetch(to) || !rowOf(line) || ++rows % this.every !== 0) return [line];
      session.cut(line.slice(0, line.length >> 1));
      return [];
    },
  };
};

export interface Delaying extends Trait {
  /** ms before each tagged answer. */
  ms: number;
}

export const delaying = (): Delaying => ({
  name: "slow answers",
  ms: 0,
  async answer(line, to) {
    if (this.ms > 0 && isTagged(line, to)) await new Promise((go) => setTimeout(go, this.ms));
    return [line];
  },
});

/** An answer that a command gets instead of being carried out. */
export interface Instead {
  /** Of `UID FETCH 1:5 (FLAGS)`. */
  readonly command: RegExp;
  /** `NO [LIMIT] …`, `BAD …`, `BYE …`. */
  readonly answer: `${"NO" | "BAD" | "BYE"} ${string}`;
  /** How often; default once. */
  times?: number;
}

export interface Refusing extends Trait {
  /** Messages that are listed and cannot be fetched: NO to every FETCH that names one. By mailbox and UID: `INBOX 17`. */
  readonly unfetchable: Set<string>;
  /** Messages that are listed and left out of every FETCH, which is answered OK. */
  readonly omitted: Set<string>;
  readonly instead: Instead[];
  /** After so many further rows BYE is said in the middle of the answer; undefined: never. */
  byeAfter: number | undefined;
}

const bare = (name: string | undefined, uid: string): string => `${name ?? ""} ${uid}`;

const namesOne = (set: string, selected: string | undefined, of: ReadonlySet<string>): boolean =>
  [...of].some((one) => {
    const at = one.lastIndexOf(" ");
    return one.slice(0, at) === selected && names(set, Number(one.slice(at + 1)));
  });

/**
 * Servers that say no. Exchange lists messages that it cannot fetch and refuses the whole command because of one; others leave
 * the row out and say OK. Exchange throttles in prose (`Suggested Backoff Time`), others by response codes (RFC 5530, RFC 9051
 * section 7.1).
 */
export const refusing = (): Refusing => {
  const take = (command: Command, list: Instead[], session: Session): Refusal | undefined | "gone" => {
    const found = list.find((one) => one.command.test(`${command.name} ${command.args}`));
    if (!found) return undefined;
    found.times = (found.times ?? 1) - 1;
    if (found.times <= 0) list.splice(list.indexOf(found), 1);
    if (!found.answer.startsWith("BYE ")) return refuse(found.answer as Refusal["refuse"]);
    session.bye(found.answer.slice(4));
    return "gone";
  };
  return {
    name: "refusals",
    unfetchable: new Set(),
    omitted: new Set(),
    instead: [],
    byeAfter: undefined,
    command(command, session) {
      const taken = take(command, this.instead, session);
      if (taken === "gone") return command;
      if (taken) return taken;
      if (command.name !== "UID FETCH" || this.unfetchable.size === 0) return command;
      const args = fetchArgs(command.args);
      if (!args) return refuse("BAD FETCH in a form this server does not know");
      // Flags are kept apart from the message, and are given.
      if (!args.items.some((item) => /^(BODY|RFC822|ENVELOPE)/i.test(item))) return command;
      return namesOne(args.set, session.selected, this.unfetchable)
        ? refuse("NO The server does not have a message with that UID")
        : command;
    },
    answer(line, to, session) {
      const row = isFetch(to) ? rowOf(line) : undefined;
      if (!row) return [line];
      const uid = itemOf(row, "UID");
      if (uid !== undefined && this.omitted.has(bare(session.selected, uid))) return [];
      if (this.byeAfter === undefined || this.byeAfter-- > 0) return [line];
      this.byeAfter = undefined;
      session.bye("[UNAVAILABLE] The server is shutting down");
      return [];
    },
  };
};
