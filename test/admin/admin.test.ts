/** What a person sees of a hub and asks of it: why, deliveries, quarantine, retries, erasing, pruning. */

import type { Receipt } from "groupstream";
import { textOfSummary } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { problemsOf } from "../../src/testing/validate.ts";
import { Target } from "../bridge/target.ts";
import { note, Toy, whole } from "../sync/toy.ts";
import { closeAll, type Options, world } from "../sync/world.ts";

afterEach(closeAll);

const day = 86_400_000;
const widen = "a test";

/** A mailbox with a route into a target, its baseline over. */
const begun = async (options: Options = {}, ...targets: Target[]) => {
  const toy = new Toy("mail", "INBOX", "Archive");
  const all = targets.length > 0 ? targets : [new Target()];
  const w = await world([toy, ...all.map((one) => one.adapter())], { routes: [{ from: "mail", to: "hook", widen }], ...options });
  await w.sync();
  return { toy, w, target: all[0] as Target };
};

describe("why", () => {
  it("says where an activity came from and what each route did with it, without a word of its content", async () => {
    const { toy, w } = await begun({
      routes: [
        { from: "mail", to: "hook", widen },
        { from: "mail/Archive", to: "hook", widen: "another" },
        { from: "mail", to: "hook", types: ["Delete"], widen: "ends" },
        { from: "hook", to: "hook" },
      ],
    });
    toy.mail("INBOX", "Geheimnis");
    await w.sync();
    const [delivery] = await w.hub.deliveries();
    const found = await w.hub.why(1);
    expect(found).toEqual({
      activity: (await w.entries())[0]?.activity.id,
      seq: 1,
      type: "Create",
      facet: "created",
      at: w.clock.iso(),
      places: [{ place: "mail/INBOX", name: "INBOX", lastLook: w.clock.iso() }],
      items: [{ place: "mail/INBOX", key: "Geheimnis", state: "here" }],
      routes: [
        { route: "mail → hook", outcome: "delivery", delivery },
        { route: "mail/Archive → hook", outcome: "unconcerned", because: "collection" },
        { route: "mail → hook", outcome: "unconcerned", because: "types" },
        { route: "hook → hook", outcome: "unconcerned", because: "system" },
      ],
      others: [],
      readers: [],
    });
    expect(delivery).toMatchObject({ state: "done", attempts: 1, target: "hook/in", seq: 1 });
    expect(delivery).not.toHaveProperty("next");
    expect(await w.hub.why(found?.activity ?? "")).toEqual(found);
  });

  it("tells a void delivery's reason, a failed one's next try, and who has read", async () => {
    const target = new Target();
    target.audience = "public";
    const { toy, w } = await begun({ routes: [{ from: "mail", to: "hook" }] }, target);
    toy.mail("INBOX", "a");
    await w.sync();
    for await (const _ of w.hub.reader("crm"));
    toy.mail("INBOX", "b");
    await w.sync();
    expect((await w.hub.why(1))?.readers).toEqual([{ name: "crm", passed: true }]);
    expect((await w.hub.why(2))?.readers).toEqual([{ name: "crm", passed: false }]);
    expect((await w.hub.why(1))?.routes).toMatchObject([
      {
        outcome: "delivery",
        delivery: {
          state: "void",
          attempts: 0,
          because: { code: "wider", to: "everybody" },
          reason: "not sent: everybody could not see it at its source; a route may widen with a reason",
          summaryMap: {
            en: "not sent: everybody could not see it at its source; a route may widen with a reason",
            de: "nicht gesendet: Für jedermann war es an der Quelle nicht zu sehen; eine Route darf mit einem Grund weiter reichen (widen)",
          },
        },
      },
    ]);
    const refusing = new Target();
    refusing.answer = () => ({ outcome: "refused", reason: "503", again: true });
    const again = await w.reopen([toy, refusing.adapter()], { routes: [{ from: "mail", to: "hook", widen }] });
    toy.mail("INBOX", "c");
    await again.sync();
    expect((await again.hub.why(3))?.routes).toMatchObject([
      { outcome: "delivery", delivery: { state: "retrying", attempts: 1, reason: "503", next: expect.stringMatching(/^2026-/) } },
    ]);
  });

  it("knows routes that began later, that have not got so far, and that were changed since; and targets of old routes", async () => {
    const { toy, w } = await begun();
    toy.mail("INBOX", "a");
    await w.sync();
    const other = new Target("crm");
    const later = await w.reopen([toy, other.adapter()], { routes: [{ from: "mail", to: "crm", types: ["Delete"], widen }] });
    await later.sync();
    toy.mail("INBOX", "b");
    await later.sync();
    const changed = await later.reopen([toy, other.adapter()], { routes: [{ from: "mail", to: "crm", widen }] });
    expect((await changed.hub.why(1))?.routes).toEqual([{ route: "mail → crm", outcome: "before" }]);
    expect((await changed.hub.why(1))?.others).toMatchObject([{ target: "hook/in", state: "done" }]);
    expect((await changed.hub.why(2))?.routes).toEqual([{ route: "mail → crm", outcome: "passed" }]);
    await changed.hub.sync({ systems: ["crm"] });
    const waiting = await changed.reopen([toy], { routes: [] });
    toy.mail("INBOX", "c");
    await waiting.sync();
    const behind = await waiting.reopen([toy, other.adapter()], { routes: [{ from: "mail", to: "crm", widen }] });
    expect((await behind.hub.why(3))?.routes).toEqual([{ route: "mail → crm", outcome: "waiting" }]);
  });

  it("knows nothing of what the log does not hold", async () => {
    const { w } = await begun();
    expect(await w.hub.why("urn:uuid:none")).toBeUndefined();
    expect(await w.hub.why(7)).toBeUndefined();
    expect(await w.hub.why(0)).toBeUndefined();
  });
});

