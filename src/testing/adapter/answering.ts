/** Answers: what is found again, and what is refused. */

import { strict as assert } from "node:assert";
import type { Adapter, Command, Receipt } from "../../contract/adapter.ts";
import { never, shown } from "../mirror.ts";
import { can } from "../runner.ts";
import { aboutItem, commandOf, creating, done, isAct, itemVerbs, made, perform, put, stateOf, unable, wishOf } from "./asking.ts";
import { makesNone, ours, previews } from "./performing.ts";
import { type AdapterCheck, type Stage, unlooked } from "./stage.ts";

export const finds = "finds what it made, by another process and after a second attempt";
export const findsNothing = "finds nothing that was never done";
export const spares = "finds by digest nothing that is known already";
export const vanished = "answers that it is gone when what it is about is gone";
export const refuses = "refuses in words what cannot be done, and does nothing";

/** Why nothing can be found again. */
const findless = (stage: Stage): string | undefined =>
  makesNone(stage) ?? (stage.open().find ? undefined : "the adapter has no find");

/** Why what is known already may be found: a marker names one delivery. */
const marked = async (stage: Stage): Promise<string | undefined> =>
  (await made(stage, stage.open())).whole.mine?.marker === undefined
    ? undefined
    : "what it makes bears its delivery's marker, and is found by that";

const findNow = (adapter: Adapter, command: Command) => {
  assert(adapter.find, `${adapter.kind} has no find`);
  return adapter.find(command, never);
};

const outcomes: ReadonlySet<string> = new Set(["done", "refused", "unknown"]);

/** What a call ended with. Fails where it is neither a receipt in words nor this reason. */
export const endOf = async (call: Promise<Receipt>, what: string, reason?: Error): Promise<Receipt | undefined> => {
  let receipt: Receipt;
  try {
    receipt = await call;
  } catch (error) {
    assert(reason !== undefined && error === reason, `${what} throws, and gives no receipt: ${String(error)}`);
    return undefined;
  }
  assert(outcomes.has(receipt?.outcome), `${what} gives no receipt`);
  if (receipt.outcome !== "done") assert(receipt.reason.trim() !== "", `${what} is ${receipt.outcome}, and does not say why`);
  return receipt;
};

/** What can be asked for that no target can do. */
const impossible = async (stage: Stage, adapter: Adapter): Promise<readonly Command[]> => {
  const collection = await shown(adapter, stage.here);
  const acting = isAct(await adapter.describe(never), "Create");
  const object = wishOf(stage, stage.content());
  return [
    ...(adapter.performs?.Create
      ? [
          commandOf("Create", { collection }),
          ...(acting ? [] : [commandOf("Create", { object, collection: { ...collection, id: "no-such-collection" } })]),
        ]
      : []),
    ...itemVerbs(adapter).map((verb) => commandOf(verb, verb === "Update" ? { object, collection } : { collection })),
  ];
};

/** Something that stood there, and does not any more. */
const gone = async (stage: Stage, adapter: Adapter) => {
  const { world } = stage;
  if (can(world.remove)) {
    const { ref, thing } = await put(stage);
    await world.remove(thing);
    return ref;
  }
  const { ref } = await made(stage, adapter);
  await done(adapter, commandOf("Delete", { item: ref }));
  return ref;
};

export const answeringChecks: readonly AdapterCheck[] = [
  {
    name: finds,
    after: [ours],
    skip: findless,
    run: async (stage) => {
      const adapter = stage.open();
      const { command, ref, whole: shownNow } = await made(stage, adapter);
      const isFound = async (attempt: number): Promise<void> => {
        const found = await findNow(stage.open(), { ...command, attempt });
        assert(found !== "absent" && found !== "unknown", `what was made is ${found}`);
        assert(found.sighting.key === ref.key || attempt > 1, "what was made is not what is found");
        if (found.sighting.key === ref.key && "revision" in found.sighting)
          assert.equal(found.sighting.revision, shownNow.revision, "what is found has another revision than a look shows");
      };
      await isFound(1);
      await endOf(perform(stage.open(), { ...command, attempt: 2 }), "a second attempt");
      await isFound(2);
    },
  },
  {
    name: findsNothing,
    after: [ours],
    skip: findless,
    run: async (stage) => {
      const adapter = stage.open();
      await made(stage, adapter);
      const found = await findNow(stage.open(), await creating(stage, adapter, stage.content("Never said.")));
      assert(found === "absent" || found === "unknown", "a Create that was never done is found");
    },
  },
  {
    name: spares,
    after: [finds],
    skip: async (stage) => findless(stage) ?? (await marked(stage)),
    run: async (stage) => {
      const adapter = stage.open();
      const { command, ref } = await made(stage, adapter);
      const found = await findNow(adapter, { ...command, taken: [ref.key] });
      assert(typeof found === "string" || found.sighting.key !== ref.key, "what is known already (taken) is found for another");
    },
  },
  {
    name: vanished,
    after: [previews],
    skip: (stage) =>
      unlooked(stage) ??
      (itemVerbs(stage.open()).length === 0 ? "the adapter changes nothing that stands there" : undefined) ??
      (can(stage.world.remove) ? undefined : unable("Create", "Delete")(stage) && stage.world.remove.cannot),
    run: async (stage) => {
      const adapter = stage.open();
      const once = await gone(stage, adapter);
      // Of what a source never knew, or has forgotten, it need not say that it is gone.
      for (const ref of [once, { collection: stage.here, key: "no-such-key" }])
        for (const verb of itemVerbs(adapter)) {
          const command = await aboutItem(stage, adapter, verb, ref);
          if (!command) continue;
          const receipt = await endOf(perform(adapter, command), `${verb} of what is gone`);
          assert(receipt?.outcome === "refused", `${verb} of what is gone is ${receipt?.outcome}`);
          if (ref === once && (verb === "Update" || verb === "Delete"))
            assert.equal(receipt.gone, true, `${verb} of what is gone is refused, and does not say that it is gone`);
        }
    },
  },
  {
    name: refuses,
    after: [previews],
    skip: (stage) =>
      unable("Create")(stage) !== undefined && itemVerbs(stage.open()).length === 0
        ? "the adapter neither makes nor changes anything"
        : undefined,
    run: async (stage) => {
      const adapter = stage.open();
      const before = await stateOf(stage);
      for (const command of await impossible(stage, adapter)) {
        const receipt = await endOf(perform(adapter, command), `${command.verb} that cannot be done`);
        assert.equal(receipt?.outcome, "refused", `${command.verb} that cannot be done is ${receipt?.outcome}`);
      }
      assert.deepEqual(await stateOf(stage), before, "something is another since it was refused");
    },
  },
];
