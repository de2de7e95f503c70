/** The example of a calendar and a room runs as a person runs it, on real servers, and says what came of it. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { hasProsody } from "../adapters/xmpp/world.ts";

const run = async (lang: "en" | "de"): Promise<string> => {
  const args = [
    "--conditions=groupstream:source",
    "--disable-warning=ExperimentalWarning",
    "examples/calendar.ts",
    "--lang",
    lang,
  ];
  return (await promisify(execFile)(process.execPath, args, { timeout: 90_000 })).stdout;
};

it.skipIf(!hasProsody)(
  "a meeting stands in the room, a reaction there answers it in the person's own calendar, and a move edits the post",
  { timeout: 100_000 },
  async () => {
    const said = await run("en");
    expect(said).toMatch(
      /\| \*Review\*\n {2}\| 🗓 Tue, 3 Dec 2030, 10:00–11:00 CET\n {2}\| 📍 Room 3\n {2}\| 👥 Ada Lovelace, Ann, Bob ✅/,
    );
    expect(said).toContain("ATTENDEE;CN=Ann;PARTSTAT=ACCEPTED:mailto:ann@example.org");
    expect(said).toContain("X-ROOM-NUMBER;X-FLOOR=3:307");
    expect(said).toMatch(/🗓 Tue, 3 Dec 2030, 14:00–15:00 CET\n {2}\| 📍 Library[\s\S]*Ann ✅[\s\S]*✎/);
    expect(said).toMatch(/another number, and that is what is told:\n {2}Eve Moneypenny changed: phone number/);
    expect(said.match(/accepted “Review”|Ann accepted/g)).toHaveLength(1);
  },
);

it.skipIf(!hasProsody)("in German", { timeout: 100_000 }, async () => {
  const said = await run("de");
  expect(said).toContain("Ann hat für „Review“ zugesagt");
  expect(said).toContain("„Review“ wurde auf Di., 3. Dez. 2030, 14:00 MEZ verlegt");
});
