/**
 * One random history of a bridge: a mailbox that sends and a room, both carried both ways, or two rooms. People write, answer,
 * edit, delete, react, a moderator removes posts; answers of the targets are lost, done or not; the process dies at any step.
 * Then all is quiet, and what stands at each end must be what the other end says, each once, in its thread.
 */

import type { Adapter, MessageView, Whole } from "groupstream";
import { sqliteStore } from "groupstream/stores/sqlite";
import type { Hub } from "../../src/hub/hub.ts";
import { openHubWith } from "../../src/hub/hub.ts";
import type { HubOptions } from "../../src/hub/options.ts";
import { bot, type Fate, Postbox, Room } from "../bridge/room.ts";

import { FakeClock } from "./clock.ts";
import { Life, mortal } from "./crash.ts";
import type { Broken } from "./history.ts";
import { padded, Random } from "./random.ts";

export interface Bridged {
  readonly seed: number;
  readonly broken: readonly Broken[];
  readonly trace: readonly string[];
  readonly deaths: number;
  readonly performed: number;
}

export type BridgeWorld = "mail and room" | "room and room";

/** Syncs until nothing may be open once the world is quiet. */
const roundsAtMost = 14;

/** A thing somebody wrote, and what is true of it. */
interface Written {
  readonly tag: string;
  /** Where: system. */
  readonly at: string;
  readonly key: string;
  text: string;
  edition: number;
  gone: boolean;
  /** In reply to: the tag of what is answered. */
  readonly answers?: string;
  /** Its rendering was removed by a moderator. */
  removed?: boolean;
  readonly emoji: Set<string>;
}

