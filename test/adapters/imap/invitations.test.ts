/** Messages about meetings in mail, on a real server: what is read of them, whom they are believed from, and how they go. */

import type { Read } from "groupstream";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { pack, unpack } from "../../../adapters/groupware/imap/worker-transfer.ts";
import { bob, counted, isPart, lost, reply, said, shown, uncounted, vouched } from "../../fixtures/mail/invitation-cases.ts";
import { google } from "../../fixtures/mail/invitations.ts";
import type { Dovecot } from "../../lab/dovecot.ts";
import type { RawImap } from "../../lab/imap.ts";
import { adapterFor, fetched, hasDovecot, inbox, looked, metadata, serverOrReason } from "./world.ts";

const full: Read = { text: "full", behaviour: false };

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

  it.each(counted)("reads %s, once, beside the mail", async (_, mail, expected) => {
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

  it.each(uncounted)("takes %s for no message about a meeting; the mail says so", async (_, mail, why) => {
    const sightings = await listing(mail);
    expect(said(sightings)).toBeUndefined();
    expect(shown(sightings)).toHaveLength(1);
    if (why === undefined) expect(lost(sightings)).toBeUndefined();
    else expect(lost(sightings)).toContain(why);
  });

  it.each(vouched)("counts only what the named server vouches for, where that is asked: %s", async (_, mail, why) => {
    const sightings = await listing(mail, { invitations: { verifiedBy: "mx.example.org" } });
    expect(said(sightings) === undefined).toBe(why !== undefined);
    expect(lost(sightings)).toEqual(why && expect.stringContaining(why));
  });

  it("takes all for files of the mail where it is switched off", async () => {
    expect(shown(await listing(google(bob), { invitations: "off" }))).toHaveLength(1);
  });

  it("comes with an arrival, is fetched by its key, and is out when the mail goes", async () => {
    const { adapter, box } = await begin([]);
    const [opening] = await looked(adapter, box);
    await server.append(user, "INBOX", [google(bob), reply(bob)]);
    const pages = await looked(adapter, box, opening!.position);
    const keys = pages.flatMap(({ sightings }) => sightings.map(({ key }) => key));
    expect(keys).toEqual([keys[0], `${keys[0]}#itip`, keys[2], `${keys[2]}#itip`]);
    const whole = await fetched(adapter, box, [keys[1]!, keys[2]!], full);
    expect(whole.map(({ key }) => key)).toEqual([keys[1], keys[2], keys[3]]);
    expect(said(whole)).toMatchObject({ method: "request" });
    expect(said(whole.slice(1))).toMatchObject({ method: "reply" });
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
      read: new Map([[7, { row: { uid: 7 }, enclosed: { parts, results: ["x"] } }]]),
      broken: new Set<number>(),
      silent: new Set<number>(),
    };
    expect(unpack(structuredClone(pack(raws)))).toEqual(raws);
  });
});
