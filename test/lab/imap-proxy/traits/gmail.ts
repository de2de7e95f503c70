/**
 * Gmail (X-GM-EXT-1). A message is one thing with labels: it is in the `\All` mailbox, and a copy of it in the mailbox of each
 * label. Its labels are kept in Dovecot as keywords of all its copies, so that a new label raises the MODSEQ in `\All`, as
 * Gmail does; the client sees them as X-GM-LABELS only, in modified UTF-7 as mailboxes are. CONDSTORE is there, QRESYNC is not.
 *
 * Whoever moves the world keeps copies and keywords in step; see {@link labelKeyword}.
 */

import { mailboxName } from "../../imap.ts";
import { notUnderstood, type Refusal, refuse, type Trait } from "../trait.ts";
import { type Command, fetchArgs, fetchText, itemOf, listOf, quoted, type Row, rowOf, rowText, valuesOf } from "../wire.ts";
import { asksFor, exchanged, GUID, numberOf, strippedOf, threadItem, threadOf } from "./native.ts";

const PREFIX = "gml-";

/** The keyword that stands for a label: `Kunden/Büro`, or one of Gmail's own: `\Inbox`, `\Important`. */
export const labelKeyword = (label: string): string => `${PREFIX}${Buffer.from(label).toString("hex")}`;

const labelOf = (keyword: string): string => Buffer.from(keyword.slice(PREFIX.length), "hex").toString();
const isLabel = (flag: string): boolean => flag.toLowerCase().startsWith(PREFIX);

/** Labels that Gmail makes of flags. */
const ofFlags: Readonly<Record<string, string>> = { "\\Flagged": "\\Starred", "\\Draft": "\\Draft" };

/** The labels of a row, without that of the mailbox it is seen in: Gmail leaves it out. */
const labelsOf = (flags: readonly string[], selected: string | undefined): readonly string[] => {
  const labels = flags.flatMap((flag) => (isLabel(flag) ? [labelOf(flag)] : (ofFlags[flag] ?? [])));
  return labels.filter((label) => label !== selected && !(label === "\\Inbox" && selected === "INBOX"));
};

const withoutLabels = (line: string): string =>
  line.replace(
    /\(([^()]*)\)/,
    (_, flags: string) =>
      `(${flags
        .split(" ")
        .filter((flag) => !isLabel(flag))
        .join(" ")})`,
  );

/** STORE by labels: what Gmail is told of them is told to Dovecot of keywords. Names in ASCII only. */
const labelling = (command: Command): Command | Refusal => {
  const [, set, sign, list] = /^(\S+) ([+-])X-GM-LABELS (\([^&]*\))$/i.exec(command.args) ?? [];
  const labels = list === undefined ? undefined : listOf(list)?.map((label) => label.replace(/^"(.*)"$/, "$1"));
  if (set === undefined || !labels) return notUnderstood(command);
  return { ...command, args: `${set} ${sign}FLAGS (${labels.map(labelKeyword).join(" ")})` };
};

/** @param all  the mailbox that is `\All`; undefined: it is hidden in Gmail's settings */
export const gmail = (all: string | undefined): Trait => ({
  name: "Gmail",
  capabilities: (words) => [...words, "X-GM-EXT-1"],
  command: (command) => {
    const { name, args } = command;
    if (name === "UID STORE" && /X-GM-LABELS/i.test(args)) return labelling(command);
    if (/\bX-GM-/i.test(args) && name !== "FETCH" && name !== "UID FETCH")
      return refuse(`BAD ${name} by Gmail's items is not done here`);
    if (name !== "FETCH" && name !== "UID FETCH") return command;
    const fetch = fetchArgs(args);
    if (!fetch || asksFor(fetch, [GUID])) return notUnderstood(command);
    const instead = { "X-GM-MSGID": GUID, "X-GM-THRID": threadItem, "X-GM-LABELS": "FLAGS" };
    return { ...command, args: fetchText(exchanged(fetch, instead)) };
  },
  answer(line, to, { selected }) {
    if (/^\* FLAGS \(|^\* OK \[PERMANENTFLAGS \(/i.test(line)) return [withoutLabels(line)];
    const list = /^\* (LIST|LSUB) \(([^)]*)\) ("[^"]*"|NIL) ([\s\S]+)$/i.exec(line);
    if (list) {
      if (valuesOf(list[4]!)?.length !== 1) throw new Error("a LIST answer of another shape");
      const marked = all !== undefined && (list[4] === all || list[4] === quoted(all));
      return [marked ? `* ${list[1]} (${`${list[2]} \\All`.trim()}) ${list[3]} ${list[4]}` : line];
    }
    const row = rowOf(line);
    if (!row) return [line];
    const asked = to && /FETCH$/.test(to.name) ? fetchArgs(to.args) : undefined;
    const items: [string, string][] = [];
    const [guid, flags, thread] = [itemOf(row, GUID), itemOf(row, "FLAGS"), threadOf(row)];
    if (guid !== undefined) items.push(["X-GM-MSGID", numberOf(guid)]);
    if (thread !== undefined) items.push(["X-GM-THRID", numberOf(thread)]);
    if (asked && asksFor(asked, ["X-GM-LABELS"]) && flags !== undefined)
      items.push([
        "X-GM-LABELS",
        `(${labelsOf(listOf(flags) ?? [], selected)
          .map(mailboxName)
          .join(" ")})`,
      ]);
    const shown: Row = {
      ...row,
      items: strippedOf(row).items.map(([name, value]) =>
        name.toUpperCase() === "FLAGS" ? [name, withoutLabels(value)] : [name, value],
      ),
    };
    return [rowText({ ...row, items: [...items, ...shown.items] })];
  },
});
