import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { batched } from "../../src/hub/batch.ts";

const recorder = (faulty: readonly number[] = []) => {
  const done: (readonly number[])[] = [];
  const work = async (some: readonly number[]): Promise<void> => {
    await turn();
    if (some.some((one) => faulty.includes(one))) throw new Error(`faulty: ${some.join()}`);
    done.push(some);
  };
  return { done, work };
};

test("what comes while it is at work is worked on together, in its order", async () => {
  const { done, work } = recorder();
  const add = batched(work);
  const first = [1, 2].map(add);
  await turn();
  await Promise.all([...first, ...[3, 4, 5].map(add)]);
  expect(done).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
  await add(6);
  expect(done.at(-1)).toEqual([6]);
});

test("no more are taken together than may be, and never none", async () => {
  const { done, work } = recorder();
  await Promise.all([1, 2, 3, 4, 5, 6].map(batched(work, (waiting) => Math.min(waiting.length, 2))));
  expect(done).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  done.length = 0;
  await Promise.all([1, 2].map(batched(work, () => 0)));
  expect(done).toEqual([[1], [2]]);
});

test("one fails for its own fault alone, and the next is worked on", async () => {
  const { done, work } = recorder([3]);
  const add = batched(work);
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map(add));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  expect(done).toEqual([[1], [2], [4]]);
  await add(5);
  expect(done.at(-1)).toEqual([5]);
});
