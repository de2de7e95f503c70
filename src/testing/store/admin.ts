/** Looking after every store: erasing, pruning, copying, requests. */

import { strict as assert } from "node:assert";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collection, delivery, entry, item } from "./records.ts";
import { type StoreCheck, write } from "./stage.ts";

const object = (n: number) => ({
  n,
  uuid: `01890a5d-ac96-774b-bcce-b302099a80${n.toString().padStart(2, "0")}`,
  type: "Note" as const,
  version: 1,
  thread: n,
});

export const adminChecks: readonly StoreCheck[] = [
  {
    name: "finds an activity's entry, and every entry of an object, in order",
    run: async ({ store }) => {
      await write(store, { entries: [entry("1"), entry("2", { object: 2 }), entry("3")] });
      assert.deepEqual(
        (await store.find({ object: 1 })).map(({ seq }) => seq),
        [1, 3],
      );
      assert.deepEqual(await store.find({ activity: "urn:x:2" }), [{ ...entry("2", { object: 2 }), seq: 2 }]);
      assert.deepEqual(await store.find({ activity: "urn:x:none" }), []);
      assert.deepEqual(await store.find({ object: 9 }), []);
    },
  },
  {
    name: "finds deliveries by entry, state and target",
    run: async ({ store }) => {
      await write(store, { deliveries: [delivery("a"), delivery("b", { seq: 2 }), delivery("c", { seq: 2, target: "hook/y" })] });
      const ids = async (filter: Parameters<typeof store.deliveries>[0]) => (await store.deliveries(filter)).map(({ id }) => id);
      assert.deepEqual(await ids({ seq: 2 }), ["b", "c"]);
      assert.deepEqual(await ids({ seq: 2, target: "hook/y" }), ["c"]);
      assert.deepEqual(await ids({ seq: 3 }), []);
      assert.deepEqual(await ids({ seq: 1, states: ["done"] }), []);
    },
  },
  {
    name: "keeps where a route began, wherever it has got since",
    run: async ({ store }) => {
      await write(store, { routes: [{ id: "mail → crm", seq: 4 }] });
      await write(store, { routes: [{ id: "mail → crm", seq: 9 }] });
      assert.deepEqual(await store.routes(), [{ id: "mail → crm", seq: 9, began: 4 }]);
    },
  },
  {
    name: "counts the log's entries of a system by the first of their places",
    run: async ({ store }) => {
      const places = (...at: string[]) => ({ places: at });
      await write(store, {
        entries: [entry("1"), entry("2", places("mail/Sent", "mail/INBOX")), entry("3"), entry("4", places("chat/general"))],
      });
      const { told, toldAt } = await store.counts("mail");
      assert.equal(told, 3);
      assert.deepEqual(toldAt, [
        { place: "mail/INBOX", told: 2 },
        { place: "mail/Sent", told: 1 },
      ]);
    },
  },
  {
    name: "erases in place: number, id, type, place and order stay",
    run: async ({ store }) => {
      await write(store, { entries: ["1", "2", "3"].map((id) => entry(id)) });
      const before = await store.entries(0, 10);
      await store.erase([{ seq: 2, activity: '{"id":"urn:x:2","type":"Create"}' }]);
      const [first, second, third] = await store.entries(0, 10);
      assert.deepEqual([first, third], [before[0], before[2]]);
      assert.deepEqual(second, { ...before[1], activity: '{"id":"urn:x:2","type":"Create"}' });
      await store.erase([]);
    },
  },
  {
    name: "prunes up to a number, with the deliveries; never the newest; no number is given again",
    run: async ({ store }) => {
      await write(store, {
        entries: ["1", "2", "3", "4"].map((id) => entry(id)),
        deliveries: [1, 2, 3, 4].map((seq) => delivery(`${seq}`, { seq, state: "done" })),
      });
      assert.equal(await store.prune(2), 2);
      assert.deepEqual(
        (await store.entries(0, 10)).map(({ seq }) => seq),
        [3, 4],
      );
      assert.deepEqual(
        (await store.deliveries({})).map(({ seq }) => seq),
        [3, 4],
      );
      assert.equal(await store.prune(1_000), 1);
      assert.equal(await store.lastSeq(), 4);
      assert.equal(await store.prune(1_000), 0);
      await write(store, { entries: [entry("5")] });
      assert.equal(await store.lastSeq(), 5);
    },
  },
  {
    name: "gives no object's number again while an entry bears it",
    run: async ({ store, again }) => {
      const n = await store.transaction(async (tx) => {
        const minted = tx.mint("object");
        await tx.write({
          systems: [{ id: "mail", kind: "toy", discovered: true, held: 0, mapping: 1 }],
          collections: [collection()],
          objects: [object(minted)],
          items: [item(tx.mint("item"), "k", { object: minted })],
          entries: [entry("1", { object: minted })],
        });
        return minted;
      });
      await store.forget("mail");
      const other = again ? await again() : store;
      assert((await other.transaction(async (tx) => tx.mint("object"))) > n, "the number of a forgotten object was given again");
      if (again) await other[Symbol.asyncDispose]();
    },
  },
  {
    name: "writes a whole copy for its owner alone, and never over a file",
    run: async ({ store }) => {
      const folder = mkdtempSync(join(tmpdir(), "groupstream-copy-"));
      try {
        await write(store, { entries: [entry("1")] });
        const path = join(folder, "copy");
        await store.backup(path);
        const { size, mode } = statSync(path);
        assert(size > 0);
        assert.equal(mode & 0o077, 0, "others can read the copy");
        writeFileSync(join(folder, "there"), "mine");
        await assert.rejects(store.backup(join(folder, "there")), { code: "store" });
        await assert.rejects(store.backup(join(folder, "none", "copy")), { code: "store" });
        assert.equal(existsSync(join(folder, "none")), false);
        assert.equal(statSync(join(folder, "there")).size, 4);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  },
  {
    name: "hands requests over in order, once each, with their answers; hears of another opening's",
    run: async ({ store, again }) => {
      const other = again ? await again() : store;
      const waiting = store.asked(AbortSignal.timeout(5_000));
      const first = await other.ask({ what: "retry", delivery: "d" }, 1);
      assert.deepEqual(await waiting, [{ n: first, request: { what: "retry", delivery: "d" } }]);
      const second = await other.ask({ what: "release", place: "mail/INBOX", key: "k" }, 2);
      assert.deepEqual(
        (await store.asked(AbortSignal.timeout(5_000))).map(({ n }) => n),
        [first, second],
      );
      assert.equal(await other.answerTo(first), undefined);
      await store.answer(first, '{"done":null}');
      assert.equal(await other.answerTo(first), '{"done":null}');
      await other.withdraw(first);
      assert.equal(await other.answerTo(first), undefined);
      await other.withdraw(second);
      await store.answer(second, "late");
      assert.equal(await other.answerTo(second), undefined);
      await assert.rejects(store.asked(AbortSignal.abort(new Error("enough"))), /enough/);
      if (again) await other[Symbol.asyncDispose]();
    },
  },
];
