/** Doubt: what is performed while it is aborted or cut off stands once and whole, and a hub tells it once. */

import { strict as assert } from "node:assert";
import type { Adapter, Command, Receipt, Whole } from "../../contract/adapter.ts";
import type { MessageView } from "../../contract/view.ts";
import { type Hub, openHub } from "../../hub/hub.ts";
import { sqliteStore } from "../../store/sqlite/index.ts";
import { never, shown } from "../mirror.ts";
import { can } from "../runner.ts";
import { endOf, finds, findsNothing } from "./answering.ts";
import { ada, creating, done, madeBy, perform, samples, standingNow, stateOf, wishOf } from "./asking.ts";
import { idle, makesNone, stands } from "./performing.ts";
import { type AdapterCheck, able, needs, type Stage } from "./stage.ts";

export const whole = "leaves nothing or the whole of it when it is aborted, and ends with the signal's reason or a receipt";
export const receipts = "answers by a receipt when its line is cut";
const tellsOwn = "is told once by the hub that had it made";

/** As a core after an attempt whose end it does not know: it looks for what was left, else asks again. */
const settle = async (stage: Stage, command: Command): Promise<void> => {
  const adapter = stage.open();
  const found = await adapter.find?.(command, never);
  if (found === undefined || found === "absent" || found === "unknown") await done(adapter, { ...command, attempt: 2 });
};

/** The words of what stands there, without the name that only it has. */
const wordsIn = ({ object }: Whole, name: string): readonly (string | undefined)[] => {
  const { name: title, text, content } = object as { name?: string; text?: string; content?: string };
  return [title, text, content].map((words) => words?.replaceAll(name, "…"));
};

/** Something that was asked for. */
interface AskedCommand {
  readonly command: Command;
  readonly name: string;
  readonly digest: string | undefined;
}

/** Fails unless each of these stands there once, with the words of one that nothing disturbed; without `find` at least once. */
const standWhole = async (stage: Stage, like: AskedCommand, disturbed: readonly AskedCommand[]): Promise<void> => {
  const reader = stage.open();
  const finder = reader.find !== undefined;
  const standing = await standingNow(stage, reader);
  const of = ({ command, digest }: AskedCommand) => madeBy(standing, command, digest);
  const [undisturbed] = of(like);
  assert(undisturbed, "what nothing disturbed does not stand there");
  for (const asked of disturbed) {
    const all = of(asked);
    assert(all.length >= 1, "what was done, or asked for again until it was, does not stand there");
    assert(!finder || all.length === 1, `it was asked for once, and stands there ${all.length} times`);
    for (const { whole: one } of all)
      assert.deepEqual(
        wordsIn(one, asked.name),
        wordsIn(undisturbed.whole, like.name),
        "what stands there after trouble is not whole",
      );
  }
};

/** Longer answers, ms, where the world can: so that trouble comes before, while and after something is done. */
const slowly = 20;

/** Asks for something in trouble, five times: what stands afterwards stands once and whole. */
const inTrouble = async (
  stage: Stage,
  ask: (adapter: Adapter, command: Command, turn: number) => Promise<Receipt | undefined>,
): Promise<void> => {
  const adapter = stage.open();
  const { slow } = stage.world;
  const wished = async (): Promise<AskedCommand> => {
    const content = stage.content();
    const command = await creating(stage, adapter, content);
    return { command, name: content.name, digest: (await done(adapter, { ...command, preview: true })).digest };
  };
  const like = await wished();
  await done(adapter, like.command);
  const disturbed: AskedCommand[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    const asked = await wished();
    if (can(slow)) await slow(slowly);
    const receipt = await ask(adapter, asked.command, turn);
    if (can(slow)) await slow(0);
    if (receipt?.outcome !== "done") await settle(stage, asked.command);
    disturbed.push(asked);
  }
  await standWhole(stage, like, disturbed);
};

/** Syncs; gives what was told since. */
const synced = async (hub: Hub, at: { seq: number }): Promise<readonly string[]> => {
  for (const { failures } of await hub.sync()) assert.deepEqual(failures, [], "a sync of a source without trouble fails");
  const told: string[] = [];
  for await (const { seq, activity } of hub.activities({ after: at.seq })) {
    at.seq = seq;
    told.push(activity.type);
  }
  return told;
};

export const doubtingChecks: readonly AdapterCheck[] = [
  {
    name: whole,
    after: [stands, finds, findsNothing],
    skip: idle,
    run: async (stage) => {
      const adapter = stage.open();
      const asked = await samples(stage, adapter);
      const before = await stateOf(stage);
      for (const command of asked) {
        const reason = new Error("enough");
        const receipt = await endOf(perform(adapter, command, AbortSignal.abort(reason)), `an aborted ${command.verb}`, reason);
        assert.equal(receipt, undefined, `${command.verb}, aborted before it began, does not end with the signal's reason`);
      }
      assert.deepEqual(await stateOf(stage), before, "something was done that was aborted before it began");
      if (makesNone(stage) !== undefined) return;
      await inTrouble(stage, async (one, command, turn) => {
        const abort = new AbortController();
        const reason = new Error("enough");
        if (turn === 0) abort.abort(reason);
        else setTimeout(() => abort.abort(reason), [0, 0, 2, 8, 30][turn]);
        const receipt = await endOf(perform(one, command, abort.signal), "an aborted Create", reason);
        assert(turn > 0 || receipt === undefined, "a Create, aborted before it began, does not end with the signal's reason");
        return receipt;
      });
    },
  },
  {
    name: receipts,
    after: [stands, finds, findsNothing],
    skip: (stage) => needs("cut")(stage) ?? makesNone(stage),
    run: (stage) =>
      inTrouble(stage, async (adapter, command, turn) => {
        const call = endOf(perform(adapter, command), "a Create whose line was cut");
        await new Promise((resolve) => setTimeout(resolve, [0, 1, 3, 10, 30][turn]));
        await able(stage.world.cut)();
        return call;
      }),
  },
];

/** @param plainer  names of the checks that say more plainly what is wrong */
export const tellingOwnChecks = (plainer: readonly string[]): readonly AdapterCheck[] => [
  {
    name: tellsOwn,
    after: plainer,
    skip: makesNone,
    run: async (stage) => {
      await using store = await sqliteStore(":memory:");
      const adapter = stage.open();
      const hub = await openHub({ store, systems: [adapter], policy: { body: "full", exclude: [] } });
      try {
        const at = { seq: 0 };
        assert.deepEqual(await synced(hub, at), [], "what was there before the first look is told");
        const { name } = await shown(stage.open(), stage.here);
        const wish = wishOf(stage, stage.content());
        const { inReplyTo: _, ...note } = wish as MessageView;
        const object = wish.type === "Note" ? note : wish;
        const { outcome } = await hub.submit({ type: "Create", actor: ada.id, object, target: `${adapter.id}/${name}` });
        assert.equal(outcome, "done");
        assert.deepEqual(await synced(hub, at), ["Create"], "what was made is not told once");
        assert.deepEqual(await synced(hub, at), [], "what was made is told again when it is read back");
      } finally {
        await hub.close();
      }
    },
  },
];
