/** An inbox that cannot be read again: what is posted to it comes once at least, in any order, and is kept before the 2xx. */

import type { Adapter, Sighting } from "groupstream";
import { padded } from "../random.ts";
import { type Env, type Fact, type Toy, type Truth, toyManifest } from "../world.ts";

interface Note {
  readonly tag: string;
  text: string;
  order: number;
  gone: boolean;
}

export class PushToy implements Toy {
  readonly id: string;
  readonly outbox: Request[] = [];
  readonly #env: Env;
  readonly #notes = new Map<string, Note>();
  #order = 0;

  constructor(id: string, env: Env) {
    this.id = id;
    this.#env = env;
  }

  adapter(): Adapter {
    const toy = this;
    return {
      contract: 1,
      id: toy.id,
      kind: "toy-push",
      async describe() {
        return toyManifest();
      },
      async *collections() {
        yield { id: "inbox", name: "inbox", role: "inbox", audience: "public" };
      },
      async receive(request, to) {
        toy.#env.step(`${toy.id} receives`);
        await to.keep("inbox", [(await request.json()) as Sighting]);
        return new Response(null, { status: 202 });
      },
      async [Symbol.asyncDispose]() {},
    };
  }

  truth(): Truth {
    const standing = [...this.#notes.values()].filter(({ gone }) => !gone);
    return new Map([
      [
        `${this.id}/inbox`,
        standing.map(({ tag, text }): Fact => ({ tag, copies: 1, flags: [], reactions: [], props: { text } })),
      ],
    ]);
  }

  calm(): void {}

  again(): void {
    for (const [key, note] of this.#notes) this.#send(key, note);
  }

  trouble(): string | undefined {
    const again = this.#env.random.pick(this.outbox);
    if (!again) return undefined;
    this.outbox.push(again.clone());
    return "a parcel will come twice";
  }

  mutate(): string | undefined {
    const { random } = this.#env;
    const [key, note] = random.pick([...this.#notes].filter(([, { gone }]) => !gone)) ?? [];
    const roll = random.int(100);
    this.#order += 1;
    if (roll < 45 || key === undefined || !note) {
      const made: Note = { tag: `n${this.#order}`, text: `n${this.#order} first`, order: this.#order, gone: false };
      const id = `https://far.example/${this.#order}`;
      this.#notes.set(id, made);
      this.#env.presence.enter(`${this.id}/inbox`, made.tag);
      this.#send(id, made);
      return `${made.tag} is posted`;
    }
    note.order = this.#order;
    if (roll < 75) note.text = `${note.tag} edited ${this.#order}`;
    else {
      note.gone = true;
      this.#env.presence.leave(`${this.id}/inbox`, note.tag);
    }
    this.#send(key, note);
    return `${note.tag} is ${note.gone ? "deleted" : "edited"}`;
  }

  #send(key: string, note: Note): void {
    const order = padded(note.order);
    const sighting: Sighting = note.gone
      ? { key, gone: true, final: true, order }
      : {
          key,
          revision: order,
          object: { type: "Note", name: note.tag, text: note.text, edition: order },
          same: [{ id: key, within: "everywhere", weight: "identity" }],
          order,
        };
    const { random } = this.#env;
    for (let times = random.chance(0.3) ? 2 : 1; times > 0; times -= 1) {
      const request = new Request("http://127.0.0.1/inbox", { method: "POST", body: JSON.stringify(sighting) });
      this.outbox.splice(random.int(this.outbox.length + 1), 0, request);
    }
  }
}
