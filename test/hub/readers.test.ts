/** The log as it is read: in order, at least once, to its end or for ever. */

import { afterEach, describe, expect, it } from "vitest";
import { Toy } from "../sync/toy.ts";
import { closeAll, line, world } from "../sync/world.ts";

afterEach(closeAll);

const told = async (count = 3) => {
  const toy = new Toy("mail", "INBOX");
  const w = await world([toy]);
  await w.sync();
  for (let i = 1; i <= count; i += 1) toy.mail("INBOX", `m${i}`);
  await w.sync();
  return { toy, w };
};

describe("a reader", () => {
  it("moves on when it asks for the next entry, not before: what it was working on comes again", async () => {
    const { w } = await told();
    for await (const { seq } of w.hub.reader("crm")) if (seq === 2) break;
    expect(await w.store.place("crm")).toBe(1);
    const seen: number[] = [];
    for await (const { seq } of w.hub.reader("crm")) seen.push(seq);
    expect(seen).toEqual([2, 3]);
    expect(await Array.fromAsync(w.hub.reader("crm"))).toEqual([]);
  });

  it("that throws in its loop gets the entry again, also after a restart", async () => {
    const { w } = await told();
    const work = async () => {
      for await (const { seq } of w.hub.reader("crm")) if (seq === 1) throw new Error("crash");
    };
    await expect(work()).rejects.toThrow("crash");
    const again = await w.reopen();
    const [first] = await Array.fromAsync(again.hub.reader("crm"));
    expect(first?.seq).toBe(1);
  });

  it("has a place of its own, shown with how far it is behind", async () => {
    const { w } = await told();
    await Array.fromAsync(w.hub.reader("one"));
    for await (const { seq } of w.hub.reader("two")) if (seq === 2) break;
    expect((await w.hub.status()).readers).toEqual([
      { name: "one", seq: 3, behind: 0 },
      { name: "two", seq: 1, behind: 2 },
    ]);
  });

  it.each(["", "x".repeat(101), 7 as unknown as string])("named %j is refused", async (name) => {
    const { w } = await told();
    expect(() => w.hub.reader(name)).toThrow(expect.objectContaining({ code: "misconfigured" }));
  });
});

describe("activities", () => {
  it("are all, in order, or those after a number", async () => {
    const { w } = await told(5);
    expect((await Array.fromAsync(w.hub.activities())).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect((await Array.fromAsync(w.hub.activities({ after: 3 }))).map(({ seq }) => seq)).toEqual([4, 5]);
    expect(await Array.fromAsync(w.hub.activities({ after: 99 }))).toEqual([]);
  });

  it("follow: what comes is told at once; aborted, it ends quietly", async () => {
    const { toy, w } = await told(1);
    const abort = new AbortController();
    const seen: string[] = [];
    const following = (async () => {
      for await (const entry of w.hub.activities({ follow: true, signal: abort.signal })) {
        seen.push(line(entry));
        if (seen.length === 3) abort.abort();
      }
    })();
    toy.mail("INBOX", "n1");
    await w.hub.sync();
    toy.mail("INBOX", "n2");
    await w.hub.sync();
    await following;
    expect(seen).toEqual(["Create m1 →INBOX", "Create n1 →INBOX", "Create n2 →INBOX"]);
  });

  it("follow ends when the hub is closed", async () => {
    const { w } = await told(1);
    const following = Array.fromAsync(w.hub.activities({ follow: true }));
    await w.hub.close();
    expect((await following).length).toBeLessThanOrEqual(1);
  });

  it("not following, aborted before the end: the signal's reason", async () => {
    const { w } = await told(1);
    await expect(Array.fromAsync(w.hub.activities({ signal: AbortSignal.abort() }))).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});