describe("retry", () => {
  const gone: Receipt = { outcome: "refused", reason: "410" };

  it("makes a refused delivery due again, with all its attempts", async () => {
    const { toy, w, target } = await begun();
    target.answer = () => gone;
    toy.mail("INBOX", "a");
    await w.sync();
    const [refused] = await w.hub.deliveries({ states: ["refused"] });
    await w.hub.retry(refused?.id ?? "");
    expect(await w.hub.deliveries({ id: refused?.id ?? "" })).toMatchObject([{ state: "retrying", attempts: 0 }]);
    target.answer = () => ({ outcome: "done" });
    await w.sync();
    expect(target.got.map(({ id, attempt }) => [id, attempt])).toEqual([
      [refused?.id, 1],
      [refused?.id, 1],
    ]);
    expect(await w.hub.deliveries({ states: ["done"] })).toHaveLength(1);
  });

  it("does not wait for the schedule nor for the circuit of the target", async () => {
    const { toy, w, target } = await begun();
    target.answer = () => ({ outcome: "unknown", reason: "silence" });
    for (const name of ["a", "b", "c", "d", "e", "f"]) toy.mail("INBOX", name);
    await w.sync();
    const before = target.got.length;
    expect(before).toBeGreaterThanOrEqual(5);
    target.answer = () => ({ outcome: "done" });
    await w.sync();
    expect(target.got).toHaveLength(before);
    const [waiting] = await w.hub.deliveries({ states: ["unknown"] });
    await w.hub.retry(waiting?.id ?? "");
    await w.sync();
    expect((await w.hub.deliveries({ id: waiting?.id ?? "" }))[0]).toMatchObject({ state: "done", attempts: 2 });
  });

  it("refuses what was not to be sent, and what is not there, in one sentence", async () => {
    const target = new Target();
    target.audience = "public";
    const { toy, w } = await begun({ routes: [{ from: "mail", to: "hook" }] }, target);
    toy.mail("INBOX", "a");
    await w.sync();
    const [void_] = await w.hub.deliveries();
    await expect(w.hub.retry(void_?.id ?? "")).rejects.toMatchObject({ code: "misconfigured", message: /was not to be sent/ });
    await expect(w.hub.retry("none")).rejects.toMatchObject({ code: "misconfigured", message: /there is no delivery none/ });
  });
});

