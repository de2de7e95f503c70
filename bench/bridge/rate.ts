/**
 * How fast posts reach a room, against a bare client that posts the same serially per thread: the same stanzas as the hub, answers with
 * their quotes and threads among them, since a server takes twice as long for them as for a line of text.
 */

import { setTimeout as pause } from "node:timers/promises";
import { xml } from "@xmpp/client";
import type { Element } from "@xmpp/xml";
import { type Adapter, type MessageView, openHub } from "groupstream";
import { xmpp } from "groupstream/adapters/xmpp";
import { startProsody } from "../../test/lab/prosody.ts";
import { Person } from "../../test/lab/xmpp.ts";
import { type Bench, median, round } from "../bar.ts";

const threads = 20;
const count = 1_000;
/** Runs that are counted, after one that is not: a hub delivers for months, and how soon Node has compiled it is another question. */
const runs = 5;

/** Gives these notes when it is called, as one parcel; each thread's first begins it. */
const source = (notes: readonly { key: string; view: MessageView }[]): Adapter => ({
  contract: 1,
  id: "notes",
  kind: "notes",
  describe: async () => ({ server: "memory", mapping: 1, gives: {}, takes: {} }),
  async *collections() {
    yield { id: "all", name: "all", audience: ["mailto:ann@example.org"] };
  },
  async receive(_, to) {
    for (let at = 0; at < notes.length; at += 100)
      await to.keep(
        "all",
        notes.slice(at, at + 100).map(({ key, view }) => ({ key, revision: "1", object: view })),
      );
    return new Response(null, { status: 204 });
  },
  [Symbol.asyncDispose]: async () => undefined,
});

const textOf = (n: number): string => `Message ${n}, with some words that a person may have written to a room.`;

const notes = () =>
  Array.from({ length: count }, (_, n) => {
    const root = n % threads;
    const view: MessageView = {
      type: "Note",
      text: textOf(n),
      attributedTo: { id: "mailto:ada@example.org", name: "Ada" },
      ...(n >= threads && {
        inReplyTo: [{ collection: "all", key: `n${root}` }],
        context: [{ collection: "all", key: `n${root}` }],
      }),
    };
    return { key: `n${n}`, view };
  });

/** What servers add to a message. */
const added = new Set(["stanza-id", "occupant-id", "delay"]);

/** The conversations a room was shown: the parts of each message, with the root's key put in by who posts it again. */
const threadsIn = (heard: readonly Element[]): ReadonlyMap<string, readonly ((root: string) => readonly Element[])[]> => {
  const threads = new Map<string, ((root: string) => readonly Element[])[]>();
  for (const message of heard) {
    const key = message.getChild("stanza-id")?.attrs.id;
    const parts = message.getChildElements().filter(({ name }) => !added.has(name));
    const again = (root: string): readonly Element[] =>
      parts.map((one) =>
        one.name === "thread"
          ? xml("thread", {}, root)
          : one.name === "reply"
            ? xml("reply", { ...one.attrs, id: root })
            : xml(one.name, one.attrs, ...one.children),
      );
    const thread = message.getChildText("thread") ?? String(key);
    threads.set(thread, [...(threads.get(thread) ?? []), again]);
  }
  return threads;
};

export const rate = async ({ say }: Bench): Promise<void> => {
  const [own, bare]: [number[], number[]] = [[], []];
  for (let run = 0; run <= runs; run += 1) {
    const server = await startProsody();
    try {
      const room = `support@${server.rooms}`;
      const ann = await Person.open(server, await server.user("ann"));
      await ann.enter(room, "Ann");
      const { name, password } = await server.user("bridge");
      const chat = xmpp({
        id: "chat",
        domain: server.domain,
        service: `xmpp://${server.host}:${server.port}`,
        username: name,
        password,
        nickname: "Bridge",
        rooms: [room],
        audience: ["mailto:ann@example.org"],
      });
      const hub = await openHub({
        store: ":memory:",
        systems: [source(notes()), chat],
        routes: [{ from: "notes", to: "chat/support" }],
      });
      await hub.sync();
      await hub.receive("notes", new Request("http://localhost/", { method: "POST" }));
      const started = performance.now();
      await hub.sync({ systems: ["notes"] });
      own.push((1000 * count) / (performance.now() - started));
      const { deliveries } = await hub.status();
      if (deliveries.done !== count) {
        const [open] = await hub.deliveries({ states: ["retrying", "unknown", "pending"] });
        throw new Error(`${JSON.stringify(deliveries)} of ${count} were posted; ${open?.reason ?? ""}`);
      }
      await hub.close();

      const poster = await Person.open(server, await server.user("poster"));
      await poster.enter(room, "Poster");
      // The room shows a post to its sender before it shows it to everybody.
      const isPost = (stanza: Element): boolean => stanza.name === "message" && stanza.getChild("stanza-id") !== undefined;
      for (let n = 0; n < 100 && ann.heard.filter(isPost).length < count; n += 1) await pause(50);
      const heard = ann.heard.filter(isPost);
      if (heard.length !== count) throw new Error(`${heard.length} of ${count} posts were shown`);
      const posts = threadsIn(heard);
      if (posts.size !== threads) throw new Error(`${posts.size} of ${threads} threads were shown`);
      const begun = performance.now();
      await Promise.all(
        [...posts.values()].map(async (thread) => {
          let root = "";
          for (const parts of thread) {
            const { key } = await poster.say(room, parts(root));
            root ||= key;
          }
        }),
      );
      bare.push((1000 * count) / (performance.now() - begun));
      await poster.stop();
      await ann.stop();
    } finally {
      await server.stop();
    }
  }
  own.shift();
  bare.shift();
  const ratio = median(own) / median(bare);
  say({
    name: `${count} posts in ${threads} threads delivered to a room`,
    value: round(median(own), 0),
    unit: "posts/s",
    against: `a bare client, serially per thread: ${round(median(bare), 0)} a second`,
    ratio: round(ratio),
    bar: 0.6,
    holds: ratio >= 0.6,
  });
};
