import { describe, expect, it } from "vitest";
import { commandOf, lineReader, names, rowOf, rowText, valuesOf } from "./wire.ts";

describe("the line", () => {
  const read = (text: string, side: "client" | "server" = "server"): string[][] =>
    [1, 3, text.length].map((size) => {
      const lines: string[] = [];
      let waits = 0;
      const push = lineReader((line) => void lines.push(line), side === "client" ? () => void waits++ : undefined);
      for (let at = 0; at < text.length; at += size) push(Buffer.from(text.slice(at, at + size), "latin1"));
      return [...lines, ...(side === "client" ? [`waited ${waits}`] : [])];
    });
  const same = (lines: string[]): string[][] => [lines, lines, lines];

  it("is cut where an answer ends, whatever a literal holds and however it arrives", () => {
    expect(read("* 1 FETCH (BODY[1] {7}\r\na\r\nb {9} UID 3)\r\n* OK done {3}\r\n* 2 EXISTS\r\n")).toEqual(
      same(["* 1 FETCH (BODY[1] {7}\r\na\r\nb {9} UID 3)", "* OK done {3}", "* 2 EXISTS"]),
    );
    expect(read("a LOGIN {3}\r\nann {4+}\r\ntest\r\nb NOOP\r\n", "client")).toEqual(
      same(["a LOGIN {3+}\r\nann {4+}\r\ntest", "b NOOP", "waited 1"]),
    );
  });

  it("is read as it is written, or not at all", () => {
    const row =
      '* 3 FETCH (UID 7 FLAGS (\\Seen a) BODYSTRUCTURE (("text" "plain" NIL NIL)("text" "html") "mixed") BODY[HEADER.FIELDS (FROM TO)] {4}\r\na)(b)';
    expect(rowText(rowOf(row)!)).toBe(row);
    expect(rowOf(row)!.items.map(([name]) => name)).toEqual(["UID", "FLAGS", "BODYSTRUCTURE", "BODY[HEADER.FIELDS (FROM TO)]"]);
    for (const broken of ["* 3 FETCH (UID)", "* 3 FETCH (UID 7", '* 3 FETCH (X "a)', "* 3 FETCH (X {9}\r\nab)", "* 3 EXISTS"])
      expect(rowOf(broken)).toBeUndefined();
    expect(valuesOf('"a \\" b" (c (d)) e')).toEqual(['"a \\" b"', "(c (d))", "e"]);
    expect(valuesOf("(a")).toBeUndefined();
    expect(commandOf("a1 uid fetch 1 FLAGS")).toEqual({ tag: "a1", name: "UID FETCH", args: "1 FLAGS" });
    expect(commandOf("NOOP")).toBeUndefined();
    expect([3, 4, 9, 12].map((uid) => names("1:3,9:*", uid))).toEqual([true, false, true, true]);
  });
});
