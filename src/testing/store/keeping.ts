/** What every store keeps, whole or not at all. */

import { strict as assert } from "node:assert";
import type { Transaction } from "../../store/contract.ts";
import { collection, delivery, entry, item } from "./records.ts";
import { inOrder, type StoreCheck, write } from "./stage.ts";

export const keepingChecks: readonly StoreCheck[] = [
  {
    name: "gives back what was written, all of it",
    run: async ({ store }) => {
      const whole = item(1, "k", {
        order: "5",
        identity: "id",
        stamp: "L",
        mark: 3,
        markedAt: 4,
        asked: true,
        state: "missing",
        role: "rendering",
      });
      const { view: _view, ...bare } = item(2, "gone", { state: "gone" });
      const place = collection("mail/INBOX", {
        position: { deep: [1, null, "ü"] },
        owner: "mailto:ada@example.org",
        quietBefore: 3,
      });
      const object = {
        n: 1,
        uuid: "01890a5d-ac96-774b-bcce-b302099a8057",
        type: "Note" as const,
        version: 3,
        thread: 1,
        memory: { answers: {} },
      };
      await write(store, { collections: [place], items: [whole, bare], objects: [object] });
      await store.transaction(async (tx) => {
        assert.deepEqual(await tx.collection("mail/INBOX"), place);
        assert.deepEqual(await tx.collectionsAt(["mail/INBOX", "mail/none"]), [place]);
        assert.deepEqual(inOrder(await tx.items("mail/INBOX", ["k", "none", "gone"])), [whole, bare]);
        assert.deepEqual(await tx.objects([1, 9]), [object]);
        assert.deepEqual(await tx.itemsOf([1]), [whole]);
        const { n, place: at, key, object: about, role, state } = whole;
        const seat = { n, place: at, key, object: about, role, state };
        assert.deepEqual(await tx.itemHeadersOf([1, 9]), [seat]);
        assert.deepEqual(await tx.itemHeaders("mail/INBOX", [key, "none"]), [seat]);
        assert.deepEqual(await tx.itemHeaders("mail/none", [key]), []);
        assert.deepEqual(await tx.missing("mail"), [whole]);
      });
      assert.deepEqual(await store.object(object.uuid), { record: object, items: [whole] });
    },
  },

  {
    name: "lets a transaction see its own writes, and nobody else before it commits",
    run: async ({ store }) => {
      let release: () => void = () => undefined;
      const hold = new Promise<void>((resolve) => (release = resolve));
      const writing = store.transaction(async (tx) => {
        await tx.write({ collections: [collection()], items: [item(1, "k")], entries: [entry("1")] });
        assert.equal((await tx.items("mail/INBOX", ["k"])).length, 1);
        assert.equal(await tx.lastSeq(), 1);
        await hold;
      });
      const outside = Promise.all([store.lastSeq(), store.entries(0, 10), store.collections()]);
      release();
      await writing;
      const [seq, entries] = await outside;
      assert.equal(entries.length, seq);
      assert.equal(await store.lastSeq(), 1);
    },
  },

  {
    name: "leaves nothing of a transaction that throws, and passes its error on",
    run: async ({ store }) => {
      await write(store, { collections: [collection()] });
      const mine = new Error("mine");
      const failing = store.transaction(async (tx) => {
        await tx.write({
          items: [item(1, "k")],
          entries: [entry("1")],
          evidence: [{ scope: "*", id: "e", strong: true, object: 1 }],
          deliveries: [delivery("d")],
          systems: [{ id: "mail", kind: "toy", discovered: true, held: 0, mapping: 1 }],
          routes: [{ id: "r", seq: 5 }],
        });
        throw mine;
      });
      await assert.rejects(failing, (error) => error === mine);
      assert.deepEqual([await store.lastSeq(), await store.systems(), await store.deliveries({})], [0, [], []]);
      await store.transaction(async (tx) => {
        assert.deepEqual(await tx.items("mail/INBOX", ["k"]), []);
        assert.deepEqual(await tx.strong([{ scope: "*", id: "e" }]), []);
        assert.equal(await tx.route("r"), undefined);
      });
    },
  },

  {
    name: "goes on after a transaction that failed inside the database",
    run: async ({ store }) => {
      await write(store, { entries: [entry("1")] });
      await assert.rejects(write(store, { entries: [entry("2"), entry("1")] }), { code: "store" });
      assert.equal(await store.lastSeq(), 1);
      await write(store, { entries: [entry("2")] });
      assert.deepEqual(
        (await store.entries(0, 10)).map(({ id }) => id),
        ["urn:x:1", "urn:x:2"],
      );
    },
  },

  {
    name: "lets strong evidence keep its first object, and a hint name many",
    run: async ({ store }) => {
      const evidence = (object: number, strong: boolean, scope = "*") => ({ scope, id: "e", strong, object });
      await write(store, {
        collections: [collection()],
        items: [item(1, "a"), item(2, "b")],
        evidence: [evidence(1, true), evidence(1, false)],
      });
      await write(store, { evidence: [evidence(2, true), evidence(2, false), evidence(2, true, "mail")] });
      await store.transaction(async (tx) => {
        const key = { scope: "*", id: "e" };
        assert.deepEqual(
          (await tx.strong([key])).map(({ object }) => object),
          [1],
        );
        assert.deepEqual(
          (await tx.strong([{ scope: "mail", id: "e" }])).map(({ object }) => object),
          [2],
        );
        assert.deepEqual(
          (await tx.hints([key])).map(({ object }) => object),
          [1, 2],
        );
      });
    },
  },

  {
    name: "never gives one key of a collection to two items",
    run: async ({ store }) => {
      await write(store, { collections: [collection()], items: [item(1, "k")] });
      await write(store, { items: [item(2, "k")] }).catch(() => undefined);
      await store.transaction(async (tx) => assert.equal((await tx.items("mail/INBOX", ["k"])).length, 1));
    },
  },

  {
    name: "stamps without touching anything else",
    run: async ({ store }) => {
      await write(store, { collections: [collection()], items: [item(1, "a"), item(2, "b", { stamp: "L0" })] });
      await write(store, {
        stamps: [
          { n: 1, stamp: "L1", seen: 7 },
          { n: 2, seen: 8 },
        ],
      });
      await store.transaction(async (tx) => {
        assert.deepEqual(inOrder(await tx.items("mail/INBOX", ["a", "b"])), [
          item(1, "a", { stamp: "L1", seen: 7 }),
          item(2, "b", { stamp: "L0", seen: 8 }),
        ]);
        assert.deepEqual(await tx.listed("mail/INBOX", "L1"), {
          present: 2,
          stamped: 1,
          unstamped: [item(2, "b", { stamp: "L0", seen: 8 })],
        });
        assert.deepEqual([await tx.isEmpty("mail/INBOX"), await tx.isEmpty("mail/Archive")], [false, true]);
      });
    },
  },

  {
    name: "ticks and mints upwards, over transactions that failed and over a reopening",
    run: async ({ store, again }) => {
      const three = (tx: Transaction) => [tx.tick(), tx.tick(), tx.tick()];
      const first = await store.transaction(async (tx) => three(tx));
      await store
        .transaction(async (tx) => {
          tx.tick();
          throw new Error("no");
        })
        .catch(() => undefined);
      const second = await store.transaction(async (tx) => three(tx));
      assert.deepEqual(
        [...first, ...second],
        [...new Set([...first, ...second])].sort((a, b) => a - b),
      );
      if (!again) return;
      const other = await again();
      const [tick] = await other.transaction(async (tx) => three(tx));
      assert((tick ?? 0) > (second[2] ?? 0));
      await other[Symbol.asyncDispose]();
    },
  },

  {
    name: "keeps a setting as it was first set",
    run: async ({ store }) => {
      assert.equal(await store.setting("base"), undefined);
      assert.equal(await store.setting("base", "https://a"), "https://a");
      assert.equal(await store.setting("base", "https://b"), "https://a");
    },
  },

  {
    name: "keeps since when a key is in quarantine, and takes the rest anew; releases it",
    run: async ({ store }) => {
      const row = { place: "mail/INBOX", key: "q", revision: "1", reason: "no date", since: 5, tries: 1, mapping: 1 };
      await write(store, { quarantine: [row] });
      await write(store, { quarantine: [{ ...row, revision: "2", since: 9, tries: 2 }] });
      assert.deepEqual(await store.quarantine("mail"), [{ ...row, revision: "2", tries: 2 }]);
      assert.deepEqual(await store.quarantine("other"), []);
      await write(store, { released: [{ place: "mail/INBOX", key: "q" }] });
      assert.deepEqual(await store.quarantine(), []);
    },
  },

  {
    name: "forgets a system, and it alone; the log stays",
    run: async ({ store }) => {
      const system = (id: string) => ({ id, kind: "toy", discovered: true, held: 0, mapping: 1 });
      await write(store, {
        systems: [system("mail"), system("mail2")],
        collections: [collection("mail/INBOX"), collection("mail2/INBOX")],
        objects: [1, 2].map((n) => ({
          n,
          uuid: `01890a5d-ac96-774b-bcce-b302099a805${n}`,
          type: "Note" as const,
          version: 1,
          thread: n,
          memory: { view: { type: "Note" as const, name: "forgettable" } },
        })),
        items: [item(1, "a", { view: { type: "Note", name: "forgettable" } }), item(2, "b", { place: "mail2/INBOX" })],
        evidence: [1, 2].map((object) => ({ scope: "*", id: `e${object}`, strong: true, object })),
        threads: [{ scope: "mail", id: "t", thread: 1 }],
        quarantine: [{ place: "mail/INBOX", key: "q", revision: "1", reason: "no", since: 1, tries: 1, mapping: 1 }],
        entries: [entry("1")],
      });
      await store.forget("mail");
      assert.deepEqual(
        (await store.systems()).map(({ id }) => id),
        ["mail2"],
      );
      assert.deepEqual(
        (await store.collections()).map(({ place }) => place),
        ["mail2/INBOX"],
      );
      assert.deepEqual(await store.quarantine(), []);
      assert.equal(await store.lastSeq(), 1);
      await store.transaction(async (tx) => {
        assert.deepEqual(
          (
            await tx.strong([
              { scope: "*", id: "e1" },
              { scope: "*", id: "e2" },
            ])
          ).map(({ object }) => object),
          [2],
        );
        assert.deepEqual(await tx.threads([{ scope: "mail", id: "t" }]), []);
        assert.equal((await tx.items("mail2/INBOX", ["b"])).length, 1);
        assert(!JSON.stringify(await tx.objects([1])).includes("forgettable"));
      });
    },
  },

  {
    name: "is one holder's at a time; the refusal names the first",
    run: async ({ store, again }) => {
      const first = await store.lock("process 1");
      const other = again ? await again() : store;
      await assert.rejects(other.lock("process 2"), { code: "store", message: /process 2 .*process 1/ });
      await first[Symbol.asyncDispose]();
      const second = await other.lock("process 2");
      await second[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
      if (again) await other[Symbol.asyncDispose]();
    },
  },
];
