/** Servers that say no, hang up, take their time or ask for patience: nothing is lost, and no message is blamed for it. */

import type { GroupstreamError } from "groupstream";
import { describe, expect, it } from "vitest";
import { exchange } from "../../lab/imap-proxy/traits/providers.ts";
import { cutting, delaying, refusing } from "../../lab/imap-proxy/traits/trouble.ts";
import { without } from "../../lab/imap-proxy/traits/without.ts";
import { accountBehindProxy, letter } from "./account.ts";
import { fetched, hasDovecot, inbox, listed, looked, never } from "./world.ts";

describe.skipIf(!hasDovecot)("refusals", () => {
  const at = accountBehindProxy();

  const failure = async (work: Promise<unknown>): Promise<GroupstreamError> =>
    work.then(
      () => Promise.reject(new Error("it did not fail")),
      (error) => error,
    );

  it.each([
    ["BAD Request is throttled. Suggested Backoff Time: 1200 milliseconds", /^EXAMINE/, "throttled", 2],
    ["BAD Request is throttled. Suggested Backoff Time: 40 milliseconds", /^UID SEARCH/, "throttled", 1],
    // imapflow keeps to itself why a search was refused.
    ["NO [THROTTLED] slow down", /^UID SEARCH/, "unreachable", undefined],
    ["NO [THROTTLED] slow down", /^UID FETCH/, "throttled", undefined],
    ["NO [UNAVAILABLE] later", /^UID FETCH/, "unreachable", undefined],
    ["NO [THROTTLED] slow down", /^EXAMINE/, "throttled", undefined],
    ["NO [THROTTLED] slow down", /^LIST/, "throttled", undefined],
    ["BAD Request is throttled. Suggested Backoff Time: 40 milliseconds", /^LIST/, "throttled", 1],
    ["NO [THROTTLED] slow down", /^AUTHENTICATE/, "throttled", undefined],
    ["BAD Request is throttled. Suggested Backoff Time: 40 milliseconds", /^AUTHENTICATE/, "throttled", 1],
    ["NO [UNAVAILABLE] later", /^AUTHENTICATE/, "unreachable", undefined],
    ["NO [LIMIT] too many connections", /^AUTHENTICATE/, "unreachable", undefined],
    ["NO [LIMIT] too much", /^EXAMINE/, "unreachable", undefined],
    ["NO [UNAVAILABLE] later", /^EXAMINE/, "unreachable", undefined],
    ["NO [INUSE] locked", /^UID SEARCH/, "unreachable", undefined],
    ["BYE [UNAVAILABLE] going down", /^LIST/, "unreachable", undefined],
  ] as const)("%s to %s is %s, and the next look reads on", async (answer, command, code, retryAfter) => {
    const refusals = refusing();
    await at.begin([refusals]);
    await at.raw.append("INBOX", [{ raw: letter("one") }, { raw: letter("two") }]);
    const box = await inbox(at.adapter);
    // Else nobody would log in any more.
    if (command.source === "^AUTHENTICATE") at.proxy.cut();
    refusals.instead.push({ command, answer, times: 20 });
    const error = await failure(command.source === "^LIST" ? listed(at.adapter) : looked(at.adapter, box));
    expect(error).toMatchObject({ code, ...(retryAfter !== undefined && { retryAfter }) });
    refusals.instead.length = 0;
    expect((await looked(at.adapter, box)).flatMap(({ sightings }) => sightings)).toHaveLength(2);
  });

  it("BYE in the middle of an answer is a lost line: nothing is lost, nothing blamed", async () => {
    const refusals = refusing();
    await at.begin([refusals]);
    await at.raw.append(
      "INBOX",
      Array.from({ length: 60 }, (_, n) => ({ raw: letter(`m${n}`) })),
    );
    await at.told();
    refusals.byeAfter = 7;
    await at.raw.append(
      "INBOX",
      Array.from({ length: 60 }, (_, n) => ({ raw: letter(`n${n}`) })),
    );
    const lines: string[] = [];
    for (let round = 0; round < 4 && lines.length < 60; round += 1) lines.push(...(await at.sync()).told);
    expect(new Set(lines).size).toBe(60);
    expect(lines).toHaveLength(60);
    expect(await at.told()).toEqual([]);
  });

  it.each([[/^LIST/], [/^EXAMINE/], [/^UID SEARCH/], [/^UID FETCH/]])(
    "a kept connection that ends at %s is replaced, silently",
    async (command) => {
      const refusals = refusing();
      await at.begin([refusals]);
      await at.raw.append("INBOX", [{ raw: letter("one") }]);
      await looked(at.adapter, await inbox(at.adapter));
      refusals.instead.push({ command, answer: "BYE [UNAVAILABLE] going down" });
      expect((await looked(at.adapter, await inbox(at.adapter))).flatMap(({ sightings }) => sightings)).toHaveLength(1);
      expect(at.proxy.commands.filter((line) => /^(LOGIN|AUTHENTICATE)/.test(line))).toHaveLength(2);
    },
  );

  it("a server that says BYE to everything is unreachable", async () => {
    const refusals = refusing();
    await at.begin([refusals]);
    await at.raw.append("INBOX", [{ raw: letter("one") }]);
    const box = await inbox(at.adapter);
    refusals.instead.push({ command: /^(EXAMINE|UID FETCH)/, answer: "BYE [UNAVAILABLE] going down", times: 1_000 });
    expect(await failure(looked(at.adapter, box))).toMatchObject({ code: "unreachable" });
  });

  it("lines that are cut in the middle of rows, again and again, lose nothing and blame nobody", async () => {
    const cuts = cutting();
    await at.begin([cuts]);
    await at.raw.append(
      "INBOX",
      Array.from({ length: 40 }, (_, n) => ({ raw: letter(`m${n}`) })),
    );
    const box = await inbox(at.adapter);
    cuts.every = 33;
    const all = (await looked(at.adapter, box)).flatMap(({ sightings }) => sightings);
    expect(all).toHaveLength(40);
    expect(all.filter((sighting) => "malformed" in sighting)).toEqual([]);
  });

  it("Exchange: what is listed and cannot be fetched is quarantined, all others are read; when it can, it comes", async () => {
    const refusals = refusing();
    await at.begin([refusals, exchange(), without("QRESYNC", "CONDSTORE")]);
    await at.raw.append(
      "INBOX",
      Array.from({ length: 120 }, (_, n) => ({ raw: letter(`m${n + 1}`) })),
    );
    for (const uid of [5, 64, 65]) refusals.unfetchable.add(`INBOX ${uid}`);
    const box = await inbox(at.adapter);
    at.proxy.commands.length = 0;
    const all = (await looked(at.adapter, box)).flatMap(({ sightings }) => sightings);
    expect(all).toHaveLength(120);
    expect(all.filter((one) => "malformed" in one).map(({ key }) => key.split("-")[1])).toEqual(["5", "64", "65"]);
    expect(at.proxy.commands.filter((line) => line.startsWith("UID FETCH")).length).toBeLessThan(50);
    refusals.unfetchable.clear();
    const keys = all.flatMap((one) => ("malformed" in one ? [one.key] : []));
    expect((await fetched(at.adapter, box, keys)).map((one) => "object" in one && one.object?.name)).toEqual([
      "m5",
      "m64",
      "m65",
    ]);
  });

  it("Exchange: a moved mail is one Move although its size is only estimated", async () => {
    await at.begin([exchange(), without("QRESYNC", "CONDSTORE")]);
    await at.raw.command("CREATE Work");
    await at.told();
    await at.raw.append("INBOX", [{ raw: letter("order") }]);
    expect(await at.told()).toEqual([expect.stringMatching(/^Create order/)]);
    await at.within("INBOX", "UID MOVE 1 Work");
    expect(await at.told()).toEqual(["Move order mail/INBOX > mail/Work"]);
  });

  it("a row left out is no removal", async () => {
    const refusals = refusing();
    await at.begin([refusals, without("QRESYNC")]);
    await at.raw.append("INBOX", [{ raw: letter("a") }, { raw: letter("b") }]);
    await at.told();
    refusals.omitted.add("INBOX 1");
    await at.within("INBOX", "UID STORE 1:2 +FLAGS (\\Flagged)");
    expect((await at.told()).filter((line) => line.startsWith("Delete"))).toEqual([]);
  });

  it("without IDLE the manifest says so, and watching ends with the signal", async () => {
    await at.begin([without("IDLE")]);
    expect((await at.adapter.describe(never)).gives.watch).toMatchObject({
      level: "degraded",
      lost: expect.stringContaining("IDLE"),
    });
    const boxes = await listed(at.adapter);
    const abort = new AbortController();
    const reason = new Error("enough");
    setTimeout(() => abort.abort(reason), 300);
    const watching = (async () => {
      for await (const _ of at.adapter.watch!(boxes, abort.signal));
    })();
    await expect(watching).rejects.toBe(reason);
    expect(at.proxy.commands).not.toContain("IDLE");
  });

  it("slow answers are waited for by content, too", async () => {
    const delay = delaying();
    await at.begin([delay]);
    await at.raw.append("INBOX", [{ raw: letter("slow") }]);
    const box = await inbox(at.adapter);
    const [key] = (await looked(at.adapter, box)).flatMap(({ sightings }) => sightings.map((one) => one.key));
    delay.ms = 60;
    const stream = await at.adapter.content!({ collection: box.id, key: key! } as never, "raw", never);
    expect(await new Response(stream).text()).toBe(letter("slow"));
  });
});
