/** Smaller habits, each of one provider or of one paragraph of an RFC. */

import { isDone, notUnderstood, type Trait } from "../trait.ts";
import { endOfValue, fetchArgs, quoted, rowOf, rowText } from "../wire.ts";

/**
 * Exchange: messages are made anew from its database whenever they are fetched, so RFC822.SIZE is an estimate. It has no
 * keywords: PERMANENTFLAGS names the system flags only.
 */
export const exchange = (): Trait => ({
  name: "Exchange",
  answer: (line) => {
    if (/^\* OK \[PERMANENTFLAGS /i.test(line)) return [line.replace(/\(([^)]*)\)/, (_, flags) => `(${systemFlags(flags)})`)];
    if (/^\* FLAGS \(/i.test(line)) return [line.replace(/\(([^)]*)\)/, (_, flags) => `(${systemFlags(flags)})`)];
    const row = rowOf(line);
    if (!row) return [line];
    const items = row.items.map(([name, value]): readonly [string, string] => {
      if (name.toUpperCase() === "RFC822.SIZE") return [name, String(Math.ceil((Number(value) * 1.37) / 64) * 64)];
      if (name.toUpperCase() === "FLAGS") return [name, value.replace(/\(([^)]*)\)/, (_, flags) => `(${systemFlags(flags)})`)];
      return [name, value];
    });
    return [rowText({ ...row, items })];
  },
});

const systemFlags = (flags: string): string =>
  flags
    .split(" ")
    .filter((flag) => flag.startsWith("\\") && flag !== "\\*")
    .join(" ");

/** iCloud carries ENABLE out and answers with an empty list. */
export const icloud = (): Trait => ({
  name: "iCloud",
  answer: (line) => [/^\* ENABLED\b/i.test(line) ? "* ENABLED" : line],
});

/** Apache James names QRESYNC and not CONDSTORE, which it implies (RFC 7162 section 3.2.3), in CAPABILITY and in ENABLED. */
export const james = (): Trait => ({
  name: "James",
  capabilities: (words) => words.filter((word) => word !== "CONDSTORE"),
  answer: (line) => [/^\* ENABLED\b/i.test(line) ? line.replace(/ CONDSTORE\b/i, "") : line],
});

/** Yahoo and AOL have modification sequences under a name of their own, which no client knows. */
export const yahoo = (): Trait => ({
  name: "Yahoo",
  capabilities: (words) => [...words, "XYMHIGHESTMODSEQ"],
});

/** A mailbox without modification sequences on a server that has them (RFC 7162 section 3.1.2.2): shared or public ones. */
export const nomodseq = (): Trait => ({
  name: "NOMODSEQ",
  command: (command) =>
    /CHANGEDSINCE|UNCHANGEDSINCE/i.test(command.args) ? { refuse: "BAD [NOMODSEQ] there are none here" } : command,
  answer: (line) => {
    if (/^\* STATUS /i.test(line)) return [line.replace(/HIGHESTMODSEQ \d+/i, "HIGHESTMODSEQ 0")];
    if (/^\* OK \[HIGHESTMODSEQ \d+\]/i.test(line)) return ["* OK [NOMODSEQ] This mailbox has no modification sequences"];
    const row = rowOf(line);
    const items = row?.items.filter(([name]) => name.toUpperCase() !== "MODSEQ");
    if (!row || !items) return [line];
    return items.length > 0 ? [rowText({ ...row, items })] : [];
  },
});

export interface Forgetting extends Trait {
  /** UIDs named as removed at every resynchronisation, beside those that were. */
  vanished: string;
}

/**
 * A server that forgot which messages were removed when, and so names all that are not there (RFC 7162 section 3.2.5.1):
 * also those nobody ever knew.
 */
export const forgetting = (): Forgetting => ({
  name: "forgotten removals",
  vanished: "",
  answer(line, to) {
    const resync = isDone(line, to) && /^(SELECT|EXAMINE)$/.test(to.name) && /QRESYNC/i.test(to.args);
    return resync && this.vanished !== "" ? [`* VANISHED (EARLIER) ${this.vanished}`, line] : [line];
  },
});

