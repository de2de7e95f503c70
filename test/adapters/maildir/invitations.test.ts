/** Messages about meetings in the mails of a folder: what is read of them, whom they are believed from, and how they go. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHub, type Sighting } from "groupstream";
import { type MaildirOptions, maildir } from "groupstream/adapters/maildir";
import { describe, expect, it } from "vitest";
import { bob, counted, isPart, lost, reply, said, shown, uncounted, vouched } from "../../fixtures/mail/invitation-cases.ts";
import { google, invited, mailOf, meeting, outlook } from "../../fixtures/mail/invitations.ts";
import { all, collectionsOf, fetch, look, mail, makeMaildir, metadata, never, type TestMaildir } from "./folder.ts";

const adapterOf = ({ path }: TestMaildir, more: Partial<MaildirOptions> = {}) =>
  maildir({ id: "mail", path, owner: `mailto:${bob}`, ...more });

/** What is read of one mail, in a first look. */
const listing = async (
  raw: string | Uint8Array,
  more: Partial<MaildirOptions> = {},
  folder = "",
): Promise<readonly Sighting[]> => {
  await using box = await makeMaildir();
  await box.folder(folder);
  await box.deliver("1", raw, folder);
  return (await look(adapterOf(box, more), folder || "INBOX")).flatMap(({ sightings }) => sightings);
};

