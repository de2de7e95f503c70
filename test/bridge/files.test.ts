/** What a command brings of files: names that may stand anywhere, bytes on demand, and only where policy lets text be read in full. */

import { type Command, type FilePart, GroupstreamError, type MessageView } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { safeName } from "../../src/bridge/files.ts";
import { Toy } from "../sync/toy.ts";
import { closeAll, type Options, world } from "../sync/world.ts";

afterEach(closeAll);

const pdf: FilePart = { part: "2", name: "report.pdf", mediaType: "application/pdf", size: 7 };

/** A mailbox and a room that keeps what it was asked for. */
const carrying = async (options: Options = {}) => {
  const [mail, chat] = [new Toy(), new Toy("chat", "room")];
  const asked: Command[] = [];
  const read: string[] = [];
  const failing = new Set<string>();
  const from = mail.adapter({
    content: async ({ collection, key }, part) => {
      read.push(`${collection} ${key} ${part}`);
      if (failing.has(collection)) throw new GroupstreamError("malformed", "gone from there");
      return new Blob([`bytes ${part}`]).stream();
    },
  });
  const to = chat.adapter({
    performs: {
      Create: async (command) => {
        asked.push(command);
        if (command.preview) return { outcome: "done" };
        for (const file of command.files ?? []) read.push(await new Response(await file.open(AbortSignal.timeout(1_000))).text());
        return { outcome: "refused", reason: "enough is known" };
      },
    },
  });
  const w = await world([from, to], { routes: [{ from: "mail/INBOX", to: "chat/room", widen: "a test" }], ...options });
  await w.sync();
  return { mail, asked, read, failing, w };
};

const viewOf = ({ object }: Command): MessageView => object as MessageView;

describe("files of a command", () => {
  it("are opened when they are asked for, not before, and by the item that has them", async () => {
    const { mail, asked, read, failing, w } = await carrying();
    mail.mail("INBOX", "a", { attachment: [pdf] });
    mail.mail("Archive", "a", { attachment: [pdf] });
    failing.add("INBOX");
    await w.sync();
    expect(asked.slice(0, 2).map(({ preview }) => preview ?? false)).toEqual([true, false]);
    for (const command of asked) {
      const { open: _open, ...file } = command.files?.[0] ?? { open: undefined };
      expect(file).toEqual({ part: "2", name: "report.pdf", mediaType: "application/pdf", size: 7 });
    }
    expect(read.slice(0, 3)).toEqual(["INBOX a 2", "Archive a 2", "bytes 2"]);
    // Only what performs reads, no preview does.
    expect(read).toHaveLength(3 * asked.filter(({ preview }) => !preview).length);
  });

  it("have safe names, in the object as well", async () => {
    const { mail, asked, w } = await carrying();
    mail.mail("INBOX", "a", {
      attachment: [
        { ...pdf, name: "../../etc\\pass\u202Ewd\u0007.pdf" },
        { ...pdf, part: "3", name: "/" },
      ],
    });
    await w.sync();
    expect(asked[0]?.files?.map(({ name }) => name)).toEqual(["passwd.pdf", "file"]);
    expect(viewOf(asked[0] as Command).attachment?.map(({ name }) => name)).toEqual(["passwd.pdf", "file"]);
  });

  it.each(["none", "preview"] as const)("are only named where policy lets of text be read: %s", async (body) => {
    const { mail, asked, read, w } = await carrying({ policy: { body } });
    mail.mail("INBOX", "a", { attachment: [pdf] });
    await w.sync();
    expect(asked).toHaveLength(2);
    expect(asked.some(({ files }) => files !== undefined)).toBe(false);
    expect(viewOf(asked[0] as Command).attachment).toEqual([pdf]);
    expect(read).toEqual([]);
  });

  it("are not what somebody shared by a link, nor what a template leaves out", async () => {
    const shared = { part: "oob-1", mediaType: "text/plain", name: "a.txt", href: "https://files.example.org/a.txt" };
    const linked = await carrying();
    linked.mail.mail("INBOX", "a", { attachment: [shared] });
    await linked.w.sync();
    expect(linked.asked[0]?.files).toBeUndefined();
    expect(viewOf(linked.asked[0] as Command).attachment).toEqual([shared]);
    const [entry] = await linked.w.entries();
    expect(entry?.activity.object).toMatchObject({ attachment: [{ url: shared.href }] });
    const bare = await carrying({
      routes: [
        { from: "mail/INBOX", to: "chat/room", widen: "a test", template: ({ type, name }) => ({ type, name }) as MessageView },
      ],
    });
    bare.mail.mail("INBOX", "a", { attachment: [pdf] });
    await bare.w.sync();
    expect(bare.asked[0]).not.toHaveProperty("files");
  });

  it("come with where the whole object is, where ids lead somewhere, and with the route's language", async () => {
    const { mail, asked, w } = await carrying({
      base: "https://hub.example.org",
      routes: [{ from: "mail/INBOX", to: "chat/room", widen: "a test", language: "de" }],
    });
    mail.mail("INBOX", "a");
    await w.sync();
    const [entry] = await w.entries();
    expect(asked[0]?.link).toMatch(/^https:\/\/hub\.example\.org\/objects\/[0-9a-f-]{36}$/);
    expect(entry?.activity.object).toMatchObject({ id: asked[0]?.link });
    expect(asked[0]?.language).toBe("de");
    const without = await carrying();
    without.mail.mail("INBOX", "a");
    await without.w.sync();
    expect(without.asked[0]).not.toHaveProperty("link");
  });
});

describe("a file's name", () => {
  it.each([
    ["Bericht Ä (2).pdf", "Bericht Ä (2).pdf"],
    ["C:\\Users\\ada\\plan.doc", "plan.doc"],
    ["a/b/.hidden", "hidden"],
    ["..", "file"],
    [undefined, "file"],
    ["a\r\nX-Evil: 1.txt", "a X-Evil_ 1.txt"],
    ["\u202Efdp.exe\u200B", "fdp.exe"],
    ['a"b<c>|?*.txt', "a_b_c____.txt"],
    [`${"x".repeat(300)}.pdf`, `${"x".repeat(116)}.pdf`],
    [`${"😀".repeat(100)}.pdf`, `${"😀".repeat(58)}.pdf`],
  ])("%j is %j", (name, safe) => expect(safeName(name)).toBe(safe));
});
