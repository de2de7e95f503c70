/** Messages about meetings in mail, on a real server: what is read of them, whom they are believed from, and how they go. */

import type { EventView, ItemKey, Read, Sighting, Whole } from "groupstream";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { pack, unpack } from "../../../adapters/groupware/imap/pack.ts";
import { apple, google, invited, mailOf, meeting, outlook } from "../../fixtures/mail/invitations.ts";
import type { Dovecot } from "../../lab/dovecot.ts";
import type { RawImap } from "../../lab/imap.ts";
import { adapterFor, fetched, hasDovecot, inbox, looked, metadata, serverOrReason } from "./world.ts";

const full: Read = { text: "full", behaviour: false };

const shown = (sightings: readonly Sighting[]): readonly Whole[] =>
  sightings.filter((one): one is Whole => "object" in one && one.object !== undefined);
const isPart = ({ key }: { readonly key: ItemKey }): boolean => key.endsWith("#itip");
const said = (sightings: readonly Sighting[]): EventView | undefined =>
  shown(sightings).find(isPart)?.object as EventView | undefined;
const lost = (sightings: readonly Sighting[]): string | undefined =>
  shown(sightings)
    .find((one) => !isPart(one))
    ?.object.losses?.find(({ field }) => field === "invitation")?.reason;