describe("invitations in the mails of a folder", () => {
  it.each(counted)("%s is read once, beside the mail", async (_, raw, expected) => {
    const sightings = await listing(raw);
    expect(said(sightings)).toMatchObject({ type: "Event", carrier: "1", ...expected });
    expect(lost(sightings)).toBeUndefined();
    expect(sightings.map(({ key }) => key)).toEqual(["1", "1#itip"]);
    expect(shown(sightings).find(isPart)).toMatchObject({
      same: [{ within: "everywhere", weight: "identity" }],
      came: expect.any(String),
    });
  });

  it.each(uncounted)("%s is no message about a meeting; the mail says so", async (_, raw, why) => {
    const sightings = await listing(raw);
    expect(said(sightings)).toBeUndefined();
    expect(shown(sightings)).toHaveLength(1);
    expect(lost(sightings)).toEqual(why && expect.stringContaining(why));
  });

  it.each(vouched)("counts only what the named server vouches for, where that is asked: %s", async (_, raw, why) => {
    const sightings = await listing(raw, { invitations: { verifiedBy: "mx.example.org" } });
    expect(said(sightings) === undefined).toBe(why !== undefined);
    expect(lost(sightings)).toEqual(why && expect.stringContaining(why));
  });

  it("takes all for files of the mail where it is switched off; the manifest says which", async () => {
    expect(shown(await listing(google(bob), { invitations: "off" }))).toHaveLength(1);
    await using box = await makeMaildir();
    const levelOf = async (more: Partial<MaildirOptions>) =>
      (await adapterOf(box, more).describe(never)).gives.invitations?.level;
    expect([await levelOf({}), await levelOf({ invitations: "off" })]).toEqual(["degraded", "none"]);
    expect(() => adapterOf(box, { invitations: { verifiedBy: "" } })).toThrow(/invitations: must be/);
  });

  it("believes the owner's own among the sent, whoever vouches; nobody else's there, and theirs nowhere else", async () => {
    const by = { invitations: { verifiedBy: "mx.example.org" } } as const;
    expect(said(await listing(reply(bob), by, ".Sent"))).toMatchObject({ method: "reply" });
    expect(said(await listing(reply(bob), by))).toBeUndefined();
    expect(said(await listing(mailOf(meeting({})), by, ".Sent"))).toBeUndefined();
  });

  it("is fetched beside its mail and by its key, once each; out where the mail is gone", async () => {
    await using box = await makeMaildir();
    const adapter = adapterOf(box);
    await box.deliver("1", google(bob));
    await box.deliver("2", mail("2"));
    const inbox = (await collectionsOf(adapter)).get("INBOX")!;
    const keysOf = async (...keys: string[]) =>
      (await all(adapter.fetch!(inbox, keys, metadata, never))).map(
        ({ key, ...one }) => `${key} ${"out" in one ? "out" : "gone" in one ? "gone" : "whole"}`,
      );
    expect(await keysOf("1", "2")).toEqual(["1 whole", "1#itip whole", "2 whole"]);
    expect(await keysOf("1#itip")).toEqual(["1#itip whole"]);
    expect(await keysOf("1#itip", "1", "1")).toEqual(["1#itip whole", "1 whole"]);
    expect(await keysOf("2#itip", "3#itip", "3")).toEqual(["2#itip out", "3#itip out", "3 gone"]);
    const stream = await adapter.content!({ collection: "INBOX", key: "1#itip" }, "raw", never);
    expect(await new Response(stream).text()).toContain("Invitation: Review");
  });

  it("a file that is named like such a message is a mail of its own", async () => {
    await using box = await makeMaildir();
    const adapter = adapterOf(box);
    await box.deliver("1", google(bob));
    await box.deliver("1#itip", mail("2"));
    await box.file("new/1#itip", "cur/1#itip:2,F");
    const [page] = await look(adapter);
    expect(shown(page!.sightings).map(({ key, object }) => [key, object.type])).toEqual([
      ["1", "Note"],
      ["1#itip", "Event"],
      ["1#itip:", "Note"],
    ]);
    const found = await fetch(adapter, ["1#itip:", "1#itip"]);
    expect([...found.values()].map((one) => "object" in one && one.object?.name)).toEqual(["mail 2", "Review"]);
    const stream = await adapter.content!({ collection: "INBOX", key: "1#itip:" }, "raw", never);
    expect(await new Response(stream).text()).toContain("Subject: mail 2");
  });

  it.each<[string, string | Uint8Array]>([
    ["cut in the middle of the calendar", google(bob).slice(0, 900)],
    ["with bytes of nothing for a calendar", outlook(bob).replace(/\r\n\r\n[\s\S]*/, `\r\n\r\n${"\0".repeat(5_000)}`)],
    [
      "with a thousand calendars",
      mailOf(meeting({})).replace(/--a\r\nContent-Type: text\/calendar[\s\S]*?(?=--a--)/, (part) => part.repeat(1_000)),
    ],
    ["with a METHOD nobody knows", mailOf(meeting({ method: "X-TAKE-ALL" }))],
    ["of nobody", mailOf(meeting({})).replace(/^From: .*\r\n/m, "")],
    ["with an organiser that is no address", mailOf(meeting({ organiser: "ORGANIZER:urn:uuid:1" }))],
    [
      "with a zone that leads nowhere",
      mailOf(meeting({ more: ["RRULE:FREQ=SECONDLY", "RDATE;TZID=../../etc:20261203T090000"] })),
    ],
  ])("a mail %s is still that mail", async (_, raw) => {
    const [first] = shown(await listing(raw));
    expect(first).toMatchObject({ key: "1", object: { type: "Note" } });
  });

  it("fills pages of at most 500 sightings with whole mails, from any of which a listing goes on", async () => {
    await using box = await makeMaildir();
    const adapter = adapterOf(box);
    for (let index = 0; index < 400; index++)
      await box.deliver(`${index}`, mailOf(meeting({ uid: `m${index}`, attendees: [invited(bob)] })));
    const pages = await look(adapter);
    const keys = pages.map(({ sightings }) => sightings.map(({ key }) => key));
    expect(keys.map(({ length }) => length)).toEqual([500, 300]);
    expect(new Set(keys.flat()).size).toBe(800);
    expect(keys.every((page) => page.filter((key) => key.endsWith("#itip")).length * 2 === page.length)).toBe(true);
    const rest = await look(adapter, "INBOX", pages[0]!.position);
    expect(rest.flatMap(({ sightings }) => sightings.map(({ key }) => key))).toEqual(keys[1]);
  });

  it("is told by a hub when it comes; its mail filed or thrown away tells nothing of the meeting", async () => {
    await using box = await makeMaildir();
    await box.folder(".Archive");
    const dir = await mkdtemp(join(tmpdir(), "groupstream-itip-"));
    const hub = await openHub({ store: join(dir, "hub.db"), systems: [adapterOf(box)] });
    let seq = 0;
    const told = async (): Promise<readonly string[]> => {
      const failures = (await hub.sync()).flatMap((one) => one.failures);
      expect(failures).toEqual([]);
      const news: string[] = [];
      for await (const { seq: at, activity } of hub.activities({ after: seq })) {
        seq = at;
        const { object } = activity as { readonly object?: { readonly type?: string; readonly formerType?: string } };
        news.push(`${object?.formerType ?? object?.type}: ${activity.summaryMap.en}`);
      }
      return news;
    };
    const meetings = async (): Promise<readonly string[]> => (await told()).filter((line) => !line.startsWith("Note"));
    try {
      await told();
      await box.deliver("1", mailOf(meeting({ attendees: [invited(bob)] })));
      expect(await meetings()).toEqual(["Event: “Review” was scheduled for Thu, 3 Dec 2026, 09:00 UTC"]);
      await box.deliver("2", reply(bob));
      expect(await meetings()).toEqual(["Event: Bob accepted “Review”"]);
      await box.file("new/1", ".Archive/cur/1:2,S");
      await box.remove("new/2");
      expect(await meetings()).toEqual([]);
      await box.deliver("3", mailOf(meeting({ method: "CANCEL", sequence: 1, more: ["STATUS:CANCELLED"] })));
      expect(await meetings()).toEqual(["Event: “Review” on Thu, 3 Dec 2026, 09:00 UTC was cancelled"]);
    } finally {
      await hub.close();
      await rm(dir, { recursive: true });
    }
  });
});
