/** What arrives of what is made: its fields, what it answers, and whether it stays. */

import { strict as assert } from "node:assert";
import type { Level, Whole } from "../../contract/adapter.ts";
import type { ThingRef, View } from "../../contract/view.ts";
import { never } from "../mirror.ts";
import type { Content } from "../world.ts";
import {
  ada,
  commandOf,
  isAct,
  itemVerbs,
  made,
  madeBy,
  perform,
  put,
  type StandingThing,
  standingNow,
  wishOf,
} from "./asking.ts";
import { makesNone, ours, stands, takes } from "./performing.ts";
import type { AdapterCheck } from "./stage.ts";

export const replies = "puts an answer beneath what it answers";
export const arrives = "shows unchanged what it calls full, and says what was lost";
export const acts = "neither edits nor takes back what it calls an act";

/** The words people see of it: no markup; of parties and files the name; of times whole seconds. */
const seenOf = (value: unknown): string => {
  if (typeof value === "string") return wordsOf(value.replace(/^(\d{4}-\d\d-\d\dT[\d:]{8})\..*Z$/, "$1"));
  const first = (Array.isArray(value) ? value[0] : value) as { name?: string; id?: string } | undefined;
  return wordsOf(first?.name ?? first?.id ?? "");
};

const wordsOf = (text: string): string => (text.replace(/<[^>]*>|\\n/g, " ").match(/[\p{L}\p{N}]+/gu) ?? []).join(" ");

/** What does not hold of one field, by the level the manifest gives it. */
const arrivalProblem = (
  field: string,
  level: Level | undefined,
  before: unknown,
  object: View,
  lost: boolean,
): string | undefined => {
  const after = (object as unknown as Record<string, unknown>)[field];
  const same = JSON.stringify(after) === JSON.stringify(before);
  if (level?.level === "full") return same ? undefined : `${field} is called full, and is ${JSON.stringify(after)}`;
  if (same || lost) return undefined;
  if (level?.level !== "degraded") return `${field} does not arrive, and no loss says so`;
  const kept = wordsOf(JSON.stringify(object)).includes(seenOf(before));
  return kept ? undefined : `${field} is called degraded, is gone, and no loss says so`;
};

/** True if one of these names that thing. */
const names = (refs: readonly ThingRef[], { ref, whole }: StandingThing): boolean =>
  refs.some((one) => {
    if ("key" in one) return one.key === ref.key && one.collection === ref.collection;
    if ("marker" in one) return one.marker === whole.mine?.marker;
    return "evidence" in one && (whole.same ?? []).some(({ id }) => id === one.evidence);
  });

/** A wish with everything else such an object may have. */
const allOf = (content: Content, wish: View): View => {
  const formatted = `<p>${content.text.replace("\n", "<br>")} <b>Bold.</b></p>`;
  const bob = { id: "mailto:bob@example.net", name: "Bob" } as const;
  if (wish.type === "Event" || wish.type === "Task")
    return { content: formatted, attributedTo: ada, attendees: [{ ...bob, answer: "none" }], location: "Room 1", ...wish };
  if (wish.type !== "Note") {
    const fields = { title: "Analyst", "tel.work": "+49 30 1", "adr.home": "Street 1, Berlin", ...wish.fields };
    return { ...wish, address: [ada.id, bob.id], fields, labels: ["Friends"] };
  }
  return {
    content: formatted,
    attributedTo: ada,
    to: [ada],
    cc: [bob],
    published: "2026-01-02T03:04:05.678Z",
    attachment: [{ part: "2", name: "plan.pdf", mediaType: "application/pdf", size: 1_234 }],
    ...wish,
  };
};

export const arrivingChecks: readonly AdapterCheck[] = [
  {
    name: replies,
    after: [ours],
    skip: async (stage) =>
      makesNone(stage) ??
      (["full", "degraded"].includes((await stage.open().describe(never)).arrives?.inReplyTo?.level ?? "")
        ? undefined
        : "its manifest does not say that answers stand beneath what they answer (arrives.inReplyTo)"),
    run: async (stage) => {
      const adapter = stage.open();
      const parent = await put(stage);
      const answer = await made(stage, adapter, { item: parent.ref, root: parent.ref });
      const refsOf = ({ object }: Whole): readonly ThingRef[] => ("inReplyTo" in object && object.inReplyTo) || [];
      assert(names(refsOf(answer.whole), parent), "the answer does not name what it answers (inReplyTo)");
      const second = await made(stage, adapter, { item: answer.ref, root: parent.ref });
      assert(names(refsOf(second.whole), answer), "the answer to what we made does not name that (inReplyTo)");
    },
  },
  {
    name: arrives,
    after: [stands],
    skip: async (stage) =>
      makesNone(stage) ?? ((await stage.open().describe(never)).arrives ? undefined : "its manifest does not say what arrives"),
    run: async (stage) => {
      const adapter = stage.open();
      const manifest = await adapter.describe(never);
      const content = stage.content();
      const object = allOf(content, wishOf(stage, content));
      const { whole, receipt } = await made(stage, adapter, { object });
      assert(whole.object.type === object.type, `${object.type} became ${whole.object.type}`);
      const levels = manifest.arrives as Readonly<Record<string, Level>>;
      for (const [field, before] of Object.entries(object)) {
        if (field === "type") continue;
        const lost = (receipt.losses ?? []).some((loss) => loss.field === field);
        const problem = arrivalProblem(field, levels[field], before, whole.object, lost);
        assert(problem === undefined, problem);
      }
    },
  },
  {
    name: acts,
    after: [takes, ours],
    skip: async (stage) =>
      makesNone(stage) ?? (isAct(await stage.open().describe(never), "Create") ? undefined : "nothing it makes is an act"),
    run: async (stage) => {
      const adapter = stage.open();
      const one = await made(stage, adapter);
      const effects = await stage.world.effects?.();
      for (const verb of itemVerbs(adapter)) {
        if (verb !== "Update" && verb !== "Delete") continue;
        const object = wishOf(stage, stage.content());
        const receipt = await perform(adapter, commandOf(verb, { item: one.ref, ...(verb === "Update" && { object }) }));
        if (receipt.outcome === "refused") continue;
        // The copy that is kept of a mail may go: the mail does not.
        const copyOnly = verb === "Delete" && effects !== undefined;
        assert(copyOnly, `what Create made is an act, and ${verb} of it is ${receipt.outcome}`);
      }
      assert.deepEqual(await stage.world.effects?.(), effects, "an act was edited or taken back");
      const stood = madeBy(await standingNow(stage), one.command, one.receipt.digest);
      for (const { whole } of stood) assert.deepEqual(whole.object, one.whole.object, "what an act made is shown as another");
    },
  },
];
