/** The example of a mailbox and a room runs as a person runs it, on real servers, and says what came of it. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { hasDovecot } from "../adapters/imap/world.ts";
import { hasProsody } from "../adapters/xmpp/world.ts";

const run = async (lang: "en" | "de"): Promise<string> => {
  const args = [
    "--conditions=groupstream:source",
    "--disable-warning=ExperimentalWarning",
    "examples/mail-room.ts",
    "--lang",
    lang,
  ];
  return (await promisify(execFile)(process.execPath, args, { timeout: 90_000 })).stdout;
};

it.skipIf(!hasDovecot || !hasProsody)(
  "a mail becomes a post, a reply a threaded mail, its answer a post beneath; nothing echoes",
  { timeout: 100_000 },
  async () => {
    const said = await run("en");
    expect(said).toMatch(/\| \*Order 4711\*\n {2}\| Ada Lovelace: Where is my order\?\n {2}\| 📎 order\.txt \(\d+ bytes\): http/);
    expect(said).toMatch(/Its file is at http:\S+order\.txt: “4711: one printer”/);
    expect(said).toContain("From: Ann via Support <support@example.org>");
    expect(said).toContain("To: ada@example.org");
    expect(said).toContain("Subject: Re: Order 4711");
    expect(said).toContain("In-Reply-To: <question@example.net>");
    expect(said).toContain("“Ada Lovelace: Thank you!” stands in the room, beneath what it answers.");
    expect(said).toContain("their posts are retracted");
    expect(said).toContain("2 posts and 1 mail in all");
    expect(said).toMatch(/mail\/INBOX → chat\/support: Create degraded/);
    expect(said).toMatch(/What arrives of a message: .*attachment degraded/);
  },
);

it.skipIf(!hasDovecot || !hasProsody)("in German", { timeout: 100_000 }, async () => {
  const said = await run("de");
  expect(said).toContain("2 Beiträge und 1 Mail im Ganzen");
  expect(said).toContain("Neue Nachricht von Ada Lovelace in INBOX: „Order 4711“");
});
