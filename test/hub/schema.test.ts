/** What schemas of options promise beyond what the library does: all mistakes, their paths, no values. */

import { checkOptions, isGroupstreamError, optionsOf } from "groupstream";
import * as v from "valibot";
import { expect, it } from "vitest";

const schema = optionsOf(
  {
    id: v.string("must be a text"),
    port: v.number("must be a number"),
    auth: optionsOf({ pass: v.string() }, ["pass"], "must be { pass }"),
    rooms: v.array(optionsOf({ name: v.string("must be a text") }, ["name"], "must be { name }"), "must be a list"),
    forTests: v.any(),
  },
  ["id"],
  "options are missing: at least id",
);

const mistakesOf = (options: unknown): readonly string[] => {
  try {
    checkOptions(schema, options, "toy");
    return [];
  } catch (error) {
    if (!isGroupstreamError(error) || error.code !== "misconfigured") throw error;
    return error.mistakes ?? [];
  }
};

it("takes what is right, also inherited and for tests", () => {
  expect(mistakesOf({ id: "a", port: undefined, auth: { pass: "x" }, rooms: [], forTests: 7 })).toEqual([]);
  expect(mistakesOf(Object.create({ id: "a" }))).toEqual([]);
});

it("tells every mistake at once, by its path; of a missing option what it must be", () => {
  expect(mistakesOf({ port: "1", rooms: [{ name: "x" }, { name: 7, nmae: "x" }, []] })).toEqual([
    "id: must be a text",
    "port: must be a number",
    "rooms[1].name: must be a text",
    "rooms[1].nmae: there is no such option; there are name",
    "rooms[2]: must be { name }",
  ]);
});

it("names every unknown option in one line, whatever it is called", () => {
  const names = ["prot", "toString", "constructor", "a\r\nb", "", "x".repeat(100)];
  const there = "there is no such option; there are id, port, auth, rooms";
  expect(mistakesOf(Object.fromEntries([["id", "a"], ...names.map((name) => [name, undefined])]))).toEqual([
    `prot: ${there}`,
    `toString: ${there}`,
    `constructor: ${there}`,
    `"a\\r\\nb": ${there}`,
    `"": ${there}`,
    `"${"x".repeat(40)}": ${there}`,
  ]);
});

it("never repeats a value, also where a schema says nothing itself", () => {
  for (const secret of ["hunter2", 7, Symbol("hunter2"), { hunter2: "hunter2" }, [["hunter2"]]]) {
    expect(mistakesOf({ id: "a", auth: { pass: [secret] } })).toEqual(["auth.pass: cannot be used"]);
    expect(mistakesOf({ id: ["hunter2"], auth: [secret] })).toEqual(["id: must be a text", "auth: must be { pass }"]);
  }
});

it("refuses what is no object", () => {
  for (const options of [undefined, null, [], "a", 7, () => "a"])
    expect(mistakesOf(options)).toEqual(["options are missing: at least id"]);
});