describe.skipIf(!hasDovecot)("invitations in mail", () => {
  let server: Dovecot;
  let user: string;
  let raw: RawImap;
  let count = 0;
  const closing: (() => unknown)[] = [];

  beforeAll(async () => {
    server = (await serverOrReason())!;
  });
  afterAll(() => server.stop());
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  const begin = async (mails: readonly string[], more: Parameters<typeof adapterFor>[2] = {}) => {
    user = server.user(`guest${++count}`);
    if (mails.length > 0) await server.append(user, "INBOX", [...mails]);
    raw = await server.raw(user);
    const adapter = adapterFor(server, user, more);
    closing.push(
      () => raw.close(),
      () => adapter[Symbol.asyncDispose](),
    );
    return { adapter, box: await inbox(adapter) };
  };
  const listing = async (mail: string, more: Parameters<typeof adapterFor>[2] = {}, read = metadata) => {
    const { adapter, box } = await begin([mail], more);
    return (await looked(adapter, box, undefined, read)).flatMap(({ sightings }) => sightings);
  };

  const bob = "bob@example.org";
  const reply = (from: string, parameters = "") =>
    mailOf(meeting({ method: "REPLY", attendees: [invited(bob, "ACCEPTED", parameters)] }), { from });

  it.each<[string, string, Partial<EventView>]>([
    ["Exchange's, alone in the mail", outlook(bob), { method: "request", startTime: "2026-12-03T09:00:00Z" }],
    ["Google's, twice in the mail", google(bob), { method: "request", name: "Review" }],
    [
      "Apple's, attached as bytes",
      apple(bob),
      { method: "request", attendees: [{ id: `mailto:${bob}`, name: "Bob", answer: "none" }] },
    ],
    [
      "one whose MIME parameter says something else",
      mailOf(meeting({ method: "CANCEL" }), { parameter: "REQUEST" }),
      { method: "cancel" },
    ],
    [
      "a reply of the attendee",
      reply(`Bob <${bob}>`),
      { method: "reply", attendees: [{ id: `mailto:${bob}`, name: "Bob", answer: "accepted" }] },
    ],
    ["a reply by who acts for them", reply("office@example.org", ';SENT-BY="mailto:office@example.org"'), { method: "reply" }],
    ["a proposal", mailOf(meeting({ method: "COUNTER", attendees: [invited(bob)] }), { from: bob }), { method: "counter" }],
    [
      "of one occurrence",
      mailOf(meeting({ more: ["RECURRENCE-ID:20261203T080000Z"] })),
      { instance: { id: "2026-12-03T08:00:00Z", originalTime: "2026-12-03T08:00:00Z" } },
    ],
  ])("reads %s, once, beside the mail", async (_, mail, expected) => {
    const sightings = await listing(mail);
    expect(said(sightings)).toMatchObject({ type: "Event", carrier: sightings[0]!.key, ...expected });
    expect(lost(sightings)).toBeUndefined();
    expect(sightings.map(({ key }) => key)).toEqual([sightings[0]!.key, `${sightings[0]!.key}#itip`]);
    const part = shown(sightings).find(isPart)!;
    expect(part).toMatchObject({ same: [{ within: "everywhere", weight: "identity" }], came: expect.any(String) });
  });

  it("names the meeting as the calendar does: UID and organiser", async () => {
    const part = shown(await listing(google(bob))).find(isPart)!;
    expect(part.same).toEqual([{ id: "uid:abc123@google.com mailto:ada@example.org", within: "everywhere", weight: "identity" }]);
  });

  const forged = "The mail is not from";
  it.each<[string, string, string | undefined]>([
    ["a reply of somebody else", reply("Eve <eve@example.org>"), "the attendee is not who sent the mail"],
    [
      "an invitation by somebody else",
      mailOf(meeting({}), { from: "eve@example.org" }),
      "the organiser is not who sent the mail",
    ],
    [
      "a cancellation by an attendee",
      mailOf(meeting({ method: "CANCEL", attendees: [invited(bob)] }), { from: bob }),
      "the organiser is not",
    ],
    [
      "one that its server calls forged",
      mailOf(meeting({}), {
        fields: "Authentication-Results: mx.example.org;\n dkim=fail; dmarc=fail header.from=example.org\n",
      }),
      "not from its sender",
    ],
    ["one that cannot be read", mailOf("METHOD:REQUEST\r\nBEGIN:VEVENT\r\n"), "cannot be read"],
    ["one of more than 1 MiB", mailOf(meeting({ more: [`DESCRIPTION:${"x".repeat(1_100_000)}`] })), "more than 1 MiB"],
    ["a calendar that is a file", mailOf(meeting({ method: "" })), undefined],
    ["a refresh", mailOf(meeting({ method: "REFRESH", attendees: [invited(bob)] }), { from: bob }), undefined],
  ])("takes %s for no message about a meeting; the mail says so", async (name, mail, why) => {
    const sightings = await listing(mail);
    expect(said(sightings), `${forged} ${name}`).toBeUndefined();
    expect(shown(sightings)).toHaveLength(1);
    if (why === undefined) expect(lost(sightings)).toBeUndefined();
    else expect(lost(sightings)).toContain(why);
  });

  it("counts only what the named server vouches for, where that is asked", async () => {
    const by = { invitations: { verifiedBy: "mx.example.org" } } as const;
    const results = (field: string): string => mailOf(meeting({}), { fields: `Authentication-Results: ${field}\n` });
    expect(said(await listing(results("mx.example.org; dmarc=pass (p=reject) header.from=example.org"), by))).toBeDefined();
    expect(lost(await listing(results("evil.example; dmarc=pass header.from=example.org"), by))).toContain("mx.example.org");
    expect(lost(await listing(results("mx.example.org; dmarc=pass header.from=evil.example"), by))).toContain("mx.example.org");
    expect(lost(await listing(mailOf(meeting({})), by))).toContain("mx.example.org");
    expect(shown(await listing(mailOf(meeting({})), { invitations: "off" }))).toHaveLength(1);
  });

  it("comes with an arrival, is fetched by its key, and is out when the mail goes", async () => {
    const { adapter, box } = await begin([]);
    const [opening] = await looked(adapter, box);
    await server.append(user, "INBOX", [google(bob), reply(bob)]);
    const pages = await looked(adapter, box, opening!.position);
    const keys = pages.flatMap(({ sightings }) => sightings.map(({ key }) => key));
    expect(keys).toEqual([keys[0], `${keys[0]}#itip`, keys[2], `${keys[2]}#itip`]);
    const whole = await fetched(adapter, box, [keys[1]!, keys[2]!], full);
    expect(whole.map(({ key }) => key)).toEqual([keys[1], keys[2]]);
    expect(said(whole)).toMatchObject({ method: "request" });
    const stream = await adapter.content!({ collection: box.id, key: keys[1]! }, "raw", AbortSignal.timeout(10_000));
    expect(await new Response(stream).text()).toContain("Invitation: Review");

    await raw.command("SELECT INBOX");
    await raw.command("UID STORE 1 +FLAGS (\\Deleted)");
    await raw.command("UID EXPUNGE 1");
    const after = (await looked(adapter, box, pages.at(-1)!.position)).flatMap(({ sightings }) => sightings);
    expect(after).toEqual([
      { key: keys[0], gone: true },
      { key: keys[1], out: true },
    ]);
    expect(await fetched(adapter, box, [keys[0]!, keys[1]!, "7-1#itip"])).toEqual(
      expect.arrayContaining([
        { key: keys[0], gone: true },
        { key: keys[1], out: true },
        { key: "7-1#itip", out: true },
      ]),
    );
  });

  it("crosses from the reading thread as it was read", () => {
    const node = { part: "2", type: "text/calendar", params: {} };
    const parts = [{ node, bytes: Buffer.from("BEGIN:VCALENDAR") }, { node: { ...node, part: "3" } }];
    const raws = {
      read: new Map([[7, { row: { uid: 7 }, enclosed: { parts, results: "Authentication-Results: x\r\n" } }]]),
      broken: new Set<number>(),
      silent: new Set<number>(),
    };
    expect(unpack(structuredClone(pack(raws)))).toEqual(raws);
  });
});