describe("quarantine", () => {
  const quarantined = async () => {
    const { toy, w } = await begun();
    toy.put("INBOX", { key: "q", revision: "1", malformed: { reason: "its date cannot be read", part: "raw" } });
    await w.sync();
    expect(await w.hub.quarantine()).toMatchObject([{ place: "mail/INBOX", key: "q", tries: 1 }]);
    expect((await w.hub.status()).systems[1]?.collections[0]).toMatchObject({ place: "mail/INBOX", quarantined: 1 });
    return { toy, w };
  };

  it("is read again when asked, without a new revision", async () => {
    const { toy, w } = await quarantined();
    toy.at("INBOX").items.set("q", whole("q", note("q")));
    expect(await w.sync()).toEqual([]);
    await w.hub.reread("mail/INBOX", "q");
    expect(await w.sync()).toEqual(["Create q →INBOX"]);
    expect(await w.hub.quarantine()).toEqual([]);
  });

  it("lets go of what is left unread, and takes it again when its source shows it anew", async () => {
    const { toy, w } = await quarantined();
    await w.hub.release("mail/INBOX", "q");
    expect(await w.hub.quarantine()).toEqual([]);
    await w.sync();
    expect(await w.hub.quarantine()).toEqual([]);
    toy.put("INBOX", whole("q", note("q"), { revision: "2" }));
    expect(await w.sync()).toEqual(["Create q →INBOX"]);
    for (const ask of [w.hub.reread, w.hub.release])
      await expect(ask("mail/INBOX", "q")).rejects.toMatchObject({ code: "misconfigured", message: /nothing of key q waits/ });
  });
});

describe("erase", () => {
  it("leaves number, id and type, and a valid document with a Tombstone that has a sentence", async () => {
    const { toy, w } = await begun();
    toy.mail("INBOX", "Geheimnis");
    await w.sync();
    const first = async () => (await w.entries())[0]!.activity;
    const before = await first();
    const { id: object } = before.object as { id: string };
    expect(await w.hub.erase(String(before.id))).toBe(1);
    const after = await first();
    expect(after).toEqual({
      "@context": "https://www.w3.org/ns/activitystreams",
      id: before.id,
      type: "Create",
      actor: { type: "Service", id: "groupstream:system/mail", name: "mail" },
      object: { type: "Tombstone", id: object },
      summaryMap: { en: "Its content was erased", de: "Sein Inhalt wurde gelöscht" },
    });
    expect(problemsOf(after)).toEqual([]);
    expect(textOfSummary(after.summaryMap.en)).toBe("Its content was erased");
    expect(await w.hub.erase(String(before.id))).toBe(1);
    expect(await w.entries()).toEqual([{ seq: 1, activity: after }]);
  });

  it("takes what a delivery says of it along, also where the hub quotes it", async () => {
    const { toy, w } = await begun();
    toy.mail("INBOX", "Geheimnis");
    await w.sync();
    const [record] = await w.store.deliveries({});
    const because = { code: "attempted-then", ground: "no Geheimnis here" } as const;
    const dead = { ...record!, state: "dead", obstacle: "unsure", because } as const;
    await w.store.transaction((tx) => tx.write({ deliveries: [dead] }));
    expect(await w.hub.deliveries()).toMatchObject([
      {
        reason: "an attempt may have been done; then: no Geheimnis here",
        because,
        summaryMap: { de: expect.stringMatching(/^Es kann angekommen sein.* \(ein Versuch .*; danach: no Geheimnis here\)$/) },
      },
    ]);
    await w.hub.erase((await w.hub.why(1))?.activity ?? "");
    const [delivery] = await w.hub.deliveries();
    expect(delivery).toMatchObject({ state: "dead", obstacle: "unsure" });
    expect(JSON.stringify(delivery)).not.toContain("Geheimnis");
  });

  it("takes every activity of an object, and no other; also when its system was forgotten", async () => {
    const { toy, w } = await begun();
    toy.mail("INBOX", "a");
    toy.mail("INBOX", "b");
    await w.sync();
    toy.mail("INBOX", "a", { flags: ["flagged"] });
    await w.sync();
    const entries = await w.entries();
    const objectOf = (seq: number) => (entries[seq - 1]?.activity.object as { id: string } | undefined)?.id ?? "";
    const [a, b] = [objectOf(1), objectOf(2)];
    expect(await w.hub.erase({ object: a })).toBe(2);
    const erased = (await w.entries()).map(({ activity }) => (activity.object as { type: string }).type === "Tombstone");
    expect(erased).toEqual([true, false, true]);
    await w.hub.remove("mail", { forget: true });
    expect(await w.hub.erase({ object: b })).toBe(1);
    await expect(w.hub.erase({ object: "urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057" })).rejects.toMatchObject({
      code: "misconfigured",
    });
    await expect(w.hub.erase("urn:uuid:none")).rejects.toMatchObject({
      code: "misconfigured",
      message: /no activity urn:uuid:none/,
    });
  });

  it("of what waits for delivery hands over the Tombstone", async () => {
    const { toy, w, target } = await begun();
    target.answer = () => ({ outcome: "refused", reason: "503", again: true });
    toy.mail("INBOX", "Geheimnis");
    await w.sync();
    await w.hub.erase((await w.hub.why(1))?.activity ?? "");
    target.answer = () => ({ outcome: "done" });
    w.clock.advance(day);
    await w.sync();
    expect(target.got.at(-1)?.activity.object).toMatchObject({ type: "Tombstone" });
  });
});

