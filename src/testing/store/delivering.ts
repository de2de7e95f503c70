/** What every store finds for deliveries: what is due, what stands at a target, what belongs to a conversation. */

import { strict as assert } from "node:assert";
import type { Presence } from "../../store/contract.ts";
import { collection, delivery, item } from "./records.ts";
import { type StoreCheck, write } from "./stage.ts";

export const deliveringChecks: readonly StoreCheck[] = [
  {
    name: "gives the first open delivery of each lane, and one per target and entry",
    run: async ({ store }) => {
      await write(store, {
        deliveries: [
          delivery("1", { seq: 1, state: "done" }),
          delivery("2", { seq: 2, state: "retrying" }),
          delivery("3", { seq: 3 }),
          delivery("4", { seq: 4, lane: "hook/x 2", state: "unknown" }),
          delivery("5", { seq: 5, lane: "hook/x 3", state: "dead" }),
        ],
      });
      const heads = async (more: { now?: number; without?: readonly string[] } = {}) =>
        (await store.heads({ now: 10, without: [], limit: 10, ...more })).map(({ id }) => id);
      assert.deepEqual(await heads(), ["2", "4"]);
      assert.deepEqual(await heads({ without: ["hook/x"] }), []);
      assert.deepEqual(await heads({ now: -1 }), []);
      const first = async (lane: string) => (await store.headOf(lane))?.id;
      assert.deepEqual([await first("hook/x 1"), await first("hook/x 2"), await first("hook/x 3")], ["2", "4", undefined]);
      assert.deepEqual(await store.deliveryCounts(), { done: 1, retrying: 1, pending: 1, unknown: 1, dead: 1 });
      await assert.rejects(write(store, { deliveries: [delivery("6", { seq: 3 })] }), { code: "store" });
      assert.deepEqual(
        (await store.deliveries({ states: ["dead", "done"] })).map(({ id }) => id),
        ["1", "5"],
      );
    },
  },

  {
    name: "finds what was delivered of an object to a target, and what may have been performed in a system",
    run: async ({ store }) => {
      const losses = [{ field: "to", reason: "left out" }];
      await write(store, {
        deliveries: [
          delivery("1", { target: "chat/room", seq: 2, object: 7, state: "done", obstacle: "no-recipient", digest: "d", losses }),
          delivery("2", { target: "chat/room", seq: 1, object: 7, state: "void" }),
          delivery("3", { target: "chat/other", seq: 1, object: 7, state: "unknown" }),
          delivery("4", { target: "chat/room", seq: 3, object: 8, state: "sending" }),
          delivery("5", { target: "chatter/room", seq: 3, object: 8, state: "sending" }),
        ],
      });
      await store.transaction(async (tx) => {
        const delivered = await tx.deliveriesOf(7, "chat/room");
        assert.deepEqual(
          delivered.map(({ id }) => id),
          ["2", "1"],
        );
        assert.deepEqual([delivered[1]?.digest, delivered[1]?.losses, delivered[1]?.object], ["d", losses, 7]);
        assert.deepEqual((await tx.openDeliveries("chat")).map(({ id }) => id).sort(), ["3", "4"]);
      });
      const obstructed = await store.deliveries({ obstructed: true });
      assert.deepEqual(
        obstructed.map(({ id, obstacle }) => [id, obstacle]),
        [["1", "no-recipient"]],
      );
      assert.deepEqual(await store.deliveries({ obstructed: true, states: ["dead"] }), []);
    },
  },

  {
    name: "keeps why a delivery stands as it does, as the hub or the target said it",
    run: async ({ store }) => {
      const because = {
        code: "attempted-then",
        ground: { code: "wider", to: { who: ["mailto:eve@example.org"], more: 2 } },
      } as const;
      const first = delivery("1", { seq: 1, state: "void", because });
      const second = delivery("2", { seq: 2, state: "refused", attempt: 1, reason: "410" });
      const third = delivery("3", { seq: 3 });
      await write(store, { deliveries: [first, second, third] });
      assert.deepEqual(await store.deliveries({}), [first, second, third]);
      // Said anew: what it was before is over.
      const { reason: _reason, ...rest } = second;
      const again = { ...rest, because: { code: "no-entry" } } as const;
      await write(store, { deliveries: [again] });
      assert.deepEqual(await store.transaction((tx) => tx.delivery("2")), again);
    },
  },

  {
    name: "finds the items of a conversation in a system, and keeps what a rendering was made with",
    run: async ({ store }) => {
      const object = (n: number, thread: number) => ({
        n,
        uuid: `00000000-0000-4000-8000-00000000000${n}`,
        type: "Note" as const,
        version: 1,
        thread,
      });
      await write(store, {
        collections: [collection("mail/INBOX"), collection("chat/room")],
        objects: [object(1, 1), object(2, 1), object(3, 3)],
        items: [
          item(4, "c", { place: "chat/room", object: 2, role: "rendering", digest: "d" }),
          item(2, "a", { place: "chat/room", object: 1 }),
          item(3, "b", { object: 2 }),
          item(5, "e", { place: "chat/room", object: 3 }),
        ],
      });
      await store.transaction(async (tx) => {
        const found = async (there: string, only: { without?: number; states?: readonly Presence[]; limit?: number } = {}) =>
          (await tx.inThread(1, there, { without: 0, states: ["here", "missing", "out"], limit: 10, ...only })).map(
            ({ key, digest }) => [key, digest],
          );
        assert.deepEqual(await found("chat/"), [
          ["a", undefined],
          ["c", "d"],
        ]);
        assert.deepEqual(await found("chat/room"), await found("chat/"));
        assert.deepEqual(await found("chat/other"), []);
        assert.deepEqual(await found("chat/", { without: 1 }), [["c", "d"]]);
        assert.deepEqual(await found("chat/", { limit: 1 }), [["a", undefined]]);
        assert.deepEqual(await found("chat/", { states: ["out"] }), []);
        assert.deepEqual(await found("mail/"), [["b", undefined]]);
      });
    },
  },

  {
    name: "finds the objects that later evidence says are one, from either of them",
    run: async ({ store }) => {
      const links = [
        { a: 1, b: 2 },
        { a: 2, b: 5 },
        { a: 3, b: 4 },
      ];
      await write(store, { links });
      await write(store, { links: [{ a: 1, b: 2 }] });
      await store.transaction(async (tx) => {
        const linked = async (...ns: number[]) => [...(await tx.linked(ns))].sort();
        assert.deepEqual(await linked(1), [2]);
        assert.deepEqual(await linked(2), [1, 5]);
        assert.deepEqual(await linked(4, 1), [2, 3]);
        assert.deepEqual(await linked(1, 2), [5]);
        assert.deepEqual(await linked(9), []);
        assert.deepEqual(await linked(), []);
      });
    },
  },
];
