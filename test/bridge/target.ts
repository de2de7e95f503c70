/**
 * A target under a test's hand: it writes down what it was given and answers as it is told. Not the system in memory: it holds nothing, so
 * there is nothing to read.
 */

import type { Adapter, Audience, Command, Receipt } from "groupstream";

export class Target {
  readonly id: string;
  audience: Audience = ["mailto:team@example.org"];
  collections: readonly string[] = ["in"];
  /** Every command that was performed, in order. */
  readonly got: Command[] = [];
  answer: (command: Command, signal: AbortSignal) => Receipt | Promise<Receipt> = () => ({ outcome: "done" });

  constructor(id = "hook") {
    this.id = id;
  }

  /** `Create b`, in the order they came. */
  lines(): readonly string[] {
    return this.got.map(({ activity }) => `${activity.type} ${/“(.*?)”/.exec((activity.summaryMap as { en: string }).en)?.[1]}`);
  }

  adapter(): Adapter {
    const target = this;
    return {
      contract: 1,
      id: target.id,
      kind: "target",
      describe: async () => ({ server: "Target 1", mapping: 1, holds: false, gives: {}, takes: { Deliver: { level: "full" } } }),
      collections: async function* () {
        for (const id of target.collections) yield { id, name: id, audience: target.audience };
      },
      performs: {
        Deliver: async (command, signal) => {
          target.got.push(command);
          return target.answer(command, signal);
        },
      },
      [Symbol.asyncDispose]: async () => undefined,
    };
  }
}
