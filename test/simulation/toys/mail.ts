/**
 * A mailbox: folders with UIDs and UIDVALIDITY, moves, copies, flags.
 *
 * Tiers as servers have them: `delta` says what changed and what went (QRESYNC) · `counted` says what changed and lists
 * what is there (CONDSTORE) · `plain` lists flags each time.
 */

import { type Adapter, type Collection, type CollectionId, GroupstreamError, type Read, type Whole } from "groupstream";
import { type Env, type Toy, toyManifest } from "../world.ts";
import { MailBox } from "./mail-box.ts";
import { mailChanges } from "./mail-changes.ts";
import { wholeOf } from "./mail-views.ts";
import type { Copy, Folder, Mail, MailOptions, Post } from "./mail-words.ts";

export class MailToy extends MailBox implements Toy {
  readonly #post: Post<MailToy>;
  #blind = 0;
  #cut = 0;

  constructor(options: MailOptions, env: Env, post: Post<MailToy>) {
    super(options, env, post);
    this.#post = post;
    post.boxes.push(this);
  }

  find(id: CollectionId): Folder {
    const folder = this.folders.find((one) => this.path(one) === id);
    if (!folder)
      throw new GroupstreamError("position-lost", `${this.id}: no folder ${id}; it is discovered again`, {
        system: this.id,
        collection: id,
      });
    if (folder.forbidden)
      throw new GroupstreamError("forbidden", `${this.id}: ${id} may not be read; ask for permission`, {
        system: this.id,
        collection: id,
      });
    return folder;
  }

  /** The line is cut for so many steps; asked at each. */
  line(what: string): void {
    this.env.step(`${this.id} ${what}`);
    if (this.#cut > 0) {
      this.#cut -= 1;
      throw new GroupstreamError("unreachable", `${this.id}: the line is cut; it is tried again`, { system: this.id });
    }
  }

  adapter(): Adapter {
    const toy = this;
    return {
      contract: 1,
      id: toy.id,
      kind: "toy-mail",
      async describe() {
        toy.line("describe");
        return toyManifest();
      },
      async *collections() {
        toy.line("LIST");
        if (toy.#blind > 0) {
          toy.#blind -= 1;
          return;
        }
        for (const folder of [...toy.folders]) {
          yield toy.collection(folder);
          toy.line("LIST goes on");
        }
        toy.discoveries += 1;
      },
      changes: (collection, since, read) => mailChanges(toy, collection.id, since, read),
      async *fetch(collection, keys, read) {
        for (const key of keys) {
          toy.line(`FETCH ${collection.id} ${key}`);
          const folder = toy.find(collection.id);
          const uid = Number(key.split(".")[1]);
          const copy = toy.key(folder, uid) === key ? folder.copies.get(uid) : undefined;
          yield copy ? toy.whole(folder, uid, copy, read) : { key, gone: true };
        }
      },
      async [Symbol.asyncDispose]() {},
    };
  }

  collection(folder: Folder): Collection {
    const modseq = Math.max(
      0,
      ...[...folder.copies.values()].map((copy) => copy.modseq),
      ...folder.vanished.map((one) => one.modseq),
    );
    return {
      id: this.path(folder),
      name: folder.name,
      ...(folder.name === "INBOX" && { role: "inbox" as const }),
      ...(folder.name === "Sent" && { role: "sent" as const }),
      audience: [`mailto:${this.id}@example.org`],
      ...(this.options.status &&
        this.options.tier !== "plain" && {
          revision: `${folder.validity}:${folder.next}:${modseq}:${folder.copies.size}:${folder.generation}`,
        }),
    };
  }

  revision(copy: Copy): string {
    return this.options.tier === "plain" ? [...copy.flags].sort().join(",") : String(copy.modseq);
  }

  whole(folder: Folder, uid: number, copy: Copy, read: Read): Whole {
    return wholeOf(copy, this.key(folder, uid), this.revision(copy), this.options.tier, read);
  }

  calm(): void {
    this.#blind = 0;
    this.#cut = 0;
    for (const folder of this.folders) {
      folder.forbidden = false;
      delete folder.partial;
    }
  }

  again(): void {
    for (const folder of this.folders) this.flip(folder);
  }

