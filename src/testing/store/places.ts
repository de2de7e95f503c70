/** Systems and collections as they are by now, and what stands there: asked for at every step, so a store may remember them. */

import { strict as assert } from "node:assert";
import type { Store, SystemRecord } from "../../store/contract.ts";
import { collection, item } from "./records.ts";
import { type StoreCheck, write } from "./stage.ts";

const mail = (opened: number): SystemRecord => ({ id: "mail", kind: "kept", discovered: true, opened, held: 0, mapping: 1 });

const named = (store: Store, place: string): Promise<string | undefined> =>
  store.transaction(async (tx) => (await tx.collection(place))?.name);

const places = (store: Store): Promise<readonly string[]> =>
  store.transaction(async (tx) => (await tx.collections("mail")).map(({ place }) => place));

export const placesChecks: readonly StoreCheck[] = [
  {
    name: "knows systems and collections as they were written last, in and after a transaction",
    run: async ({ store }) => {
      await write(store, { collections: [collection("mail/INBOX")], systems: [mail(0)] });
      assert.deepEqual(await places(store), ["mail/INBOX"]);
      await store.transaction(async (tx) => {
        await tx.write({ collections: [collection("mail/INBOX", { name: "Inbox" }), collection("mail/Sent")] });
        await tx.write({ systems: [mail(7)] });
        assert.equal((await tx.collection("mail/INBOX"))?.name, "Inbox");
        assert.deepEqual(await tx.collectionsAt(["mail/Sent", "mail/None"]), [collection("mail/Sent")]);
        assert.equal((await tx.system("mail"))?.opened, 7);
      });
      assert.deepEqual(await places(store), ["mail/INBOX", "mail/Sent"]);
      assert.equal(await named(store, "mail/INBOX"), "Inbox");
    },
  },

  {
    name: "forgets what a failed transaction wrote of them",
    run: async ({ store }) => {
      await write(store, { collections: [collection("mail/INBOX")], systems: [mail(1)] });
      const failed = store.transaction(async (tx) => {
        await tx.write({ collections: [collection("mail/INBOX", { name: "never" }), collection("mail/Sent")] });
        await tx.write({ systems: [mail(9)] });
        assert.deepEqual(
          (await tx.collections("mail")).map(({ name }) => name),
          ["never", "mail/Sent"],
        );
        throw new Error("broken off");
      });
      await assert.rejects(failed, /broken off/);
      assert.equal(await named(store, "mail/INBOX"), "mail/INBOX");
      assert.deepEqual(await places(store), ["mail/INBOX"]);
      assert.equal((await store.transaction((tx) => tx.system("mail")))?.opened, 1);
      await write(store, { items: [item(1, "k")] });
    },
  },

  {
    name: "knows of them what another process wrote, and no system that it forgot",
    run: async ({ store, again }) => {
      await write(store, { collections: [collection("mail/INBOX")], systems: [mail(1)] });
      assert.deepEqual(await places(store), ["mail/INBOX"]);
      const other = (await again?.()) ?? store;
      try {
        await write(other, { collections: [collection("mail/INBOX", { name: "renamed" }), collection("mail/Sent")] });
        assert.equal(await named(store, "mail/INBOX"), "renamed");
        assert.deepEqual(await places(store), ["mail/INBOX", "mail/Sent"]);
        await other.forget("mail");
        assert.deepEqual(await places(store), []);
        assert.equal(await store.transaction((tx) => tx.system("mail")), undefined);
        await write(store, { collections: [collection("mail/Archive"), collection("mail/INBOX")] });
        await write(store, { items: [item(1, "k")] });
        assert.deepEqual(
          (await store.transaction((tx) => tx.items("mail/INBOX", ["k"]))).map(({ place }) => place),
          ["mail/INBOX"],
        );
      } finally {
        if (other !== store) await other[Symbol.asyncDispose]();
      }
    },
  },

  {
    name: "knows whether an item stands, and the keys of what we made somewhere",
    run: async ({ store }) => {
      const rendering = { role: "rendering" } as const;
      const elsewhere = "mail/Archive";
      await write(store, {
        collections: [collection(), collection(elsewhere)],
        items: [
          item(1, "own"),
          item(2, "made", { ...rendering, object: 2 }),
          item(3, "its own", { ...rendering, object: 3 }),
          item(4, "marked", { ...rendering, object: 4, state: "missing" }),
          item(5, "gone", { ...rendering, object: 5, state: "gone" }),
          item(6, "made", { ...rendering, object: 6, place: elsewhere, state: "out" }),
        ],
      });
      await store.transaction(async (tx) => {
        assert.deepEqual(await tx.renderingKeys("mail/INBOX", 3), ["made", "marked"]);
        assert.deepEqual(await tx.renderingKeys("mail/Drafts", 3), []);
        const standing = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((n) => tx.isPresent(n, n)));
        assert.deepEqual(standing, [true, true, true, false, false, true, false]);
        assert.equal(await tx.isPresent(1, 2), false);
      });
    },
  },
];
