/** Which entries a route concerns, and where it begins. */

import { afterEach, describe, expect, it } from "vitest";
import { concerns, parseRoute } from "../../src/bridge/routes.ts";
import { entry } from "../../src/testing/store/records.ts";
import { Toy } from "../sync/toy.ts";
import { closeAll, type Options, world } from "../sync/world.ts";
import { Target } from "./target.ts";

afterEach(closeAll);

const names: Readonly<Record<string, string>> = {
  "mail/F1": "Support",
  "mail/F2": "Support/Urgent",
  "mail/F3": "Sales (Support)",
};
const named = (place: string) => (names[place] === undefined ? undefined : { name: names[place] });

describe("concerns", () => {
  it.each<[string, string[], boolean]>([
    ["mail", ["mail/F1"], true],
    ["mail", ["mail/"], true],
    ["mail", ["mail2/F1"], false],
    ["mail/Support", ["mail/F1"], true],
    ["mail/Support", ["mail/F2"], false],
    ["mail/F1", ["mail/F1"], true],
    ["mail/Support*", ["mail/F2"], true],
    ["mail/Support*", ["mail/F3"], false],
    ["mail/*Support*", ["mail/F3"], true],
    ["mail/*", ["mail/F3"], true],
    ["mail/S*p*t", ["mail/F1"], true],
    ["mail/S*p*tt", ["mail/F1"], false],
    ["mail/Sales (Support)", ["mail/F3"], true],
    ["mail/Support/Urgent", ["mail/F2"], true],
    ["mail/Support", ["other/F1", "mail/F1"], true],
    ["mail/support", ["mail/F1"], false],
  ])("%s, %s: %s", (from, places, expected) => {
    expect(concerns(parseRoute({ from, to: "hook" }), entry("1", { places }), named)).toBe(expected);
  });

  it("only the types it names", () => {
    const route = parseRoute({ from: "mail", to: "hook", types: ["Create", "Delete"] });
    const of = (type: string) => concerns(route, entry("1", { type }), named);
    expect([of("Create"), of("Delete"), of("Update")]).toEqual([true, true, false]);
  });
});

const begun = async (routes: Options["routes"], target = new Target()) => {
  const toy = new Toy("mail", "Other", "Support");
  const w = await world([toy, target.adapter()], { routes: routes ?? [] });
  await w.sync();
  return { toy, target, w };
};

describe("a route", () => {
  it("carries what happens in its from, of its types, and nothing else", async () => {
    const { toy, target, w } = await begun([{ from: "mail/Support", to: "hook", types: ["Create", "Move"] }]);
    toy.mail("Support", "a");
    toy.mail("Other", "b");
    await w.sync();
    toy.mail("Support", "a", { flags: ["flagged"] });
    toy.move("Other", "b", "Support");
    await w.sync();
    expect(target.lines()).toEqual(["Create a", "Move b"]);
  });

  it("begins at the log's end, also one that is added later; with history all at its beginning", async () => {
    const { toy, target, w } = await begun([]);
    toy.mail("Support", "a");
    await w.sync();
    const added = await w.reopen([toy, target.adapter()], { routes: [{ from: "mail", to: "hook" }] });
    toy.mail("Support", "b");
    await added.sync();
    expect(target.lines()).toEqual(["Create b"]);
    const past = new Target("past");
    const all = await added.reopen([toy, target.adapter(), past.adapter()], {
      routes: [
        { from: "mail", to: "hook" },
        { from: "mail", to: "past", history: "all" },
      ],
    });
    await all.sync();
    expect(past.lines()).toEqual(["Create a", "Create b"]);
    expect(target.lines()).toEqual(["Create b"]);
  });

  it("two into one target make one delivery, with one id", async () => {
    const { toy, target, w } = await begun([
      { from: "mail/Support", to: "hook" },
      { from: "mail", to: "hook/in" },
    ]);
    toy.mail("Support", "a");
    await w.sync();
    expect(target.lines()).toEqual(["Create a"]);
    expect(await w.store.deliveries({})).toHaveLength(1);
  });

  it("two into one target: one that may not go does not hold back the other that may", async () => {
    const target = new Target();
    target.audience = ["mailto:stranger@example.org"];
    const { toy, w } = await begun(
      [
        { from: "mail/Support", to: "hook" },
        { from: "mail", to: "hook", widen: "they asked for it" },
      ],
      target,
    );
    toy.mail("Support", "a");
    await w.sync();
    expect(target.lines()).toEqual(["Create a"]);
  });

  it("is not transitive and carries nothing twice over a restart", async () => {
    const { toy, target, w } = await begun([{ from: "mail", to: "hook" }]);
    toy.mail("Support", "a");
    await w.sync();
    const again = await w.reopen();
    await again.sync();
    await again.sync();
    expect(target.lines()).toEqual(["Create a"]);
  });
});
