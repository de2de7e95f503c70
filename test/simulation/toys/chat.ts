/**
 * A chat: posts that are edited, deleted for good and reacted to; webhooks that come twice, late, or never.
 *
 * `delta`: asks for what changed after a time, deletions included · `listing`: lists each channel by reference.
 */

import { type Adapter, type Collection, GroupstreamError, type Page, type Position, type Read, type Sighting } from "groupstream";
import { padded } from "../random.ts";
import { type Env, type Fact, type Toy, type Truth, toyManifest } from "../world.ts";
import { type Channel, type Post, wholeOf } from "./chat-words.ts";

const people = ["acct:ann@chat.example", "acct:ben@chat.example", "acct:cy@chat.example"] as const;
const emojis = ["👍", "🎉", ":+1:"] as const;

export class ChatToy implements Toy {
  readonly id: string;
  readonly outbox: Request[] = [];
  readonly #env: Env;
  readonly #pull: "delta" | "listing";
  readonly #channels: Channel[] = [];
  #clock = 0;
  #count = 0;
  #rooms = 0;
  #cut = 0;
  #generation = 0;

  constructor(id: string, pull: "delta" | "listing", env: Env) {
    this.id = id;
    this.#pull = pull;
    this.#env = env;
    for (const name of ["town", "support"]) this.#open(name);
  }

  fill(count: number): void {
    for (let i = 0; i < count; i += 1) this.#write(this.#env.random.pick(this.#channels) as Channel);
    this.outbox.length = 0;
  }