export const runBridge = async (world: BridgeWorld, seed: number, planted?: (adapter: Adapter) => Adapter): Promise<Bridged> => {
  const random = new Random(seed);
  const clock = new FakeClock();
  const trace: string[] = [];
  const broken: Broken[] = [];
  const complain = (law: string, what: string): void => void broken.push({ law, what });
  const mails = world === "mail and room";
  const [mail, left] = [new Postbox("mail"), new Room("left")];
  const chat = new Room("chat");
  const a: Postbox | Room = mails ? mail : left;
  for (const room of [left, chat]) {
    room.markers = random.chance(0.6);
    room.finds = random.pick(["yes", "never knows", "no"] as const) ?? "yes";
  }
  trace.push(`left: markers ${left.markers}, finds ${left.finds} · chat: markers ${chat.markers}, finds ${chat.finds}`);
  const source = mails ? "INBOX" : "room";
  let life = new Life();
  const stepping = (what: string): void => {
    life.step(what);
    clock.advance(1 + random.int(900));
  };
  for (const toy of [mail, left, chat]) toy.before = (what) => stepping(`${toy.id} ${what}`);
  const store = await sqliteStore(":memory:");
  let mine = mortal(store, life, ({ entries }) => {
    for (const { seq, type, facet } of entries) trace.push(`    = ${seq} ${type} ${facet}`);
  });
  const routes: HubOptions["routes"] = [
    { from: `${a.id}/${source}`, to: "chat/room", widen: "a test" },
    { from: "chat/room", to: mails ? "mail" : "left/room", widen: "a test", ...(mails && { only: "replies" as const }) },
  ];
  const open = (): Promise<Hub> => {
    mine = mortal(store, life, ({ entries }) => {
      for (const { seq, type, facet } of entries) trace.push(`    = ${seq} ${type} ${facet}`);
    });
    const adapters = [a.adapter(), chat.adapter()].map((adapter) =>
      dying(planted?.(adapter) ?? adapter, stepping, (line) => void trace.push(line)),
    );
    return openHubWith({ store: mine, systems: adapters, routes: routes ?? [], clock, random: () => random.next() });
  };
  let hub = await open();
  let deaths = 0;
  let calm = true;
  const sync = async (): Promise<void> => {
    calm = false;
    trace.push("sync");
    try {
      await hub.sync();
    } catch (error) {
      if (!life.dead) complain("L0", `sync fails: ${error instanceof Error ? error.stack : String(error)}`);
    }
    if (!life.dead) {
      life.endsIn(Number.POSITIVE_INFINITY);
      calm = (await hub.deliveries({ states: ["pending", "sending", "retrying", "unknown"] })).length === 0;
      return;
    }
    deaths += 1;
    trace.push(`  † ${life.end}`);
    await mine.leave();
    life = new Life();
    hub = await open();
  };

  const written: Written[] = [];
  let count = 0;
  const standing = (at?: string): Written[] => written.filter((one) => !one.gone && (at === undefined || one.at === at));
  const show = (one: Written): void => {
    if (one.at !== "mail") {
      const room = one.at === "chat" ? chat : left;
      const old = room.at("room").items.get(one.key) as Whole;
      const object: MessageView = {
        ...(old.object as MessageView),
        text: one.text,
        edition: padded(one.edition),
        reactions: [
          ...(old.object.reactions ?? []).filter(({ actor }) => actor === bot),
          ...[...one.emoji].map((emoji) => ({ actor: "xmpp:p@x", emoji })),
        ],
      };
      room.put("room", {
        ...old,
        object,
        revision: `${one.edition} ${[...one.emoji]} ${(old.object.reactions ?? []).length} ${random.next()}`,
      });
      return;
    }
    const parent = written.find(({ tag }) => tag === one.answers);
    mail.mail("INBOX", one.tag, {
      text: one.text,
      edition: padded(one.edition),
      ...(parent && { inReplyTo: [refTo(parent)], context: [refTo(rootOf(parent))] }),
    });
  };
  const rootOf = (one: Written): Written => {
    const parent = written.find(({ tag }) => tag === one.answers);
    return parent ? rootOf(parent) : one;
  };
  /**
   * How a mail names what it answers: a mail by its Message-ID, a post by the Message-ID our mail of it had. Where no copy of ours
   * stands nobody has that one as evidence yet, and adapters name it by the marker it holds.
   */
  const refTo = (one: Written) => {
    if (one.at === "mail") return { evidence: `mid:${one.tag}` };
    const sent = mail.sent.find((line) => line.includes(`: ${one.tag} `) || line.includes(`: ${one.text} `));
    const id = /<(.*)>$/.exec(sent ?? "")?.[1] ?? "none";
    const copied = [...mail.at("Sent").items.values()].some((copy) => (copy as Whole).mine?.marker === id);
    return random.chance(0.5) && copied ? { evidence: `mid:gs.${id}` } : { marker: id };
  };
  /** The key under which somebody at a room sees this thing. */
  const seenAt = (room: Room, one: Written): string | undefined => {
    if (one.at === room.id) return one.key;
    for (const sighting of room.at("room").items.values()) {
      const { key, object } = sighting as Whole;
      if ((object as MessageView).attributedTo?.id === bot && (object as MessageView).text?.endsWith(`: ${one.text}`)) return key;
    }
    return undefined;
  };
  const write = (at: string): void => {
    const tag = `t${(count += 1)}`;
    const answered = random.chance(0.6) ? random.pick(standing()) : undefined;
    if (at === "mail") {
      const visible = answered && (answered.at === "mail" || mail.sent.some((line) => line.includes(`: ${answered.tag} `)));
      const one: Written = {
        tag,
        at,
        key: tag,
        text: tag,
        edition: 0,
        gone: false,
        emoji: new Set(),
        ...(visible && { answers: answered.tag }),
      };
      written.push(one);
      trace.push(`mail: ${tag} arrives${visible ? ` answering ${answered.tag}` : ""}`);
      show(one);
      return;
    }
    const room = at === "chat" ? chat : left;
    const parent = answered && seenAt(room, answered);
    const key = room.says(tag, { ...(parent !== undefined && { answers: parent }) });
    trace.push(`${at}: ${tag} is said as ${key}${parent ? ` answering ${answered?.tag} (${parent})` : ""}`);
    written.push({
      tag,
      at,
      key,
      text: tag,
      edition: 0,
      gone: false,
      emoji: new Set(),
      ...(parent !== undefined && answered && { answers: answered.tag }),
    });
  };
  const mutate = (): void => {
    const one = random.pick(standing());
    const roll = random.int(100);
    if (!one || roll < 45) return write(random.pick([a.id, "chat"]) ?? "chat");
    if (roll < 62) {
      one.edition += 1;
      // A mail that was sent is never edited: what its Message-ID is found by stays.
      one.text = `${one.tag}v${one.edition}`;
      trace.push(`${one.at}: ${one.tag} becomes ${one.text}`);
      return show(one);
    }
    if (roll < 74) {
      one.gone = true;
      trace.push(`${one.at}: ${one.tag} is deleted`);
      if (one.at === "mail") mail.remove("INBOX", one.key);
      else (one.at === "chat" ? chat : left).remove("room", one.key, { final: true });
      return;
    }
    if (roll < 80) {
      // What nobody but the hub has seen yet cannot be told from what was never made.
      if (!calm) return;
      const room = one.at === "chat" ? left : chat;
      const key = mails && one.at === "chat" ? undefined : seenAt(room, one);
      if (key === undefined || one.at === room.id) return;
      one.removed = true;
      trace.push(`${room.id}: a moderator removes ${key}, of ${one.tag}`);
      room.remove("room", key, { final: true });
      return;
    }
    if (mails || one.gone) return;
    const emoji = random.pick(["👍", "🎉"]) ?? "👍";
    if (!one.emoji.delete(emoji)) one.emoji.add(emoji);
    trace.push(`${one.at}: ${one.tag} has ${[...one.emoji]}`);
    show(one);
  };
  const fates: readonly Fate[] = ["done, answer lost", "not done, answer lost", "refused", "done, says nothing", "done"];

  await sync();
  for (let n = 8 + random.int(14); n > 0; n -= 1) {
    const roll = random.int(100);
    if (roll < 55) for (let m = 1 + random.int(3); m > 0; m -= 1) mutate();
    else {
      if (random.chance(0.5)) for (const toy of [mail, left, chat]) toy.fates.push(random.pick(fates) ?? "done");
      if (random.chance(0.35)) life.endsIn(2 + random.int(120));
      await sync();
    }
    clock.advance(random.int(90_000));
  }
  trace.push("quiet now");
  for (const toy of [mail, left, chat]) toy.fates.length = 0;
  let rounds = 0;
  for (let quiet = 0; quiet < 2 && rounds < roundsAtMost; rounds += 1) {
    clock.advance(2 * 3_600_000);
    const before = trace.length;
    await sync();
    const open = await hub.deliveries({ states: ["pending", "sending", "retrying", "unknown"] });
    quiet = trace.length === before + 1 && open.length === 0 ? quiet + 1 : 0;
  }
  if (rounds >= roundsAtMost) complain("B0", `deliveries are open after ${rounds} rounds`);

  for (const { seq, target, verb, state, attempts, reason } of await hub.deliveries())
    trace.push(`  # ${seq} ${target} ${verb} ${state} after ${attempts}${reason ? `: ${reason}` : ""}`);
  for (const done of [...left.done, ...chat.done, ...mail.sent]) trace.push(`  + ${done}`);

  /** Every post of ours at a room, by its text. */
  const oursAt = (room: Room): Map<string, Whole[]> =>
    Map.groupBy(
      [...room.at("room").items.values()].filter(
        (one) => ((one as Whole).object as MessageView).attributedTo?.id === bot,
      ) as Whole[],
      ({ object }) => ((object as MessageView).text ?? "").replace(/^.*?: /, ""),
    );
  const judge = (room: Room, from: string): void => {
    const posts = oursAt(room);
    for (const one of written.filter(({ at }) => at === from)) {
      const here = posts.get(one.text) ?? [];
      const dead = (await_(one) ?? []).length;
      const wanted = !one.gone && !one.removed ? 1 : 0;
      if (here.length !== wanted)
        complain("B1", `${one.tag} (${one.text}) of ${from}: ${here.length} posts in ${room.id}, ${wanted} wanted ${dead}`);
      posts.delete(one.text);
      const [post] = here;
      const parent = written.find(({ tag }) => tag === one.answers);
      if (!post || !parent || parent.removed || parent.gone) continue;
      const shown = seenAt(room, parent);
      const named = ((post.object as MessageView).inReplyTo ?? []).map((ref) => ("key" in ref ? ref.key : ""));
      if (shown !== undefined && !named.includes(shown))
        complain("B2", `${one.tag} answers ${parent.tag} (${shown}), and is posted beneath ${named}`);
      const emoji = new Set((post.object.reactions ?? []).filter(({ actor }) => actor === bot).map((reaction) => reaction.emoji));
      if ([...emoji].sort().join() !== [...one.emoji].sort().join())
        complain("B5", `${one.tag} has ${[...one.emoji]}, its post ${[...emoji]} of ours`);
    }
    for (const [text, extra] of posts)
      complain("B3", `${extra.length} posts "${text}" in ${room.id} that nobody wrote elsewhere`);
  };
  const await_ = (one: Written): readonly string[] => mail.sent.filter((line) => line.includes(`: ${one.tag} `));
  judge(chat, a.id);
  if (!mails) judge(left, "chat");
  else {
    const sends = Map.groupBy(mail.sent, (line) => /<(.*)>$/.exec(line)?.[1] ?? "");
    const texts = new Map<string, Set<string>>();
    for (const [id, lines] of sends) {
      const said = (lines[0] ?? "").replace(/^.*?: /, "").replace(/v\d+ .*| ↳.*/, "");
      texts.set(said, (texts.get(said) ?? new Set()).add(id));
    }
    for (const [said, ids] of texts) if (ids.size > 1) complain("B4", `${said} was sent under ${ids.size} Message-IDs`);
    for (const one of written.filter(({ at }) => at === "chat")) {
      const sent = texts.has(one.tag);
      const root = rootOf(one);
      if (sent && root.at === "chat") complain("B4", `${one.tag} answers nothing of the mailbox, and was sent`);
    }
  }
  await hub.close();
  await mine.leave();
  await store[Symbol.asyncDispose]();
  return { seed, broken, trace, deaths, performed: chat.done.length + left.done.length + mail.sent.length };
};

/** Every act of the target is a step at which the process may die: before it, and after it before its answer is known. */
const dying = (adapter: Adapter, step: (what: string) => void, tell: (line: string) => void): Adapter => ({
  ...adapter,
  performs: Object.fromEntries(
    Object.entries(adapter.performs ?? {}).map(([verb, perform]) => [
      verb,
      async (...[command, signal]: Parameters<typeof perform>) => {
        step(`before ${verb}`);
        const receipt = await perform(command, signal);
        tell(`    ! ${adapter.id} ${verb}${command.preview ? " preview" : ""} ${command.id.slice(0, 4)}: ${receipt.outcome}`);
        step(`after ${verb}`);
        return receipt;
      },
    ]),
  ),
});