describe("prune", () => {
  const logged = async () => {
    const { toy, w, target } = await begun();
    for (const name of ["a", "b", "c", "d"]) {
      toy.mail("INBOX", name);
      await w.sync();
      w.clock.advance(day);
    }
    return { toy, w, target };
  };
  const seqs = async (w: { entries(): Promise<readonly { seq: number }[]> }) => (await w.entries()).map(({ seq }) => seq);

  it("removes what is older, with its deliveries; numbers go on; the newest stays", async () => {
    const { toy, w } = await logged();
    expect(await w.hub.prune({ before: w.clock.now() - 2 * day })).toEqual({ removed: 2, first: 3, held: [] });
    expect(await seqs(w)).toEqual([3, 4]);
    expect((await w.hub.deliveries()).map(({ seq }) => seq)).toEqual([3, 4]);
    expect(await w.hub.prune({ before: w.clock.now() + day })).toEqual({ removed: 1, first: 4, held: [] });
    toy.mail("INBOX", "e");
    expect(await w.sync()).toEqual(["Create e →INBOX"]);
    expect(await seqs(w)).toEqual([4, 5]);
    expect((await w.hub.status()).systems[1]).toMatchObject({ id: "mail", told: 2 });
  });

  it("never goes past the slowest reader unless that is named", async () => {
    const { w } = await logged();
    let read = 0;
    for await (const _ of w.hub.reader("crm")) if ((read += 1) === 2) break;
    for await (const _ of w.hub.reader("fast"));
    const all = { before: w.clock.now() };
    expect(await w.hub.prune(all)).toEqual({ removed: 1, first: 2, held: [{ by: "reader", name: "crm", entries: 2 }] });
    expect(await w.hub.prune({ ...all, past: ["fast"] })).toMatchObject({ removed: 0, held: [{ name: "crm" }] });
    expect(await w.hub.prune({ ...all, past: ["crm"] })).toEqual({ removed: 2, first: 4, held: [] });
  });

  it("keeps what a route has not carried, and what is still to be delivered", async () => {
    const { toy, w, target } = await logged();
    target.answer = () => ({ outcome: "refused", reason: "503", again: true });
    toy.mail("INBOX", "e");
    await w.sync();
    const [open] = await w.hub.deliveries({ states: ["retrying"] });
    const quiet = await w.reopen([toy], { routes: [] });
    for (const name of ["f", "g"]) toy.mail("INBOX", name);
    await quiet.sync();
    expect(await quiet.hub.prune({ before: w.clock.now() + day, past: ["mail → hook"] })).toEqual({
      removed: 4,
      first: 5,
      held: [{ by: "delivery", name: open?.id, entries: 2 }],
    });
    expect((await quiet.hub.prune({ before: w.clock.now() + day })).held.map(({ by, name }) => [by, name])).toEqual([
      ["delivery", open?.id],
      ["route", "mail → hook"],
    ]);
  });

  it("refuses a time that is none, and leaves an empty log alone", async () => {
    const { w } = await begun();
    await expect(w.hub.prune({ before: Number.NaN })).rejects.toMatchObject({ code: "misconfigured" });
    expect(await w.hub.prune({ before: w.clock.now() })).toEqual({ removed: 0, first: 0, held: [] });
  });
});
