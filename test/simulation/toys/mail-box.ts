/** The state of a toy mailbox, and what can be done to it. */

import type { CollectionId } from "groupstream";
import type { Env, Truth } from "../world.ts";
import { factsOf } from "./mail-views.ts";
import type { Copy, Folder, Mail, MailOptions, Post } from "./mail-words.ts";

const flagNames = ["flagged", "$label1", "urgent"] as const;

export class MailBox {
  readonly id: string;
  readonly options: MailOptions;
  readonly env: Env;
  readonly mails: Mail[];
  readonly folders: Folder[] = [];
  /** Message-IDs that were ever here. */
  readonly known = new Set<string>();
  /** Discoveries that ended since the folders changed. */
  discoveries = 0;
  names = 0;
  modseq = 1;
  validity = 1;

  constructor(options: MailOptions, env: Env, { mails }: Pick<Post<unknown>, "mails">) {
    this.id = options.id;
    this.options = options;
    this.env = env;
    this.mails = mails;
    for (const name of ["INBOX", "Archive", "Sent"]) this.create(name);
  }

  /** The mails that are there before the hub first looks. */
  fill(count: number, folder?: Folder): void {
    for (let i = 0; i < count; i += 1) this.deliver(this.write(), folder ?? (this.env.random.pick(this.folders) as Folder));
  }

  path(folder: Folder): CollectionId {
    return this.options.ids ? folder.id : folder.name;
  }

  place(folder: Folder): string {
    return `${this.id}/${this.path(folder)}`;
  }

  key(folder: Folder, uid: number): string {
    return `${folder.validity}.${uid}`;
  }

  truth(): Truth {
    return new Map(this.folders.map((folder) => [this.place(folder), factsOf(folder)]));
  }

  create(name: string): Folder {
    this.validity += 1;
    const folder: Folder = {
      id: `${name}-${this.validity}`,
      name,
      validity: this.validity,
      next: 1,
      copies: new Map(),
      vanished: [],
      generation: 0,
      forbidden: false,
    };
    this.folders.push(folder);
    this.discoveries = 0;
    return folder;
  }

  write(over: Partial<Mail> = {}): Mail {
    const n = this.mails.length + 1;
    const { random, clock } = this.env;
    const parent = random.chance(0.3) ? random.pick(this.mails)?.mid : undefined;
    const mail: Mail = {
      tag: `m${n}`,
      mid: `<${n}@example.org>`,
      date: clock.iso(),
      from: "mailto:eve@example.org",
      text: `Text of ${n}`,
      ...(parent !== undefined && { parent }),
      ...over,
    };
    this.mails.push(mail);
    return mail;
  }

  deliver(mail: Mail, folder: Folder, over: { size?: number; came?: number; flags?: Set<string> } = {}): void {
    this.modseq += 1;
    const size = over.size ?? 1000 + this.options.extra;
    folder.copies.set(folder.next, {
      mail,
      size,
      came: over.came ?? this.env.clock.now(),
      flags: new Set(over.flags),
      modseq: this.modseq,
    });
    folder.next += 1;
    this.known.add(mail.mid);
    this.env.presence.enter(this.place(folder), mail.tag);
  }

  flag(folder: Folder, uid: number, copy: Copy): string {
    const flag = this.env.random.pick(flagNames) as string;
    const had = copy.flags.delete(flag);
    if (!had) copy.flags.add(flag);
    this.modseq += 1;
    copy.modseq = this.modseq;
    return `${had ? "unflags" : "flags"} ${copy.mail.tag} ${flag} in ${folder.name} (uid ${uid})`;
  }

  transfer(folder: Folder, uid: number, copy: Copy, move: boolean): string | undefined {
    const target = this.env.random.pick(this.folders.filter((one) => one !== folder || !move)) as Folder | undefined;
    if (!target) return undefined;
    this.deliver(copy.mail, target, { size: copy.size, came: copy.came, flags: copy.flags });
    if (!move) return `copies ${copy.mail.tag} from ${folder.name} to ${target.name}`;
    return this.expunge(folder, uid, `moves ${copy.mail.tag} from ${folder.name} to ${target.name}`);
  }

  expunge(folder: Folder, uid: number, what: string): string {
    const copy = folder.copies.get(uid) as Copy;
    folder.copies.delete(uid);
    this.modseq += 1;
    folder.vanished.push({ uid, modseq: this.modseq });
    this.env.presence.leave(this.place(folder), copy.mail.tag);
    return what;
  }

  /** Every UID is another one afterwards; the mails stay. */
  flip(folder: Folder): void {
    this.validity += 1;
    this.modseq += 1;
    const copies = this.env.random.shuffle([...folder.copies.values()]);
    Object.assign(folder, { validity: this.validity, next: 1, vanished: [] });
    folder.copies.clear();
    for (const copy of copies) {
      this.modseq += 1;
      folder.copies.set(folder.next, { ...copy, modseq: this.modseq });
      folder.next += 1;
    }
  }

  rename(folder: Folder): string {
    const old = folder.name;
    const before = this.place(folder);
    this.names += 1;
    folder.name = `Renamed${this.names}`;
    this.discoveries = 0;
    if (!this.options.ids) {
      for (const { mail } of folder.copies.values()) {
        this.env.presence.leave(before, mail.tag);
        this.env.presence.enter(this.place(folder), mail.tag);
      }
    }
    return `renames ${old} to ${folder.name}`;
  }

  remove(folder: Folder): string {
    for (const { mail } of folder.copies.values()) this.env.presence.leave(this.place(folder), mail.tag);
    this.folders.splice(this.folders.indexOf(folder), 1);
    return `removes ${folder.name} with ${folder.copies.size} mails`;
  }
}
