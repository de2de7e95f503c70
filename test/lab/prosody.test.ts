/** The lab's Prosody: its rooms, its data over a restart, and nothing left over. */

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { LabUnavailable } from "./packages.ts";
import { type Prosody, startProsody } from "./prosody.ts";
import { Person, xml } from "./xmpp.ts";

const server = await startProsody().catch((error): undefined => {
  if (!(error instanceof LabUnavailable) || process.env.CI) throw error;
  console.warn(`skipped: ${error.message}`);
});

const archiveOf = async (person: Person, room: string): Promise<number> => {
  const before = person.heard.length;
  await person.ask("set", room, xml("query", { xmlns: "urn:xmpp:mam:2" }));
  return person.heard.slice(before).filter((stanza) => stanza.getChild("result", "urn:xmpp:mam:2")).length;
};

/** Processes that name a folder on their command line. */
const processesOf = async (dir: string): Promise<number> => {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(dir)).length;
};

it.skipIf(!server)("a person who has caught up has heard all that others said before", async () => {
  const { rooms, user } = server as Prosody;
  const room = `talk@${rooms}`;
  const [anna, ben] = [
    await Person.open(server as Prosody, await user("anna")),
    await Person.open(server as Prosody, await user("ben")),
  ];
  await anna.enter(room, "Anna");
  await ben.enter(room, "Ben");
  for (let n = 0; n < 10; n += 1) {
    const { id } = await ben.text(room, `${n}`);
    await anna.caughtUp(room);
    expect(anna.heard.filter(({ name, attrs }) => name === "message" && attrs.id === id)).toHaveLength(1);
  }
  await ben.stop();
  await anna.stop();
});

it.skipIf(!server)("keeps what was said over a kill, and leaves nothing when stopped", async () => {
  const { dir, rooms, user, kill, start, stop, log, version } = server as Prosody;
  expect(version).toMatch(/^0\.12/);
  const room = `lab@${rooms}`;
  const anna = await Person.open(server as Prosody, await user("anna"));
  await anna.enter(room, "Anna");
  const said = await anna.text(room, "Hello");
  expect(said.key).not.toBe("");
  await kill();
  expect(await processesOf(dir)).toBe(0);
  await start();
  const again = await Person.open(server as Prosody, await user("anna"));
  await again.enter(room, "Anna");
  expect(await archiveOf(again, room)).toBe(1);
  expect(await log()).toContain("c2s");
  await again.stop();
  await stop();
  expect(existsSync(dir)).toBe(false);
  expect(await processesOf(dir)).toBe(0);
});
