/** The conformance kit against a Maildir, changed as delivery agents and mail clients do. */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { maildir } from "groupstream/adapters/maildir";
import { adapterConformance, type Content, type World } from "groupstream/testing";
import { test } from "vitest";
import { mail, makeMaildir, type TestMaildir } from "./folder.ts";

interface File {
  readonly folder: string;
  readonly key: string;
}

const folderOf = (collection: string): string => (collection === "INBOX" ? "" : collection);
const rawOf = ({ name, text }: Content): string =>
  mail(name.replaceAll(" ", "-"), "", text.replaceAll("\n", "\r\n")).replace(/Subject: .*\r\n/, `Subject: ${name}\r\n`);

let names = 0;

const maildirWorld = async (): Promise<World & { readonly box: TestMaildir }> => {
  const box = await makeMaildir();
  await box.folder(".Archive");
  /** Its name now, with its flags. */
  const nameOf = async ({ folder, key }: File): Promise<string> => {
    for (const part of ["new", "cur"]) {
      const name = (await readdir(join(box.path, folder, part))).find((one) => one.split(":")[0] === key);
      if (name !== undefined) return join(folder, part, name);
    }
    throw new Error(`there is no ${key} in ${folder}`);
  };
  const create = async (collection: string, content: Content): Promise<File> => {
    const key = `${1_770_000_000 + ++names}.kit`;
    await box.deliver(key, rawOf(content), folderOf(collection));
    return { folder: folderOf(collection), key };
  };
  return {
    box,
    collections: ["INBOX", ".Archive"],
    create,
    change: { cannot: "a stored mail is never edited" },
    remove: async (thing) => box.remove(await nameOf(thing as File)),
    move: async (thing, to) => {
      const file = thing as File;
      const name = await nameOf(file);
      await box.file(name, join(folderOf(to), "cur", name.split("/").at(-1)!));
      return { ...file, folder: folderOf(to) };
    },
    flag: async (thing, on) => {
      const file = thing as File;
      await box.file(await nameOf(file), join(file.folder, "cur", `${file.key}:2,${on ? "F" : ""}`));
    },
    spoil: async (where) => box.deliver(`${1_770_000_000 + ++names}.spoilt`, "", folderOf(where)),
    found: async () => {
      await box.folder(".Later");
      return ".Later";
    },
    forget: { cannot: "a Maildir is listed at every look: its positions hold nothing that could be lost" },
    cut: { cannot: "there is no line to a folder on this machine" },
    slow: { cannot: "a folder on this machine does not wait" },
    repeat: { cannot: "a Maildir tells states, not events: nothing is reported twice" },
    [Symbol.asyncDispose]: () => box[Symbol.asyncDispose](),
  };
};

adapterConformance({
  test: (name, check) => test(name, { timeout: 60_000 }, check),
  title: "maildir",
  world: maildirWorld,
  make: ({ box }) => maildir({ id: "mail", path: box.path, owner: "mailto:ann@example.org" }),
});