/** Text without line breaks comes as a quoted string instead of a literal (RFC 9051 section 4.3): seen on Yahoo. */
export const quoting = (): Trait => ({
  name: "quoted strings",
  answer: (line) => {
    const row = rowOf(line);
    if (!row) return [line];
    const items = row.items.map(([name, value]): readonly [string, string] => {
      const literal = /^\{\d+\}\r\n/.exec(value);
      const text = literal && value.slice(literal[0].length);
      return text === null || /[^\x20-\x7e]/.test(text) ? [name, value] : [name, quoted(text)];
    });
    return [rowText({ ...row, items })];
  },
});

/** Rows in an order of the server's own: nothing says that FETCH answers ascend (RFC 9051 section 7.5.2). */
export const unordered = (): Trait => {
  const held = new WeakMap<object, string[]>();
  return {
    name: "rows in any order",
    command: (command) => (/FETCH$/.test(command.name) && !fetchArgs(command.args) ? notUnderstood(command) : command),
    answer: (line, to, session) => {
      const rows = held.get(session) ?? [];
      held.set(session, rows);
      if (to && /FETCH$/.test(to.name) && rowOf(line)) {
        rows.push(line);
        return [];
      }
      return to && line.startsWith(`${to.tag} `) ? [...rows.splice(0).reverse(), line] : [line];
    },
  };
};

/** Names of Courier: everything lies beneath `INBOX.`, with dots (RFC 2342). */
export const courier = (): Trait => {
  const inner = (name: string): string =>
    name.toUpperCase() === "INBOX" ? "INBOX" : name.replace(/^INBOX\./i, "").replaceAll(".", "/");
  const outer = (name: string): string => (name.toUpperCase() === "INBOX" ? "INBOX" : `INBOX.${name.replaceAll("/", ".")}`);
  const first = (text: string, name: (text: string) => string): string | undefined => {
    const end = endOfValue(text, 0);
    if (end === undefined) return undefined;
    const value = text.slice(0, end);
    return `${quoted(name(value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value))}${text.slice(end)}`;
  };
  return {
    name: "Courier",
    command: (command) => {
      const { name, args } = command;
      if (name === "LIST" || name === "LSUB") {
        // The namespace's own name, and everything in it.
        const match = /^("[^"]*") ("[^"]*"|\S+)$/.exec(args);
        if (!match) return notUnderstood(command);
        const [reference, pattern] = [match[1]!, match[2]!].map((value) => value.replaceAll('"', "")) as [string, string];
        const wanted = `${reference}${pattern}`;
        return {
          ...command,
          args: `"" ${quoted(wanted === "" || wanted === "*" || wanted === "INBOX.*" ? pattern && "*" : inner(wanted))}`,
        };
      }
      if (!/^(SELECT|EXAMINE|STATUS|CREATE|DELETE|APPEND|SUBSCRIBE|UNSUBSCRIBE)$/.test(name))
        return /^(RENAME|COPY|MOVE|UID COPY|UID MOVE)$/.test(name) ? notUnderstood(command) : command;
      const renamed = first(args, inner);
      return renamed === undefined ? notUnderstood(command) : { ...command, args: renamed };
    },
    answer: (line) => {
      if (/^\* NAMESPACE /i.test(line)) return ['* NAMESPACE (("INBOX." ".")) NIL NIL'];
      const list = /^\* (LIST|LSUB) (\([^)]*\)) ("[^"]*"|NIL) ([\s\S]+)$/i.exec(line);
      const status = /^\* STATUS ([\s\S]+)$/i.exec(line);
      const renamed = list ? first(list[4]!, outer) : status ? first(status[1]!, outer) : undefined;
      if (!list && !status) return [line];
      if (renamed === undefined) throw new Error("a mailbox name of another shape");
      return [list ? `* ${list[1]} ${list[2]} "." ${renamed}` : `* STATUS ${renamed}`];
    },
  };
};