  mutate(): string | undefined {
    const { random } = this.env;
    const folder = random.pick(this.folders) as Folder;
    const [uid, copy] = random.pick([...folder.copies]) ?? [];
    const roll = random.int(100);
    if (roll < 22 || uid === undefined || !copy) return this.arrive();
    if (roll < 42) return this.flag(folder, uid, copy);
    if (roll < 66) return this.transfer(folder, uid, copy, true);
    if (roll < 74) return this.transfer(folder, uid, copy, false);
    if (roll < 86) return this.expunge(folder, uid, `deletes ${copy.mail.tag} in ${folder.name}`);
    if (roll < 90 && this.folders.length < 6) {
      this.names += 1;
      const made = this.create(`New${this.names}`);
      // A server rule files at once what comes in.
      if (random.chance(0.5)) this.deliver(this.write(), made);
      return `creates ${made.name}`;
    }
    if (roll < 92 && folder.name !== "INBOX") return this.rename(folder);
    if (roll < 94 && folder.name.startsWith("New")) return this.remove(folder);
    if (roll < 95 && this.env.settled && this.folders.length < 6) return this.share();
    if (roll < 97) return this.forward(copy.mail);
    return this.spoof(copy.mail);
  }

  trouble(): string | undefined {
    const { random, settled } = this.env;
    const folder = random.pick(this.folders) as Folder;
    // A large folder is there to lie about.
    switch (random.int(this.env.large ? 9 : 6)) {
      case 0:
        folder.generation += 1;
        return `loses positions of ${folder.name}`;
      case 1:
        this.flip(folder);
        return `flips UIDVALIDITY of ${folder.name}`;
      case 2:
        this.#cut = 1 + random.int(2);
        return "line is cut";
      case 3:
        folder.forbidden = !folder.forbidden;
        return `hides: ${folder.name} is ${folder.forbidden ? "forbidden" : "allowed"}`;
      case 4:
        if (!settled) return undefined;
        this.#blind = 1;
        return "hides: LIST will answer empty once";
      default:
        // What changes tell once only must not be hidden by a lie.
        if (!settled || this.options.tier === "delta") return undefined;
        return this.lie(this.folders.find(({ copies }) => copies.size > 40) ?? folder);
    }
  }

  /** A loss that is implausible is asked again on a new connection, and must never be told. */
  lie(folder: Folder): string {
    const share = this.env.random.next();
    folder.partial = folder.copies.size > 40 ? { share: share / 4, until: "fresh" } : { share: share / 2, until: "once" };
    const { until } = folder.partial;
    return `${until === "once" ? "hides: " : ""}${folder.name} lists ${Math.floor(folder.partial.share * 100)} % ${until}`;
  }

  arrive(): string {
    const { random } = this.env;
    const mail = this.write();
    const inbox = this.folders[0] as Folder;
    this.deliver(mail, random.chance(0.8) ? inbox : (random.pick(this.folders) as Folder));
    let also = "";
    for (const box of this.#post.boxes) {
      if (box === this || !random.chance(0.35)) continue;
      box.deliver(mail, box.folders[0] as Folder);
      also += ` and to ${box.id}`;
    }
    // One's own copy, as sent: another size, the same text.
    if (random.chance(0.1)) {
      this.deliver(mail, this.folders.find(({ name }) => name === "Sent") ?? inbox, { size: 900 + this.options.extra });
      also += " and kept as sent";
    }
    return `${mail.tag} arrives${also}`;
  }

  /** A folder of others can be read from now on: what is in it came long ago. */
  share(): string {
    this.names += 1;
    // Only once every other folder has been looked at is it certain that nothing new is in it.
    const looked = this.discoveries > 2;
    const folder = this.create(`Shared${this.names}`);
    const came = this.env.clock.now() - 30 * 86_400_000;
    this.discoveries = 0;
    const tags = [1, 2].map(() => {
      const mail = this.write({ tag: `${looked ? "old" : "late"}${this.mails.length}` });
      this.deliver(mail, folder, { came });
      return mail.tag;
    });
    return `is given ${folder.name} with ${tags.join(", ")}`;
  }

  /** A mail that was sent to one account reaches the other one later: another size, the same text. */
  forward(mail: Mail): string | undefined {
    const other = this.#post.boxes.find((box) => box !== this);
    if (!other) return undefined;
    // Beside a spoof in one account it can only be told apart by its size.
    other.deliver(mail, other.folders[0] as Folder, other.known.has(mail.mid) ? { size: 3000 + this.mails.length } : {});
    return `${mail.tag} reaches ${other.id} late`;
  }

  spoof(genuine: Mail): string | undefined {
    const other = this.#post.boxes.find((box) => box !== this);
    if (!other) return undefined;
    const fake = this.write({
      tag: `${genuine.tag}!${this.mails.length}`,
      mid: genuine.mid,
      date: genuine.date,
      text: `Fake of ${genuine.text} ${this.mails.length}`,
    });
    const target = other.folders[0] as Folder;
    // In an account that knows the genuine one it can only be told apart by its size.
    other.deliver(fake, target, other.known.has(genuine.mid) ? { size: 2000 + this.mails.length } : {});
    return `${fake.tag} (spoof of ${genuine.tag}) arrives in ${other.id}`;
  }
}
