/** Texts that a limit cuts: what is left out is told as lost, and another text that only begins alike is another object. */

import { join } from "node:path";
import { openHub } from "groupstream";
import { maildir } from "groupstream/adapters/maildir";
import { parseHeaders, textOf } from "groupstream/protocol/mail";
import { sanitise } from "groupstream/protocol/text";
import { afterAll, describe, expect, it } from "vitest";
import { shownOf } from "../../src/protocol/mail/text.ts";
import { head } from "./mails.ts";
import { makeRoom } from "./world.ts";

const room = await makeRoom(false);
afterAll(() => room[Symbol.asyncDispose]());

const full = { text: "full" } as const;

/** A text of one million characters and more, and two ends. */
const cases: readonly (readonly [what: string, type: string, begin: string])[] = [
  ["plain text of 1,048,576 characters", "text/plain", "word ".repeat(215_000)],
  ["HTML of 1,048,576 characters", "text/html", `<p>${"word ".repeat(215_000)}</p>`],
  ["HTML that is converted to text up to 524,288 characters", "text/html", `<p>${"word ".repeat(107_000)}</p>`],
  ["40,000 tags", "text/html", "a<br>".repeat(40_001)],
];

describe.each(cases)("%s", (what, type, begin) => {
  const of = (end: string) => textOf(type === "text/html" ? { html: `${begin}${end}` } : { plain: `${begin}${end}` });

  it("is cut with a loss and gives no digest, however it is read", () => {
    const text = of("the end");
    expect(text).toMatchObject({ cut: true, losses: [{ field: "content" }, ...(text.losses.length > 1 ? [{}] : [])] });
    expect(text.text).not.toContain("the end");
    expect(shownOf(text, full, false).digest).toBeUndefined();
    expect(shownOf(text, { text: "none", digest: true }, false)).toEqual({});
    expect(shownOf(text, { text: "preview", digest: true }, false)).not.toHaveProperty("digest");
  });

  it("in two systems: two mails, not one", async () => {
    const boxes = [await room.box("maildir", `${what}-a`), await room.box("maildir", `${what}-b`)];
    await using hub = await openHub({
      store: join(room.dir, `${what.replaceAll("/", "")}.db`),
      systems: boxes.map(({ source }, n) => maildir({ id: `mail${n}`, path: source.kind === "maildir" ? source.path : "" })),
      policy: { body: "full" },
      history: "all",
    });
    for (const [n, box] of boxes.entries())
      await box.deliver("1.x", `${head("same")}Content-Type: ${type}\r\n\r\n${begin}${n === 0 ? "yes" : "no!"}`);
    await hub.sync();
    await hub.sync();
    const types = (await Array.fromAsync(hub.activities())).map(({ activity }) => activity.type);
    expect(types).toEqual(["Create", "Create"]);
  });
});

it("a text that is whole is evidence: one mail in two systems is one object", async () => {
  const boxes = [await room.box("maildir", "whole-a"), await room.box("maildir", "whole-b")];
  await using hub = await openHub({
    store: join(room.dir, "whole.db"),
    systems: boxes.map(({ source }, n) => maildir({ id: `mail${n}`, path: source.kind === "maildir" ? source.path : "" })),
    policy: { body: "full" },
    history: "all",
  });
  for (const box of boxes)
    await box.deliver("1.x", `${head("same")}Content-Type: text/html\r\n\r\n<p>${"word ".repeat(50_000)}</p>`);
  await hub.sync();
  await hub.sync();
  const ids = (await Array.fromAsync(hub.activities())).map(({ activity }) => (activity.object as { id: string }).id);
  expect(new Set(ids).size).toBe(1);
});

it("a plain part that is whole stays evidence beside HTML that is cut", () => {
  const text = textOf({ plain: "word ".repeat(50_000), html: "a<br>".repeat(40_001) });
  expect(text).not.toHaveProperty("cut");
  expect(shownOf(text, full, false).digest).toHaveLength(43);
});

it("a header field that is cut says so, also where the block ends well", () => {
  expect(parseHeaders(`Subject: ${"x".repeat(200_000)}\r\nTo: a@example.org\r\n\r\n`)).toMatchObject({ cut: true });
  expect(parseHeaders("Subject: x\r\n\r\n").cut).toBe(false);
  expect(parseHeaders("Subject: x").cut).toBe(false);
});

it("sanitises up to the last tag it reads", () => {
  const { html, losses } = sanitise(`${"<b>x</b>".repeat(20_000)}<i>never</i>`);
  expect(html).toBe("<b>x</b>".repeat(20_000));
  expect(losses).toEqual([{ field: "content", reason: "Only the first 160000 characters of the HTML are kept." }]);
});
