/** What every store must hold, whatever it stands on. `make` gives an empty one; `again` opens the same a second time, if it can. */

import { afterEach, describe, expect, it } from "vitest";
import type { Changes, Item, Store, Transaction } from "../../src/store/contract.ts";
import { logTests } from "./suite-log.ts";
import { collection, delivery, entry, item } from "./suite-records.ts";

export interface Made {
  readonly store: Store;
  readonly again?: () => Promise<Store>;
  readonly end: () => Promise<void>;
}

const inOrder = (items: readonly Item[]): readonly Item[] => [...items].sort((a, b) => a.n - b.n);
const write = (store: Store, changes: Changes) => store.transaction((tx) => tx.write(changes));

export const storeSuite = (name: string, make: () => Promise<Made>): void => {
  const made: Made[] = [];
  const open = async (): Promise<Made> => {
    const one = await make();
    made.push(one);
    return one;
  };
  afterEach(async () => {
    for (const one of made.splice(0)) await one.end();
  });

  describe(name, () => {
    it("gives back what was written, all of it", async () => {
      const { store } = await open();
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
        expect(await tx.collection("mail/INBOX")).toEqual(place);
        expect(await tx.collectionsAt(["mail/INBOX", "mail/none"])).toEqual([place]);
        expect(inOrder(await tx.items("mail/INBOX", ["k", "none", "gone"]))).toEqual([whole, bare]);
        expect(await tx.objects([1, 9])).toEqual([object]);
        expect(await tx.itemsOf([1])).toEqual([whole]);
        expect(await tx.missing("mail")).toEqual([whole]);
      });
      expect(await store.object(object.uuid)).toEqual({ record: object, items: [whole] });
    });

    it("lets a transaction see its own writes, and nobody else before it commits", async () => {
      const { store } = await open();
      let release: () => void = () => undefined;
      const hold = new Promise<void>((resolve) => (release = resolve));
      const writing = store.transaction(async (tx) => {
        await tx.write({ collections: [collection()], items: [item(1, "k")], entries: [entry("1")] });
        expect(await tx.items("mail/INBOX", ["k"])).toHaveLength(1);
        expect(await tx.lastSeq()).toBe(1);
        await hold;
      });
      const outside = Promise.all([store.lastSeq(), store.entries(0, 10), store.collections()]);
      release();
      await writing;
      const [seq, entries] = await outside;
      expect(entries).toHaveLength(seq);
      expect(await store.lastSeq()).toBe(1);
    });

    it("leaves nothing of a transaction that throws, and passes its error on", async () => {
      const { store } = await open();
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
      await expect(failing).rejects.toBe(mine);
      expect([await store.lastSeq(), await store.systems(), await store.deliveries({})]).toEqual([0, [], []]);
      await store.transaction(async (tx) => {
        expect(await tx.items("mail/INBOX", ["k"])).toEqual([]);
        expect(await tx.strong([{ scope: "*", id: "e" }])).toEqual([]);
        expect(await tx.route("r")).toBeUndefined();
      });
    });

    it("goes on after a transaction that failed inside the database", async () => {
      const { store } = await open();
      await write(store, { entries: [entry("1")] });
      await expect(write(store, { entries: [entry("2"), entry("1")] })).rejects.toMatchObject({ code: "store" });
      expect(await store.lastSeq()).toBe(1);
      await write(store, { entries: [entry("2")] });
      expect((await store.entries(0, 10)).map(({ id }) => id)).toEqual(["urn:x:1", "urn:x:2"]);
    });

    it("lets strong evidence keep its first object, and a hint name many", async () => {
      const { store } = await open();
      const evidence = (object: number, strong: boolean, scope = "*") => ({ scope, id: "e", strong, object });
      await write(store, {
        collections: [collection()],
        items: [item(1, "a"), item(2, "b")],
        evidence: [evidence(1, true), evidence(1, false)],
      });
      await write(store, { evidence: [evidence(2, true), evidence(2, false), evidence(2, true, "mail")] });
      await store.transaction(async (tx) => {
        const key = { scope: "*", id: "e" };
        expect((await tx.strong([key])).map(({ object }) => object)).toEqual([1]);
        expect((await tx.strong([{ scope: "mail", id: "e" }])).map(({ object }) => object)).toEqual([2]);
        expect((await tx.hints([key])).map(({ object }) => object)).toEqual([1, 2]);
      });
    });

    it("never gives one key of a collection to two items", async () => {
      const { store } = await open();
      await write(store, { collections: [collection()], items: [item(1, "k")] });
      await write(store, { items: [item(2, "k")] }).catch(() => undefined);
      await store.transaction(async (tx) => expect(await tx.items("mail/INBOX", ["k"])).toHaveLength(1));
    });

    it("stamps without touching anything else", async () => {
      const { store } = await open();
      await write(store, { collections: [collection()], items: [item(1, "a"), item(2, "b", { stamp: "L0" })] });
      await write(store, {
        stamps: [
          { n: 1, stamp: "L1", seen: 7 },
          { n: 2, seen: 8 },
        ],
      });
      await store.transaction(async (tx) => {
        expect(inOrder(await tx.items("mail/INBOX", ["a", "b"]))).toEqual([
          item(1, "a", { stamp: "L1", seen: 7 }),
          item(2, "b", { stamp: "L0", seen: 8 }),
        ]);
        expect(await tx.count("mail/INBOX", "L1")).toEqual({ standing: 2, stamped: 1 });
      });
    });

    it("ticks and mints upwards, over transactions that failed and over a reopening", async () => {
      const { store, again } = await open();
      const three = (tx: Transaction) => [tx.tick(), tx.tick(), tx.tick()];
      const first = await store.transaction(async (tx) => three(tx));
      await store
        .transaction(async (tx) => {
          tx.tick();
          throw new Error("no");
        })
        .catch(() => undefined);
      const second = await store.transaction(async (tx) => three(tx));
      expect([...first, ...second]).toEqual([...new Set([...first, ...second])].sort((a, b) => a - b));
      if (!again) return;
      const other = await again();
      const [tick] = await other.transaction(async (tx) => three(tx));
      expect(tick).toBeGreaterThan(second[2] ?? 0);
      await other[Symbol.asyncDispose]();
    });

    logTests(open);

    it("keeps a setting as it was first set", async () => {
      const { store } = await open();
      expect(await store.setting("base")).toBeUndefined();
      expect(await store.setting("base", "https://a")).toBe("https://a");
      expect(await store.setting("base", "https://b")).toBe("https://a");
    });

    it("gives the first open delivery of each lane, and one per target and entry", async () => {
      const { store } = await open();
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
      expect(await heads()).toEqual(["2", "4"]);
      expect(await heads({ without: ["hook/x"] })).toEqual([]);
      expect(await heads({ now: -1 })).toEqual([]);
      expect(await store.deliveryCounts()).toEqual({ done: 1, retrying: 1, pending: 1, unknown: 1, dead: 1 });
      await expect(write(store, { deliveries: [delivery("6", { seq: 3 })] })).rejects.toMatchObject({ code: "store" });
      expect((await store.deliveries({ states: ["dead", "done"] })).map(({ id }) => id)).toEqual(["1", "5"]);
    });

    it("keeps since when a key is in quarantine, and takes the rest anew; releases it", async () => {
      const { store } = await open();
      const row = { place: "mail/INBOX", key: "q", revision: "1", reason: "no date", since: 5, tries: 1, mapping: 1 };
      await write(store, { quarantine: [row] });
      await write(store, { quarantine: [{ ...row, revision: "2", since: 9, tries: 2 }] });
      expect(await store.quarantine("mail")).toEqual([{ ...row, revision: "2", tries: 2 }]);
      expect(await store.quarantine("other")).toEqual([]);
      await write(store, { released: [{ place: "mail/INBOX", key: "q" }] });
      expect(await store.quarantine()).toEqual([]);
    });

    it("forgets a system, and it alone; the log stays", async () => {
      const { store } = await open();
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
      expect((await store.systems()).map(({ id }) => id)).toEqual(["mail2"]);
      expect((await store.collections()).map(({ place }) => place)).toEqual(["mail2/INBOX"]);
      expect(await store.quarantine()).toEqual([]);
      expect(await store.lastSeq()).toBe(1);
      await store.transaction(async (tx) => {
        expect(
          (
            await tx.strong([
              { scope: "*", id: "e1" },
              { scope: "*", id: "e2" },
            ])
          ).map(({ object }) => object),
        ).toEqual([2]);
        expect(await tx.threads([{ scope: "mail", id: "t" }])).toEqual([]);
        expect(await tx.items("mail2/INBOX", ["b"])).toHaveLength(1);
        expect(JSON.stringify(await tx.objects([1]))).not.toContain("forgettable");
      });
    });

    it("is one holder's at a time; the refusal names the first", async () => {
      const { store, again } = await open();
      const first = await store.lock("process 1");
      const other = again ? await again() : store;
      await expect(other.lock("process 2")).rejects.toMatchObject({
        code: "store",
        message: expect.stringMatching(/process 2 .*process 1/),
      });
      await first[Symbol.asyncDispose]();
      const second = await other.lock("process 2");
      await second[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
      if (again) await other[Symbol.asyncDispose]();
    });
  });
};
