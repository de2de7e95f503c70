/** Targets in memory: a room people write in, the hub's account too, whose answers can be lost, late or lies; and a mailbox that sends. */

import type { Adapter, Command, Found, MessageView, Perform, Receipt, Verb, View, Whole } from "groupstream";
import { note, Toy, whole } from "../sync/toy.ts";

/** What becomes of an attempt: done and said so; done, or not, and the answer lost; refused. */
export type Fate = "done" | "done, answer lost" | "not done, answer lost" | "refused" | "refused for ever" | "done, says nothing";

export const bot = "xmpp:hub@example.org";

/** What an attempt ends with before anything is done; undefined: it is done. */
const early = (fate: Fate, [busy, forbids, unheard]: readonly [string, string, string]): Receipt | undefined => {
  if (fate === "refused") return { outcome: "refused", reason: busy, again: true };
  if (fate === "refused for ever") return { outcome: "refused", reason: forbids };
  return fate === "not done, answer lost" ? { outcome: "unknown", reason: unheard } : undefined;
};

/** A post of the hub's: who wrote it stands before what they said; of attempts, and of what is asked for otherwise, a room knows nothing. */
const posted = ({ base: _base, object, ...command }: Command): Command => {
  const { text, attributedTo, published } = (object ?? {}) as MessageView;
  const said = `${attributedTo?.name ?? "?"}: ${text}`;
  const view: View = {
    type: "Note",
    text: said,
    attributedTo: { id: bot, name: "hub" },
    ...(published !== undefined && { published }),
  };
  return { ...command, attempt: 1, ...(object && { object: view }) };
};

export class Room extends Toy {
  /** How the next attempts end, first first; then all are done. */
  readonly fates: Fate[] = [];
  /** What was really done here: `Create p1 text ↳parent`. */
  readonly done: string[] = [];
  finds: "yes" | "never knows" | "no" = "yes";
  #posts = 0;

  constructor(id = "chat", ...rooms: string[]) {
    super(id, ...(rooms.length > 0 ? rooms : ["room"]));
    this.manifest = { ...this.manifest, self: bot };
  }

  override add(room: string, post: View, more: Partial<Omit<Whole, "object">> = {}): string {
    return super.add(room, post, { ...more, key: more.key ?? `p${(this.#posts += 1)}` });
  }

  /** Somebody writes. Gives the post's key. */
  says(text: string, over: { room?: string; who?: string; answers?: string; trail?: readonly string[] } = {}): string {
    const { room = "room", who = "xmpp:ann@example.org", answers, trail } = over;
    return this.add(room, {
      type: "Note",
      text,
      published: "2026-01-01T00:00:00Z",
      attributedTo: { id: who, name: who.slice(5, 8) },
      ...(answers !== undefined && { inReplyTo: [{ collection: room, key: answers }] }),
      ...(trail && { trail }),
    });
  }

  edits(key: string, text: string, room = "room"): void {
    this.change(room, key, { text, edition: text });
  }

  reacts(key: string, emoji: string, who = "xmpp:ann@example.org", room = "room"): void {
    const before = this.get(room, key)?.object.reactions ?? [];
    this.change(room, key, { reactions: [...before, { actor: who, emoji }] });
  }

  /** All that stands here, oldest first: `key author: text ↳parent`. */
  posts(room = "room"): readonly string[] {
    return this.standing(room).map(({ key, object }) => {
      const { text, attributedTo, inReplyTo } = object as MessageView;
      const parent = inReplyTo?.[0];
      return `${key} ${attributedTo?.id === bot ? "hub" : attributedTo?.id}: ${text}${parent && "key" in parent ? ` ↳${parent.key}` : ""}`;
    });
  }

  async #perform(perform: Perform, verb: Verb, asked: Command, signal: AbortSignal): Promise<Receipt> {
    const command = posted(asked);
    if (command.preview) return perform(command, signal);
    const fate = this.fates.shift() ?? "done";
    const ended = early(fate, ["the room is busy", "the room forbids it; ask its owner for voice", "no answer"]);
    if (ended) return ended;
    const receipt = await perform(command, signal);
    if (receipt.outcome === "refused") return { ...receipt, reason: "gone there" };
    const { item, root, object, emoji } = command;
    const { stands, ...told } = receipt as typeof receipt & { stands: Found };
    const text = object ? ` ${(object as MessageView).text}` : "";
    const parent = item ?? root;
    if (verb === "Create") this.done.push(`Create ${stands.sighting.key}${text}${parent ? ` ↳${parent.key}` : ""}`);
    else this.done.push(`${verb} ${item?.key}${text}${emoji ?? ""}`);
    if (fate === "done, answer lost") return { outcome: "unknown", reason: "no answer" };
    return fate === "done" ? receipt : told;
  }

  override adapter(over: Parameters<Toy["adapter"]>[0] = {}): Adapter {
    const { performs, find } = this.honest() as Required<Adapter>;
    const all = (["Create", "Update", "Delete", "Like", "EmojiReact", "Undo"] as const).map((verb) => {
      const perform: Perform = (command, signal) => this.#perform(performs[verb] as Perform, verb, command, signal);
      return [verb, perform];
    });
    return super.adapter({
      performs: Object.fromEntries(all),
      ...(this.finds !== "no" && {
        find: async (command: Command, signal: AbortSignal) =>
          this.finds === "yes" ? find({ ...posted(command), verb: "Create" }, signal) : "unknown",
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

  #send(command: Command, told: Receipt): Receipt {
    if (command.preview) return this.busy-- > 0 ? { outcome: "refused", reason: "421 too busy", again: true } : told;
    const fate = this.fates.shift() ?? "done";
    const ended = early(fate, ["450 later", "550 no such user", "the line broke"]);
    if (ended) return ended;
    const { text, attributedTo } = command.object as MessageView;
    this.sent.push(`${attributedTo?.name}: ${text} ↳${command.item?.key ?? command.root?.key ?? ""} <${command.id}>`);
    if (fate === "done, answer lost") return { outcome: "unknown", reason: "the line broke after DATA" };
    const key = `sent${(this.#n += 1)}`;
    const copy = whole(key, note(key, { text: text ?? "", attributedTo: { id: "mailto:support@example.org" } }), {
      same: [{ id: `mid:gs.${command.id}`, within: "everywhere", weight: "hint" }],
      mine: { marker: command.id },
    });
    this.put("Sent", copy);
    return { ...told, stands: { collection: "Sent", sighting: copy } } as Receipt;
  }

  override adapter(over: Parameters<Toy["adapter"]>[0] = {}): Adapter {
    const { performs, find } = this.honest() as Required<Adapter>;
    const { Create, Add, ...filing } = performs as Required<typeof performs>;
    const uid =
      (verb: Verb, perform: Perform): Perform =>
      async (command, signal) => ({ ...(await perform(command, signal)), native: `UID ${verb} ${command.item?.key}` });
    return super.adapter({
      performs: {
        Create: async (command, signal) => this.#send(command, await Create({ ...command, preview: true }, signal)),
        Move: uid("Move", filing.Move),
        Add: uid("Add", Add),
        Delete: uid("Delete", filing.Delete),
        Accept: uid("Accept", (command, signal) => Add({ ...command, flag: "accept" }, signal)),
      },
      find: async (command, signal) => {
        const found = await find({ ...command, verb: "Create" }, signal);
        return found === "absent" ? "unknown" : found;
      },
      ...over,
    });
  }
}
