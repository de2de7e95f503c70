/**
 * Abilities taken away: no longer in CAPABILITY, and refused when used all the same, so that a client that uses what it was
 * not offered is found out. What the server would say because of them without being asked is taken out, too.
 */

import { isTagged, notUnderstood, refuse, type Trait } from "../trait.ts";
import { type Command, fetchArgs, listOf, rowOf, rowText, valuesOf } from "../wire.ts";

interface Ability {
  /** True if the command uses it. Undefined: it has a shape that cannot be looked into. */
  uses(command: Command): boolean | undefined;
  /** What goes on of a line of the server; default: the line. */
  leaves?(line: string): string | undefined;
}

const isFetch = ({ name }: Command): boolean => name === "FETCH" || name === "UID FETCH";
const isSearch = ({ name }: Command): boolean => name === "SEARCH" || name === "UID SEARCH";
const opens = ({ name }: Command): boolean => name === "SELECT" || name === "EXAMINE";
const says = (text: string, word: string): boolean => new RegExp(`(^|[ (])${word}($|[ )])`, "i").test(text);

/** What stands behind the mailbox name, or the two names of LIST: parameters and return options. */
const beyond = (command: Command, count: number): string | undefined => valuesOf(command.args)?.slice(count).join(" ");
const fetches = (command: Command, word: string): boolean | undefined => {
  if (!isFetch(command)) return false;
  const args = fetchArgs(command.args);
  return args && (args.items.some((item) => item.toUpperCase() === word) || says(args.modifiers, word));
};
const named = (command: Command, name: string): boolean => command.name === name;

const withoutModseq = (line: string): string | undefined => {
  if (/^\* OK \[(HIGHESTMODSEQ|NOMODSEQ)\b/i.test(line)) return undefined;
  const row = rowOf(line);
  if (!row) return line.replace(/\[HIGHESTMODSEQ \d+\] ?/i, "");
  const items = row.items.filter(([name]) => name.toUpperCase() !== "MODSEQ");
  return items.length === 0 ? undefined : rowText({ ...row, items });
};

const abilities: Readonly<Record<string, Ability>> = {
  // RFC 7162 section 3.2. In ENABLE an unknown name is no error (RFC 5161 section 3.1): it is taken out there.
  QRESYNC: {
    uses: (command) => (opens(command) ? beyond(command, 1)?.includes("QRESYNC") : fetches(command, "VANISHED")),
  },
  // RFC 7162 section 3.1.
  CONDSTORE: {
    uses: (command) => {
      if (opens(command)) return beyond(command, 1)?.includes("CONDSTORE");
      if (named(command, "STATUS")) return says(command.args, "HIGHESTMODSEQ");
      if (named(command, "LIST")) return beyond(command, 2)?.includes("HIGHESTMODSEQ");
      if (isSearch(command)) return says(command.args, "MODSEQ");
      if (/STORE$/.test(command.name)) return says(command.args, "UNCHANGEDSINCE \\d+");
      const [modseq, since] = [fetches(command, "MODSEQ"), fetches(command, "CHANGEDSINCE \\d+")];
      return modseq === undefined ? undefined : modseq || since;
    },
    leaves: withoutModseq,
  },
  // RFC 5819 section 2.
  "LIST-STATUS": { uses: (command) => named(command, "LIST") && beyond(command, 2)?.includes("STATUS") },
  // RFC 5258 section 3: options before, patterns in a list, RETURN behind.
  "LIST-EXTENDED": {
    uses: (command) => {
      if (!named(command, "LIST")) return false;
      const values = valuesOf(command.args);
      return values && (values.length !== 2 || values.some((value) => value.startsWith("(")));
    },
  },
  // RFC 6154 section 2.
  "SPECIAL-USE": {
    uses: (command) => named(command, "LIST") && beyond(command, 2)?.includes("SPECIAL-USE"),
    leaves: (line) =>
      /^\* (LIST|LSUB) /i.test(line)
        ? line.replace(/\\(All|Archive|Drafts|Flagged|Junk|Sent|Trash)\b ?/gi, "").replace(" )", ")")
        : line,
  },
  // RFC 4731 section 3.1.
  ESEARCH: { uses: (command) => isSearch(command) && /^RETURN\b/i.test(command.args) },
  // RFC 5161, 2177, 6851, 3691, 2342, 2971, 4315: the command itself.
  ENABLE: { uses: (command) => named(command, "ENABLE") },
  IDLE: { uses: (command) => named(command, "IDLE") },
  MOVE: { uses: (command) => named(command, "MOVE") || named(command, "UID MOVE") },
  UNSELECT: { uses: (command) => named(command, "UNSELECT") },
  NAMESPACE: { uses: (command) => named(command, "NAMESPACE") },
  ID: { uses: (command) => named(command, "ID") },
  UIDPLUS: {
    uses: (command) => named(command, "UID EXPUNGE"),
    leaves: (line) => line.replace(/\[(APPENDUID|COPYUID) [^\]]*\] ?/i, ""),
  },
  // RFC 4959 section 3: the first answer in the same line.
  "SASL-IR": { uses: (command) => named(command, "AUTHENTICATE") && (valuesOf(command.args)?.length ?? 2) > 1 },
  // RFC 3516 section 4.2.
  BINARY: {
    uses: (command) => isFetch(command) && fetchArgs(command.args)?.items.some((item) => /^BINARY/i.test(item)),
  },
};

/** Takes these away; a name this file does not know is a mistake of the test. */
export const without = (...words: readonly string[]): Trait => {
  const taken = words.map((word): Ability => {
    const ability = abilities[word];
    if (!ability) throw new Error(`nothing is known of how ${word} is used, so it cannot be refused`);
    return ability;
  });
  return {
    name: `without ${words.join(", ")}`,
    capabilities: (offered) => offered.filter((word) => !words.includes(word.toUpperCase())),
    command: (command) => {
      if (command.name === "ENABLE" && !words.includes("ENABLE")) {
        const left = listOf(`(${command.args})`)?.filter((word) => !words.includes(word.toUpperCase()));
        if (!left) return notUnderstood(command);
        // Nothing is left: asked for anyway, since it must be answered (RFC 5161 section 3.1).
        return { ...command, args: left.join(" ") || "X-NOTHING" };
      }
      for (const [index, ability] of taken.entries()) {
        const used = ability.uses(command);
        if (used === undefined) return notUnderstood(command);
        if (used) return refuse(`BAD ${words[index]} was not offered`);
      }
      return command;
    },
    answer: (line, to) => {
      let left: string | undefined = line;
      for (const { leaves } of taken) if (left !== undefined && leaves) left = leaves(left);
      if (left === undefined) return [];
      return [isTagged(line, to) ? left.replace(/ +$/, "") : left];
    },
  };
};
