/** One object seen through several items: calendars that lag, labels, conversations, accounts. */

import type { Answer, EventView } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { digest, hint, identity, note, Toy, whole } from "../toy.ts";
import { closeAll, type World, world } from "../world.ts";

afterEach(closeAll);

const [ada, bob] = ["mailto:ada@example.org", "mailto:bob@example.org"];
const meeting = (sequence: number, hour: number, answer: Answer = "none"): EventView => ({
  type: "Event",
  name: "Review",
  edition: String(sequence).padStart(10, "0"),
  startTime: `2026-03-10T${String(hour).padStart(2, "0")}:00:00Z`,
  attendees: [{ id: bob ?? "", answer }],
});
const calendars = async (): Promise<{ toy: Toy; w: World; put: (who: string, view: EventView) => void }> => {
  const toy = new Toy("cal", "ada", "bob");
  Object.assign(toy.at("ada"), { owner: ada });
  Object.assign(toy.at("bob"), { owner: bob });
  const put = (who: string, view: EventView) =>
    toy.put(who, whole("r", view, { same: [identity("r")], revision: JSON.stringify(view) }));
  put("ada", meeting(1, 9));
  put("bob", meeting(1, 9));
  const w = await world([toy]);
  await w.sync();
  return { toy, w, put };
};
const contexts = async (w: World) => (await w.entries()).map(({ activity }) => (activity.object as { context: string }).context);

describe("two calendars that hold one meeting", () => {
  it("a new time is told once; the copy that lags tells nothing, neither the old time nor the new one again", async () => {
    const { w, put } = await calendars();
    put("ada", meeting(2, 11));
    expect(await w.sync()).toEqual(["Update Review [startTime]"]);
    put("bob", { ...meeting(1, 9), name: "Review (copy)" });
    expect(await w.sync()).toEqual([]);
    put("bob", meeting(2, 11));
    expect(await w.sync()).toEqual([]);
  });

  it("when the newest copy goes, the older one does not bring its old time back, also after a restart", async () => {
    const { toy, w, put } = await calendars();
    put("ada", meeting(2, 11));
    expect(await w.sync()).toEqual(["Update Review [startTime]"]);
    toy.remove("ada", "r");
    expect(await w.sync()).toEqual(["Remove Review ada→"]);
    const again = await w.reopen();
    put("bob", { ...meeting(1, 9), flags: ["seen-by-bob"] });
    expect(await again.sync()).toEqual(["Add Review →seen-by-bob"]);
    put("bob", { ...meeting(2, 11), flags: ["seen-by-bob"] });
    expect(await again.sync()).toEqual([]);
    put("bob", { ...meeting(3, 12), flags: ["seen-by-bob"] });
    expect(await again.sync()).toEqual(["Update Review [startTime]"]);
  });

  it("an answer is told once, by the attendee, though the organiser's copy shows it later", async () => {
    const { w, put } = await calendars();
    put("bob", meeting(1, 9, "accepted"));
    expect(await w.sync()).toEqual(["Accept Review"]);
    expect((await w.entries())[0]?.activity.actor).toMatchObject({ id: bob });
    put("ada", meeting(1, 9, "accepted"));
    expect(await w.sync()).toEqual([]);
  });
});

describe("a conversation", () => {
  const reply = (tag: string, parent: string) => ({
    inReplyTo: [{ evidence: `mid:${parent}` }],
    context: [{ evidence: `mid:${parent}` }],
    name: tag,
  });

  it.each([
    ["parent first", ["p", "r"]],
    ["reply first", ["r", "p"]],
  ] as const)("is one, %s", async (_, order) => {
    const toy = new Toy("mail", "INBOX");
    const w = await world([toy]);
    await w.sync();
    for (const tag of order) {
      toy.mail("INBOX", tag, tag === "r" ? reply("r", "p") : {});
      await w.sync();
    }
    expect(new Set(await contexts(w)).size).toBe(1);
    expect(await contexts(w)).toHaveLength(2);
  });

  it("names its parent where that is known", async () => {
    const toy = new Toy("mail", "INBOX");
    const w = await world([toy]);
    await w.sync();
    toy.mail("INBOX", "p");
    toy.mail("INBOX", "r", reply("r", "p"));
    await w.sync();
    const [parent, child] = (await w.entries()).map(({ activity }) => activity.object as { id: string; inReplyTo?: unknown });
    expect(child?.inReplyTo).toEqual([parent?.id]);
  });

  it("of others is another", async () => {
    const toy = new Toy("mail", "INBOX");
    const w = await world([toy]);
    await w.sync();
    toy.mail("INBOX", "a");
    toy.mail("INBOX", "b");
    await w.sync();
    expect(new Set(await contexts(w)).size).toBe(2);
  });
});

describe("accounts", () => {
  it("that hold the same mail by digest: one Create, one Add; it is deleted when the last one goes", async () => {
    const [one, two] = [new Toy("one", "INBOX"), new Toy("two", "INBOX")];
    const w = await world([one, two]);
    await w.sync();
    for (const toy of [one, two]) toy.mail("INBOX", "a", {}, { same: [digest("a"), hint("a")] });
    expect([...(await w.sync())].sort()).toEqual(["Add a →INBOX", "Create a →INBOX"]);
    one.remove("INBOX", "a");
    expect(await w.sync()).toEqual(["Remove a INBOX→"]);
    two.remove("INBOX", "a");
    expect(await w.sync()).toEqual(["Delete a INBOX→"]);
  });

  it("whose list copy has another text: two objects, both told", async () => {
    const toy = new Toy("mail", "INBOX", "Lists");
    const w = await world([toy]);
    await w.sync();
    toy.put("INBOX", whole("1", note("a"), { same: [hint("a")] }));
    toy.put("Lists", whole("2", note("[l] a", { text: "a and a footer" }), { same: [hint("a")] }));
    expect([...(await w.sync())].sort()).toEqual(["Create [l] a →Lists", "Create a →INBOX"]);
  });
});
