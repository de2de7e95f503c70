/** What comes in between: cards that others change while they are written, lines that are cut, lines that cannot be read. */

import { randomUUID } from "node:crypto";
import type { Adapter, Command, ProfileView, Receipt, Verb } from "groupstream";
import { carddav } from "groupstream/adapters/carddav";
import { afterEach, describe, expect, it } from "vitest";
import { card, close, never, opened } from "../../protocol/dav/places.ts";
import { type Scripted, scriptedDav } from "../dav/scripted.ts";

afterEach(close);

const eve: ProfileView = { type: "Person", name: "Eve", fields: { "tel.work": "+49 30 1" } };
const evesCard = (...lines: readonly string[]): string =>
  card("eve", "Eve").replace("END:VCARD", ["TEL;TYPE=WORK:+49 30 1", ...lines, "END:VCARD"].join("\r\n"));

type Instead = Parameters<typeof scriptedDav>[1];

const start = async (instead?: Instead): Promise<{ readonly server: Scripted; readonly people: Adapter }> => {
  const server = await scriptedDav("addressbook", instead);
  const auth = { username: "anna", password: "secret" };
  const people = carddav({ id: "people", url: server.url, auth, owner: "mailto:anna@example.org", allow: "private" });
  opened.push(people);
  return { server, people };
};

const commandOf = (verb: Verb, more: Partial<Command>): Command => ({
  id: randomUUID(),
  attempt: 1,
  verb,
  actor: "mailto:anna@example.org",
  activity: {},
  trail: [],
  ...more,
});

const changing = (people: Adapter, { calendar }: Scripted, phone: string): Promise<Receipt> => {
  const item = { collection: calendar, key: "eve.vcf" };
  const object: ProfileView = { ...eve, fields: { "tel.work": phone } };
  return people.performs!.Update!(commandOf("Update", { item, base: eve, object }), never);
};

const puts = ({ asked }: Scripted): number => asked.filter(({ method }) => method === "PUT").length;

describe("a change", () => {
  it("goes on after somebody else's that comes in between, and keeps it", async () => {
    let come = false;
    const { server, people } = await start(({ method }, _, { items, touch }) => {
      if (method !== "PUT" || come) return false;
      come = true;
      touch();
      items.set("eve.vcf", { etag: "other", data: evesCard("TITLE:Analyst") });
      return false;
    });
    server.items.set("eve.vcf", { etag: "1", data: evesCard() });
    expect(await changing(people, server, "+49 30 2")).toMatchObject({ outcome: "done" });
    expect(puts(server)).toBe(2);
    const data = server.items.get("eve.vcf")!.data;
    for (const line of ["TITLE:Analyst", "TEL;TYPE=WORK:+49 30 2"]) expect(data).toContain(line);
  });

  it("is refused with both where somebody else changes the same in between", async () => {
    const { server, people } = await start(({ method }, _, { items }) => {
      if (method === "PUT") items.set("eve.vcf", { etag: "other", data: evesCard().replace("30 1", "30 9") });
      return false;
    });
    server.items.set("eve.vcf", { etag: "1", data: evesCard() });
    expect(await changing(people, server, "+49 30 2")).toMatchObject({
      outcome: "refused",
      reason: expect.stringContaining("tel.work: “+49 30 9” there, “+49 30 2” here"),
    });
    expect(server.items.get("eve.vcf")!.data).toContain("+49 30 9");
  });

  it("is tried three times, then later", async () => {
    let count = 0;
    const { server, people } = await start(({ method }, _, { items }) => {
      if (method === "PUT") items.set("eve.vcf", { etag: `other${++count}`, data: evesCard(`NOTE:${count}`) });
      return false;
    });
    server.items.set("eve.vcf", { etag: "1", data: evesCard() });
    expect(await changing(people, server, "+49 30 2")).toMatchObject({ outcome: "refused", obstacle: "throttled", again: true });
    expect(puts(server)).toBe(3);
    expect(server.items.get("eve.vcf")!.data).toContain("NOTE:3");
  });

  it("is not written onto a card with a line that cannot be read: that would be lost; the card is shown, and can be deleted", async () => {
    const { server, people } = await start();
    const data = evesCard("garbage without anything");
    server.items.set("eve.vcf", { etag: "1", data });
    const [book] = await Array.fromAsync(people.collections(never));
    const [shown] = await Array.fromAsync(people.fetch!(book!, ["eve.vcf"], { text: "full", behaviour: false }, never));
    expect(shown).toMatchObject({ object: { name: "Eve" } });
    expect(await changing(people, server, "+49 30 2")).toMatchObject({
      outcome: "refused",
      reason: expect.stringContaining("Line 7"),
    });
    expect(server.items.get("eve.vcf")!.data).toBe(data);
    const item = { collection: server.calendar, key: "eve.vcf" };
    expect(await people.performs!.Delete!(commandOf("Delete", { item, base: eve }), never)).toMatchObject({ outcome: "done" });
  });
});

describe("what is made", () => {
  it("is found again where the answer to it was cut off, and not made twice", async () => {
    let cut = true;
    const { server, people } = await start(({ method, path, body }, response, { items, touch }) => {
      if (method !== "PUT" || !cut) return false;
      cut = false;
      touch();
      items.set(path.replace("/cal/", ""), { etag: "1", data: body });
      response.destroy();
      return true;
    });
    const [book] = await Array.fromAsync(people.collections(never));
    const command = commandOf("Create", { object: eve, collection: book! });
    expect(await people.find!(command, never)).toBe("absent");
    expect(await people.performs!.Create!(command, never)).toMatchObject({ outcome: "unknown" });
    const found = await people.find!(command, never);
    expect(found).toMatchObject({ sighting: { object: { name: "Eve" }, mine: { marker: command.id } } });
    for (const attempt of [1, 2])
      expect(await people.performs!.Create!({ ...command, attempt }, never)).toMatchObject({ outcome: "done", stands: found });
    expect(server.items.size).toBe(1);
  });

  it("is known by its UID alone where the server drops our properties, and a copy of it is not ours", async () => {
    const { server, people } = await start();
    const [book] = await Array.fromAsync(people.collections(never));
    const command = commandOf("Create", { object: eve, collection: book! });
    await people.performs!.Create!(command, never);
    const [[key, { data }] = ["", { data: "" }]] = [...server.items];
    server.items.set(key, { etag: "2", data: data.replace(/^X-GROUPSTREAM.*\r\n(?: .*\r\n)*/gm, "") });
    server.items.set("copy.vcf", { etag: "1", data: data.replace(/^UID:.*$/m, `UID:${randomUUID()}`) });
    const read = { text: "full", behaviour: false } as const;
    const [ours, copy] = await Array.fromAsync(people.fetch!(book!, [key, "copy.vcf"], read, never));
    expect(ours).toMatchObject({ mine: { marker: command.id } });
    expect(copy).not.toHaveProperty("mine");
  });
});
