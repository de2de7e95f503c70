/**
 * A mailbox that is made anew with every message in it (RFC 9051 section 2.3.1.1): Exchange when it moves a mailbox between
 * databases, Cyrus after a reconstruction. UIDs stay, UIDVALIDITY is another one, wherever it is said.
 */

import { notUnderstood, type Trait } from "../trait.ts";
import { mailboxOf, valuesOf } from "../wire.ts";

export interface Renewing extends Trait {
  /** Gives the mailbox another UIDVALIDITY. Open sessions would know the old one: the caller cuts them. */
  renew(mailbox: string): void;
  /** No UIDVALIDITY is said any more at all: Tencent Exmail says none. */
  silent: boolean;
}

const numbers = /UIDVALIDITY (\d+)/gi;

export const uidvalidity = (): Renewing => {
  const added = new Map<string, number>();
  const of = (mailbox: string | undefined): number => added.get(mailbox ?? "") ?? 0;
  const raised = (text: string, mailbox: string | undefined): string =>
    text.replace(numbers, (_, validity) => `UIDVALIDITY ${Number(validity) + of(mailbox)}`);
  return {
    name: "another UIDVALIDITY",
    silent: false,
    renew: (mailbox) => void added.set(mailbox, of(mailbox) + 1),
    command: (command) => {
      const opens = command.name === "SELECT" || command.name === "EXAMINE";
      const values = opens ? valuesOf(command.args) : [];
      if (!values || (opens && values[0] === undefined)) return notUnderstood(command);
      const since = opens && /^\(QRESYNC \((\d+)( .*)\)\)$/i.exec(values.slice(1).join(" "));
      if (!since) return command;
      const validity = Number(since[1]) - of(mailboxOf(values[0]!));
      return { ...command, args: `${values[0]} (QRESYNC (${validity}${since[2]}))` };
    },
    answer(line, to) {
      const status = /^\* STATUS ([\s\S]*)$/i.exec(line);
      if (status) {
        const values = valuesOf(status[1]!);
        if (values?.length !== 2) throw new Error("a STATUS answer of another shape");
        const said = this.silent ? values[1]!.replace(/ ?UIDVALIDITY \d+/i, "").replace("( ", "(") : values[1]!;
        return [`* STATUS ${values[0]} ${raised(said, mailboxOf(values[0]!))}`];
      }
      const opened = to && /^(SELECT|EXAMINE)$/.test(to.name) ? mailboxOf(valuesOf(to.args)?.[0] ?? "") : undefined;
      if (/^\* OK \[UIDVALIDITY \d+\]/i.test(line)) return this.silent ? [] : [raised(line, opened)];
      // UIDPLUS (RFC 4315) names the validity of the mailbox that was written to.
      if (to && /^\S+ OK \[(APPENDUID|COPYUID) /i.test(line)) {
        const values = valuesOf(to.args) ?? [];
        const mailbox = mailboxOf((to.name === "APPEND" ? values[0] : values[1]) ?? "");
        return [
          line.replace(/\[(APPENDUID|COPYUID) (\d+)/i, (_, code, validity) => `[${code} ${Number(validity) + of(mailbox)}`),
        ];
      }
      return [line];
    },
  };
};