  #line(what: string): void {
    this.#env.step(`${this.id} ${what}`);
    if (this.#cut > 0) {
      this.#cut -= 1;
      throw new GroupstreamError("unreachable", `${this.id}: the line is cut; it is tried again`, { system: this.id });
    }
  }

  #place(channel: Channel): string {
    return `${this.id}/${channel.id}`;
  }

  #find(id: string): Channel {
    const channel = this.#channels.find((one) => one.id === id);
    if (!channel || channel.hidden)
      throw new GroupstreamError("forbidden", `${this.id}: not a member of ${id}; ask to be invited`, {
        system: this.id,
        collection: id,
      });
    return channel;
  }

  adapter(): Adapter {
    const toy = this;
    return {
      contract: 1,
      id: toy.id,
      kind: "toy-chat",
      async describe() {
        return toyManifest();
      },
      async *collections(): AsyncGenerator<Collection> {
        toy.#line("channels");
        for (const { id, name, posts, deleted } of toy.#channels) {
          const revision = Math.max(0, ...[...posts.values()].map(({ updated }) => updated), ...deleted.values());
          yield { id, name, audience: [...people], revision: `${toy.#generation} ${revision}` };
        }
      },
      changes: ({ id }, since, read) => toy.#changes(id, since, read),
      async *fetch({ id }, keys, read) {
        for (const key of keys) {
          toy.#line(`post ${key}`);
          const channel = toy.#find(id);
          const post = channel.posts.get(key);
          yield post ? wholeOf(key, post, read) : toy.#gone(key, channel);
        }
      },
      async receive(request, to) {
        const { channel, key, revision } = (await request.json()) as { channel: string; key: string; revision: string };
        toy.#env.step(`${toy.id} webhook ${key}`);
        await to.keep(channel, [{ key, revision }]);
        to.ring(channel);
        return new Response(null, { status: 204 });
      },
      async [Symbol.asyncDispose]() {},
    };
  }

  async *#changes(id: string, since: Position | undefined, read: Read): AsyncGenerator<Page> {
    const { random, presence } = this.#env;
    this.#line(`posts of ${id}`);
    const channel = this.#find(id);
    const place = since as { g: number; upTo: number } | undefined;
    if (place && place.g !== this.#generation)
      throw new GroupstreamError("position-lost", `${this.id}: the cursor is too old; it is listed again`);
    const g = this.#generation;
    const upTo = this.#clock;
    if (!place || this.#pull === "listing") {
      if (!place) presence.opens(this.#place(channel));
      const listing = `${channel.id} ${presence.tick()}`;
      const keys = [...channel.posts.keys()];
      for (;;) {
        const now = keys.splice(0, 2 + random.int(3));
        const last = keys.length === 0;
        const sightings = now.map((key): Sighting => {
          const post = channel.posts.get(key);
          if (!post) return this.#gone(key, channel);
          return this.#pull === "listing" ? { key, revision: String(post.updated) } : wholeOf(key, post, read);
        });
        yield {
          sightings,
          position: { g: last ? g : -1, upTo },
          listing: { id: listing, ...(last && { last: true as const, count: channel.posts.size }) },
        };
        if (last) return;
        this.#line(`posts of ${channel.id}, next page`);
      }
    }
    for (let at = place.upTo; ; ) {
      const rows = [
        ...[...channel.posts].map(([key, post]) => ({ key, post, at: post.updated })),
        ...[...channel.deleted].map(([key, when]) => ({ key, post: undefined, at: when })),
      ]
        .filter((row) => row.at > at && row.at <= upTo)
        .sort((a, b) => a.at - b.at);
      const now = rows.slice(0, 1 + random.int(3));
      const done = now.length === rows.length;
      at = done ? upTo : (now.at(-1)?.at ?? upTo);
      yield {
        sightings: now.map(({ key, post }): Sighting => (post ? wholeOf(key, post, read) : this.#gone(key, channel))),
        position: { g, upTo: at },
      };
      if (done) return;
      this.#line(`posts of ${channel.id}, more changes`);
    }
  }

  #gone(key: string, channel: Channel): Sighting {
    return { key, gone: true, final: true, order: padded(channel.deleted.get(key) ?? this.#clock) };
  }

  truth(): Truth {
    return new Map(
      this.#channels.map((channel) => [
        this.#place(channel),
        [...channel.posts.values()].map(
          ({ tag, text, reactions }): Fact => ({ tag, copies: 1, flags: [], reactions: [...reactions], props: { text } }),
        ),
      ]),
    );
  }

  calm(): void {
    this.#cut = 0;
    for (const channel of this.#channels) channel.hidden = false;
  }

  again(): void {
    this.#generation += 1;
  }

  mutate(): string | undefined {
    const { random } = this.#env;
    const channel = random.pick(this.#channels) as Channel;
    const [key, post] = random.pick([...channel.posts]) ?? [];
    const roll = random.int(100);
    if (roll < 30 || key === undefined || !post) return this.#write(channel);
    if (roll < 50) {
      this.#touch(channel, key, post);
      post.edited = this.#clock;
      post.text = `${post.tag} edited ${this.#clock}`;
      return `edits ${post.tag}`;
    }
    if (roll < 80) {
      const actor = random.pick(people) as string;
      const emoji = random.pick(emojis) as string;
      const kept = post.reactions.filter((one) => one.actor !== actor || one.emoji !== emoji);
      const had = kept.length < post.reactions.length;
      post.reactions = had ? kept : [...kept, { actor, emoji }];
      this.#touch(channel, key, post);
      return `${actor} ${had ? "takes back" : "gives"} ${emoji} on ${post.tag}`;
    }
    if (roll < 95) {
      this.#clock += 1;
      channel.posts.delete(key);
      channel.deleted.set(key, this.#clock);
      this.#env.presence.leave(this.#place(channel), post.tag);
      this.#hook(channel, key, String(this.#clock));
      return `deletes ${post.tag}`;
    }
    if (this.#channels.length < 4) {
      this.#rooms += 1;
      const made = this.#open(`room${this.#rooms}`);
      if (random.chance(0.7)) this.#write(made);
      return `opens ${made.id}`;
    }
    channel.name = `${channel.id} renamed ${this.#clock}`;
    return `renames ${channel.id}`;
  }

  trouble(): string | undefined {
    const channel = this.#env.random.pick(this.#channels) as Channel;
    switch (this.#env.random.int(3)) {
      case 0:
        this.#cut = 1;
        return "line is cut";
      case 1:
        this.#generation += 1;
        return "forgets cursors";
      default:
        channel.hidden = !channel.hidden;
        return `hides: ${channel.id} is ${channel.hidden ? "hidden" : "shown"}`;
    }
  }

  #open(id: string): Channel {
    const channel: Channel = { id, name: id, posts: new Map(), deleted: new Map(), hidden: false };
    this.#channels.push(channel);
    return channel;
  }

  #touch(channel: Channel, key: string, post: Post): void {
    this.#clock += 1;
    post.updated = this.#clock;
    this.#hook(channel, key, String(post.updated));
  }

  #hook(channel: Channel, key: string, revision: string): void {
    const { random } = this.#env;
    for (let times = random.int(3); times > 0; times -= 1) {
      const request = new Request("http://127.0.0.1/hook", {
        method: "POST",
        body: JSON.stringify({ channel: channel.id, key, revision }),
      });
      this.outbox.splice(random.int(this.outbox.length + 1), 0, request);
    }
  }

  #write(channel: Channel): string {
    this.#count += 1;
    this.#clock += 1;
    const tag = `${this.id}-${this.#count}`;
    const post: Post = {
      tag,
      author: this.#env.random.pick(people) as string,
      text: `${tag} first`,
      edited: this.#clock,
      updated: this.#clock,
      came: this.#env.clock.now(),
      reactions: [],
    };
    const key = `post-${this.#count}`;
    channel.posts.set(key, post);
    this.#env.presence.enter(this.#place(channel), tag);
    this.#hook(channel, key, String(post.updated));
    return `${post.author} writes ${tag} in ${channel.id}`;
  }
}
