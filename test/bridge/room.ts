/** A room that holds posts: people write in it, the hub's account too; its answers can be lost, late or lies. */

import { createHash } from "node:crypto";
import type { Adapter, Command, Found, MessageView, Receipt, Verb, Whole } from "groupstream";
import { note, Toy, whole } from "../sync/toy.ts";

/** What becomes of an attempt: done and said so; done, or not, and the answer lost; refused. */
export type Fate = "done" | "done, answer lost" | "not done, answer lost" | "refused" | "refused for ever" | "done, says nothing";

export const bot = "xmpp:hub@example.org";

export class Room extends Toy {
  /** How the next attempts end, first first; then all are done. */
  readonly fates: Fate[] = [];
  /** What was really done here: `Create p1 text ↳parent`. */
  readonly done: string[] = [];
  /** Posts carry the delivery's id; else only their digest is known. */
  markers = true;
  finds: "yes" | "never knows" | "no" = "yes";
  #posts = 0;

  constructor(id = "chat", ...rooms: string[]) {
    super(id, ...(rooms.length > 0 ? rooms : ["room"]));
    this.manifest = { ...this.manifest, self: bot };
    for (const folder of this.folders.values()) folder.audience = ["mailto:team@example.org"];
  }

  /** Somebody writes. Gives the post's key. */
  says(text: string, over: { room?: string; who?: string; answers?: string; trail?: readonly string[] } = {}): string {
    const { room = "room", who = "xmpp:ann@example.org", answers, trail } = over;
    const key = `p${(this.#posts += 1)}`;
    this.#put(room, key, {
      text,
      attributedTo: { id: who, name: who.slice(5, 8) },
      ...(answers !== undefined && { inReplyTo: [{ collection: room, key: answers }] }),
      ...(trail && { trail }),
    });
    return key;
  }

  edits(key: string, text: string, room = "room"): void {
    const old = this.at(room).items.get(key) as Whole;
    this.#put(room, key, { ...(old.object as MessageView), text, edition: `${text}` }, old.mine);
  }

  reacts(key: string, emoji: string, who = "xmpp:ann@example.org", room = "room"): void {
    const old = this.at(room).items.get(key) as Whole;
    const reactions = [...(old.object.reactions ?? []), { actor: who, emoji }];
    this.#put(room, key, { ...(old.object as MessageView), reactions }, old.mine);
  }

  /** All that stands here, oldest first: `key author: text ↳parent`. */
  posts(room = "room"): readonly string[] {
    return [...this.at(room).items.values()].map((sighting) => {
      const { key, object } = sighting as Whole;
      const { text, attributedTo, inReplyTo } = object as MessageView;
      const parent = inReplyTo?.[0];
      return `${key} ${attributedTo?.id === bot ? "hub" : attributedTo?.id}: ${text}${parent && "key" in parent ? ` ↳${parent.key}` : ""}`;
    });
  }

  #put(room: string, key: string, view: Partial<MessageView>, mine?: Whole["mine"]): Whole {
    const { name: _name, content: _content, to: _to, ...plain } = note(key);
    const object = { ...plain, ...view };
    const made = whole(key, object, {
      same: [{ id: `post:${key}`, within: "system", weight: "identity" }],
      revision: digestOf(object),
      ...(mine && { mine }),
    });
    this.put(room, made);
    return made;
  }

  #found(command: Command): Found | undefined {
    for (const folder of this.folders.values())
      for (const sighting of folder.items.values()) {
        const { key, mine } = sighting as Whole;
        const ours = this.markers ? mine?.marker === command.id : mine?.digest === digestOf(command.object);
        if (ours && !command.taken?.includes(key)) return { collection: folder.id, sighting };
      }
    return undefined;
  }

  #perform(verb: Verb, command: Command): Receipt {
    const digest = digestOf(command.object);
    if (command.preview) return { outcome: "done", digest, native: `${verb} ${command.item?.key ?? ""}` };
    const fate = this.fates.shift() ?? "done";
    if (fate === "refused") return { outcome: "refused", reason: "the room is busy", again: true };
    if (fate === "refused for ever") return { outcome: "refused", reason: "the room forbids it; ask its owner for voice" };
    if (fate === "not done, answer lost") return { outcome: "unknown", reason: "no answer" };
    const room = command.item?.collection ?? command.collection?.id ?? "room";
    const stands = this.#do(verb, room, command, digest);
    if (!stands) return { outcome: "refused", reason: "gone there", gone: true };
    if (fate === "done, answer lost") return { outcome: "unknown", reason: "no answer" };
    return { outcome: "done", digest, ...(fate === "done" && { stands }) };
  }

  #do(verb: Verb, room: string, command: Command, digest: string): Found | undefined {
    const { item, root, emoji } = command;
    const old = item && (this.at(item.collection).items.get(item.key) as Whole | undefined);
    const { text, attributedTo } = (command.object ?? {}) as MessageView;
    const said = `${attributedTo?.name ?? "?"}: ${text}`;
    if (verb === "Create") {
      const key = `p${(this.#posts += 1)}`;
      const parent = item ?? root;
      this.done.push(`Create ${key} ${said}${parent ? ` ↳${parent.key}` : ""}`);
      const mine = this.markers ? { marker: command.id } : { digest };
      const view = {
        text: said,
        attributedTo: { id: bot, name: "hub" },
        ...(parent && { inReplyTo: [parent] }),
        ...(command.trail.length > 0 && { trail: command.trail }),
      };
      return { collection: room, sighting: this.#put(room, key, view, mine) };
    }
    if (!old || !item) return undefined;
    this.done.push(`${verb} ${item.key}${verb === "Update" ? ` ${said}` : ""}${emoji ?? ""}`);
    if (verb === "Delete") {
      this.drop(room, item.key, { final: true });
      return { collection: room, sighting: { key: item.key, gone: true, final: true } };
    }
    if (verb === "Update")
      return {
        collection: room,
        sighting: this.#put(
          room,
          item.key,
          { ...(old.object as MessageView), text: said },
          { ...old.mine, ...(!this.markers && { digest }) },
        ),
      };
    const others = (old.object.reactions ?? []).filter((one) => one.actor !== bot || one.emoji !== emoji);
    const reactions = verb === "Undo" ? others : [...others, { actor: bot, emoji: emoji ?? "" }];
    return { collection: room, sighting: this.#put(room, item.key, { ...(old.object as MessageView), reactions }, old.mine) };
  }

  override adapter(over: Parameters<Toy["adapter"]>[0] = {}): Adapter {
    const perform = (verb: Verb) => async (command: Command) => this.#perform(verb, command);
    return super.adapter({
      performs: Object.fromEntries(
        (["Create", "Update", "Delete", "Like", "EmojiReact", "Undo"] as const).map((verb) => [verb, perform(verb)]),
      ),
      ...(this.finds !== "no" && {
        find: async (command: Command) => (this.finds === "yes" ? (this.#found(command) ?? "absent") : "unknown"),
      }),
      ...over,
    });
  }
}

/** A mailbox that also sends: what is sent goes to `Sent`, is done once, and cannot be found unless it is there. */
export class Postbox extends Toy {
  /** Every mail that left: `to: text ↳key`. */
  readonly sent: string[] = [];
  readonly fates: Fate[] = [];
  /** The next previews that are put off: the server cannot be asked. */
  busy = 0;
  #n = 0;

  constructor(id = "mail", ...folders: string[]) {
    super(id, ...(folders.length > 0 ? folders : ["INBOX", "Archive", "Sent"]));
    this.at("Sent").role = "sent";
    this.manifest = { ...this.manifest, acts: ["Create"] };
  }

  override adapter(over: Parameters<Toy["adapter"]>[0] = {}): Adapter {
    const send = async (command: Command): Promise<Receipt> => {
      const digest = digestOf(command.object);
      if (command.preview && this.busy-- > 0) return { outcome: "refused", reason: "421 too busy", again: true };
      if (command.preview) return { outcome: "done", digest, native: "SMTP" };
      const fate = this.fates.shift() ?? "done";
      if (fate === "refused") return { outcome: "refused", reason: "450 later", again: true };
      if (fate === "refused for ever") return { outcome: "refused", reason: "550 no such user" };
      if (fate === "not done, answer lost") return { outcome: "unknown", reason: "the line broke" };
      const { text, attributedTo } = command.object as MessageView;
      this.sent.push(`${attributedTo?.name}: ${text} ↳${command.item?.key ?? command.root?.key ?? ""} <${command.id}>`);
      if (fate === "done, answer lost") return { outcome: "unknown", reason: "the line broke after DATA" };
      const key = `sent${(this.#n += 1)}`;
      const copy = whole(key, note(key, { text: text ?? "", attributedTo: { id: "mailto:support@example.org" } }), {
        same: [{ id: `mid:gs.${command.id}`, within: "everywhere", weight: "hint" }],
        mine: { marker: command.id },
      });
      this.put("Sent", copy);
      return { outcome: "done", digest, stands: { collection: "Sent", sighting: copy } };
    };
    const filing =
      (verb: "Move" | "Add" | "Delete" | "Accept") =>
      async (command: Command): Promise<Receipt> => {
        const { item, collection, flag } = command;
        if (command.preview) return { outcome: "done", native: `UID ${verb} ${item?.key}`, losses: [] };
        const old = item && (this.at(item.collection).items.get(item.key) as Whole | undefined);
        if (!item || !old) return { outcome: "refused", reason: "gone there", gone: true };
        if (verb === "Delete") this.drop(item.collection, item.key, { final: true });
        if (verb === "Delete")
          return {
            outcome: "done",
            stands: { collection: item.collection, sighting: { key: item.key, gone: true, final: true } },
          };
        if (verb === "Move") {
          this.move(item.key, item.collection, collection?.id ?? "");
          return {
            outcome: "done",
            stands: { collection: collection?.id ?? "", sighting: this.at(collection?.id ?? "").items.get(item.key) as Whole },
          };
        }
        const flags = [...(old.object.flags ?? []), flag ?? verb.toLowerCase()];
        this.mail(item.collection, old.object.name ?? "", { ...(old.object as MessageView), flags });
        return {
          outcome: "done",
          stands: { collection: item.collection, sighting: this.at(item.collection).items.get(item.key) as Whole },
        };
      };
    return super.adapter({
      performs: { Create: send, Move: filing("Move"), Add: filing("Add"), Delete: filing("Delete"), Accept: filing("Accept") },
      find: async (command: Command) => {
        for (const sighting of this.at("Sent").items.values())
          if ((sighting as Whole).mine?.marker === command.id) return { collection: "Sent", sighting };
        return "unknown";
      },
      ...over,
    });
  }
}

const digestOf = (value: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify(value ?? null))
    .digest("base64url");
