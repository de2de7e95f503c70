/**
 * Large mails, each in a process of its own: at most 150 MB above what the process held when it was idle, at most 5 s, and the
 * next mail is told. Idle is what it held then, not the peak of its start, which is higher.
 */

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { large, ordinary, writeLarge } from "./mails.ts";
import { type Reader, startReader } from "./process.ts";
import { strange } from "./strange.ts";
import { type Kind, makeRoom, policies } from "./world.ts";

const MEMORY = 150e6;
const TIME = 5_000;

/** Worst where all is read, and no other than `text` and `attachment` where it is not. */
const onlyInFull = ["line", "html", "brackets", "quotes", "everything"];

/** What is left out, and so told as lost, by policy. */
const lost: Readonly<Record<string, (body: string, kind: string) => readonly string[]>> = {
  text: (body) => (body === "full" ? ["content"] : []),
  line: () => [],
  html: (body) => (body === "full" ? ["content"] : []),
  brackets: () => ["content"],
  quotes: () => ["content"],
  nested: (_, kind) => [kind === "imap" ? "content" : "attachment"],
  recipients: () => ["to", "cc", "bcc", "headers"],
  everything: (body) => ["to", "cc", "bcc", "headers", ...(body === "full" ? ["content"] : [])],
};

/** With LARGE_FIGURES=1 what was measured is printed. */
const show = (what: string, { ms, peak }: { ms: number; peak: number }, idle: number): void => {
  if (process.env.LARGE_FIGURES) console.log(`${what}: ${((peak - idle) / 1e6).toFixed(0)} MB, ${ms} ms`);
};

/** The tests of one adapter: a file each, so that two of them run at once. */
export const describeLarge = async (kind: Kind): Promise<void> => {
  const room = await makeRoom(kind === "imap");
  beforeAll(async () => {
    for (const [name, mail] of Object.entries(large)) await writeLarge(join(room.dir, `${name}.eml`), mail);
  });
  afterAll(() => room[Symbol.asyncDispose]());

  const reading = async (name: string, body: (typeof policies)[number], work: (reader: Reader, url: string) => Promise<void>) => {
    const box = await room.box(kind, `${name}-${body}`);
    const reader = await startReader({ store: join(room.dir, `${kind}-${name}-${body}.db`), body, source: box.source });
    try {
      expect(reader.idle).toMatchObject({ told: [], failures: [] });
      await box.deliver("1.bad.x", { from: join(room.dir, `${name}.eml`) });
      await box.deliver("2.next.x", ordinary("next"));
      const round = await reader.round();
      show(`${kind}, ${body}, ${name}`, round, reader.idle.rss);
      expect(round).toMatchObject({ quarantined: 0, failures: [] });
      expect(round.told.map(({ type, name: subject }) => `${type} ${subject}`)).toEqual([`Create ${name}`, "Create next"]);
      const [bad] = round.told;
      expect([...new Set(bad?.losses)]).toEqual(lost[name]?.(body, kind) ?? []);
      if (body === "none" || (name === "nested" && kind === "imap")) expect(bad?.content).toBeUndefined();
      else if (body === "preview") expect(bad?.content).toBeLessThan(20_000);
      else expect(bad?.content).toBeLessThan(2_200_000);
      expect(round.peak - reader.idle.rss).toBeLessThan(MEMORY);
      expect(round.ms).toBeLessThan(TIME);
      expect((await reader.round()).told).toEqual([]);
      await work(reader, bad?.files[0] ?? "");
    } finally {
      await reader.end();
    }
  };
  const nothing = async (): Promise<void> => undefined;

  describe.skipIf(kind === "imap" && !room.server).each(policies)("text %s", (body) => {
    const names = Object.keys(large).filter((name) => name !== "attachment" && (body === "full" || !onlyInFull.includes(name)));
    it.each(names)("%s", (name) => reading(name, body, nothing));

    it("all the small strange ones at once, so each of them", async () => {
      const box = await room.box(kind, `strange-${body}`);
      const reader = await startReader({ store: join(room.dir, `${kind}-strange-${body}.db`), body, source: box.source });
      try {
        for (const [id, { raw }] of strange) await box.deliver(`1.${id}.x`, raw);
        await box.deliver("2.next.x", ordinary("next"));
        const round = await reader.round();
        show(`${kind}, ${body}, ${strange.size} strange ones`, round, reader.idle.rss);
        expect(round).toMatchObject({ quarantined: 0, failures: [] });
        expect(round.told).toHaveLength(strange.size + 1);
        expect(round.peak - reader.idle.rss).toBeLessThan(MEMORY);
        expect(round.ms).toBeLessThan(TIME);
      } finally {
        await reader.end();
      }
    });

    it("attachment, and its bytes", () =>
      reading("attachment", body, async (reader, url) => {
        if (body !== "none") return;
        const read = await reader.read(url);
        show(`${kind}, bytes of the attachment`, read, reader.idle.rss);
        expect(read.bytes).toBeGreaterThan(70e6);
        expect(read.peak - reader.idle.rss).toBeLessThan(MEMORY);
      }));
  });
};
