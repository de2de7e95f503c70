/** A seeded sequence of edits of one mailbox, as a person makes them: each is done when the server says so. */

import { mailboxName, type RawImap } from "../../test/lab/imap.ts";
import type { Random } from "../../test/simulation/random.ts";

/** A mail stood in a mailbox for so long, ms since 1970: from the server's answer until its removal was asked for. */
export interface Stay {
  readonly name: string;
  readonly mailbox: string;
  /** It was there before the hub was first started: recorded, not told. */
  readonly initial: boolean;
  readonly from: number;
  until: number;
}

/** The edits. The same seed makes the same ones, however long the pauses between them. */
export interface Script {
  readonly stays: readonly Stay[];
  /** One edit; resolves with what it was. */
  step(): Promise<string>;
}

interface Letter {
  readonly uid: number;
  readonly stay: Stay;
}

const people = ["Ada Lovelace", "Bo Ek", "Cleo Zorn", "Dan Frey"];
const flags = ["\\Flagged", "$label1", "$label2"];
const mailboxesAtMost = 6;

const letter = (n: number, person: string): string =>
  [
    `From: ${person} <${person.split(" ")[0]?.toLowerCase()}@example.net>`,
    "To: crash@example.org",
    `Subject: Matter ${n}`,
    `Date: ${new Date(Date.UTC(2026, 0, 5, 8, n)).toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <matter.${n}@example.net>`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "",
    `This is matter ${n}.`,
    "",
  ].join("\r\n");

/** Takes a mailbox that is empty; `INBOX` gets the first letters at once. */
export const begin = async (client: RawImap, random: Random, first: number): Promise<Script> => {
  const boxes = new Map<string, Letter[]>([["INBOX", []]]);
  const stays: Stay[] = [];
  let letters = 0;
  let begun = false;
  let selected = "";

  const select = async (name: string): Promise<void> => {
    if (selected !== name) await client.command(`SELECT ${mailboxName(name)}`);
    selected = name;
  };
  const comes = (mailbox: string, name: string, uid: number): void => {
    const stay: Stay = { name, mailbox, initial: !begun, from: Date.now(), until: Number.POSITIVE_INFINITY };
    stays.push(stay);
    boxes.get(mailbox)?.push({ uid, stay });
  };
  const append = async (mailbox: string): Promise<string> => {
    letters += 1;
    const [uid = 0] = await client.append(mailbox, [{ raw: letter(letters, random.pick(people) as string) }]);
    comes(mailbox, `Matter ${letters}`, uid);
    return `append Matter ${letters} to ${mailbox}`;
  };
  const create = async (): Promise<string> => {
    const name = `Folder ${boxes.size}`;
    await client.command(`CREATE ${mailboxName(name)}`);
    boxes.set(name, []);
    return `create ${name}, ${await append(name)}`;
  };
  /** A letter somewhere, and where it is. */
  const any = (): { mailbox: string; at: number; letter: Letter } | undefined => {
    const mailbox = random.pick([...boxes.keys()].filter((name) => boxes.get(name)?.length));
    const list = boxes.get(mailbox ?? "") ?? [];
    const at = random.int(Math.max(1, list.length));
    const found = list[at];
    return mailbox === undefined || !found ? undefined : { mailbox, at, letter: found };
  };
  const carry = async (verb: "MOVE" | "COPY"): Promise<string | undefined> => {
    const what = any();
    const to = random.pick([...boxes.keys()].filter((name) => name !== what?.mailbox));
    if (!what || to === undefined) return undefined;
    await select(what.mailbox);
    if (verb === "MOVE") {
      what.letter.stay.until = Date.now();
      boxes.get(what.mailbox)?.splice(what.at, 1);
    }
    const said = await client.command(`UID ${verb} ${what.letter.uid} ${mailboxName(to)}`);
    const uid = Number(/\[COPYUID \d+ \d+ (\d+)\]/.exec(said)?.[1]);
    comes(to, what.letter.stay.name, uid);
    return `${verb.toLowerCase()} ${what.letter.stay.name} from ${what.mailbox} to ${to}`;
  };
  const remove = async (): Promise<string | undefined> => {
    const what = any();
    if (!what) return undefined;
    await select(what.mailbox);
    what.letter.stay.until = Date.now();
    boxes.get(what.mailbox)?.splice(what.at, 1);
    await client.command(`UID STORE ${what.letter.uid} +FLAGS.SILENT (\\Deleted)`);
    await client.command(`UID EXPUNGE ${what.letter.uid}`);
    return `delete ${what.letter.stay.name} from ${what.mailbox}`;
  };
  const flag = async (): Promise<string | undefined> => {
    const what = any();
    const sign = random.chance(0.7) ? "+" : "-";
    const name = random.pick(flags) as string;
    if (!what) return undefined;
    await select(what.mailbox);
    await client.command(`UID STORE ${what.letter.uid} ${sign}FLAGS (${name})`);
    return `${sign}${name} on ${what.letter.stay.name} in ${what.mailbox}`;
  };

  for (let n = 0; n < first; n += 1) await append("INBOX");
  begun = true;
  return {
    stays,
    step: async () => {
      const roll = random.int(100);
      const done =
        roll < 20
          ? await flag()
          : roll < 40
            ? await carry("MOVE")
            : roll < 52
              ? await remove()
              : roll < 62
                ? await carry("COPY")
                : roll < 72 && boxes.size < mailboxesAtMost
                  ? await create()
                  : undefined;
      return done ?? append(random.chance(0.7) ? "INBOX" : (random.pick([...boxes.keys()]) as string));
    },
  };
};

/** What stands in the mailbox, asked of the server: mailbox → mail → its flags as activities name them. */
export const standing = async (client: RawImap): Promise<Map<string, Map<string, Set<string>>>> => {
  const all = new Map<string, Map<string, Set<string>>>();
  const list = await client.command('LIST "" "*"');
  for (const [, quoted, plain] of list.matchAll(/\* LIST \([^)]*\) "[^"]*" (?:"([^"]*)"|(\S+))\r\n/g)) {
    const mailbox = quoted ?? plain ?? "";
    const mails = new Map<string, Set<string>>();
    all.set(mailbox, mails);
    const selected = await client.command(`EXAMINE ${mailboxName(mailbox)}`);
    if (/\* 0 EXISTS/.test(selected)) continue;
    const rows = await client.command("FETCH 1:* (FLAGS ENVELOPE)");
    for (const [, set = "", subject = ""] of rows.matchAll(/FETCH \(FLAGS \(([^)]*)\) ENVELOPE \("[^"]*" "([^"]*)"/g)) {
      const names = set.split(" ").filter((name) => name !== "" && (!name.startsWith("\\") || name === "\\Flagged"));
      const known = mails.get(subject) ?? new Set();
      mails.set(subject, known.union(new Set(names.map((name) => name.replace("\\", "").toLowerCase()))));
    }
  }
  return all;
};
