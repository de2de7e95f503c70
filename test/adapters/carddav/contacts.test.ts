/** An address book on each real server, from the server to the log and back. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Hub, openHub, type Submission } from "groupstream";
import { carddav } from "groupstream/adapters/carddav";
import { hrefOfKey } from "groupstream/protocol/dav";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Dav, openDav } from "../../../src/protocol/dav/client.ts";
import type { DiscoveredCollection } from "../../../src/protocol/dav/collection.ts";
import { davItems } from "../../../src/protocol/dav/items.ts";
import { davMake, davPut, davRemove } from "../../../src/protocol/dav/write.ts";
import { calendarAt, lookAt, never, overheard } from "../../protocol/dav/places.ts";
import { refusesAll, telling } from "../dav/story.ts";
import { bookServers } from "./servers.ts";

const bob = "mailto:bob@example.org";
const eve = "8e3f4b1c-2a0d-4f6e-9b7a-1c2d3e4f5a6b";
const ada = "03a0e51f-d1aa-4385-8a53-e29025acd8af";

const cardOf = (uid: string, name: string, ...more: readonly string[]): string =>
  ["BEGIN:VCARD", "VERSION:3.0", `UID:${uid}`, `FN:${name}`, `N:${name};;;;`, ...more, "END:VCARD", ""].join("\r\n");
/** As people's own programs write it: groups, labels, what nobody knows. */
const kept = [
  "item1.TEL;type=pref:+49 30 7",
  "item1.X-ABLabel:boat",
  "X-OTHER;X-P=1:kept as it is",
  "ADR;TYPE=HOME:;;Street 1;Berlin;;10115;",
];
const evesCard = (phone: string, ...more: readonly string[]): string =>
  cardOf(eve, "Eve", `TEL;TYPE=WORK:${phone}`, "EMAIL:eve@example.org", ...kept, ...more);

const unfolded = (data: string): readonly string[] => data.replace(/\r?\n[ \t]/g, "").split(/\r?\n/);

for (const [name, start] of bookServers) {
  const server = await start();
  describe.skipIf(!server)(`an address book on ${name} ${server?.version}`, () => {
    afterAll(() => server?.stop());
    let dir: string;
    let dav: Dav;
    let hub: Hub;
    let url: string;
    let copies: string;
    let sync: () => Promise<readonly string[]>;
    const access = () => ({ url: server!.url, auth: server!.auth, allow: "private" as const });
    const at = (book: string): DiscoveredCollection => ({ ...calendarAt(book), kind: "addressbook" });
    const now = async (key: string, book = url) => {
      for await (const item of davItems(dav, at(book), [key], never)) if (item.kind === "there") return item.resource;
      return undefined;
    };
    /** Another program writes there. */
    const put = async (key: string, body: string, book = url): Promise<void> => {
      const there = await now(key, book);
      const condition = there ? { match: there.revision } : ({ create: true } as const);
      const done = await davPut(dav, hrefOfKey(key, book), body, { kind: "addressbook", ...condition }, never);
      if (done.kind !== "done") throw new Error(`it is not written: ${JSON.stringify(done)}`);
    };
    const edit = async (key: string, change: (data: string) => string, book = url): Promise<void> => {
      const data = (await now(key, book))?.data ?? "";
      if (change(data) === data) throw new Error("it changes nothing");
      await put(key, change(data), book);
    };
    const remove = async (key: string): Promise<void> =>
      void (await davRemove(dav, hrefOfKey(key, url), (await now(key))!.revision, never));
    const lastOf = async (type = "Person"): Promise<string> => {
      let id = "";
      for await (const { activity } of hub.activities({ after: 0 })) {
        const object = activity.object as { id: string; type: string };
        if (object.type === type) id = object.id;
      }
      return id;
    };
    const submit = (request: Partial<Submission> & Pick<Submission, "type" | "object">) =>
      hub.submit({ actor: bob, ...request } as Submission);
    const book = async (title: string): Promise<string> => {
      // SOGo calls a new one by its path, whatever name it is given.
      const made = `${server!.home}${title}/`;
      const done = await davMake(dav, made, { kind: "addressbook", name: title }, never);
      if (done.kind !== "done") throw new Error(`it is not made: ${JSON.stringify(done)}`);
      return made;
    };

    beforeEach(async () => {
      dir = await mkdtemp(join(tmpdir(), "groupstream-carddav-"));
      dav = openDav({ system: "test", ...access() });
      [url, copies] = [await book("Work"), await book("Copies")];
      hub = await openHub({
        store: join(dir, "hub.db"),
        systems: [
          carddav({ id: "people", ...access(), owner: bob, addressbooks: ["Work"] }),
          carddav({ id: "copies", ...access(), owner: bob, addressbooks: ["Copies"] }),
        ],
        routes: [{ from: "people/Work", to: "copies/Copies", where: ({ name }) => name?.startsWith("Ada") === true }],
      });
      sync = telling(hub);
      await sync();
    });
    afterEach(async () => {
      await hub.close();
      for (const one of [url, copies]) await dav.send({ method: "DELETE", url: one }, never);
      await dav[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    });

    it("tells who appears, changes and leaves, each once; a changed phone number by its name", async () => {
      await put("eve.vcf", evesCard("+49 30 1"));
      expect(await sync()).toEqual(["Eve is new in Work"]);
      expect(await sync()).toEqual([]);
      await put("eve.vcf", evesCard("+49 30 2"));
      expect(await sync()).toEqual(["Eve changed: phone number (work)"]);
      // Another order, other cases, a stamp: nothing is new.
      const again = unfolded(evesCard("+49 30 2", "REV:2026-11-26T10:00:00Z")).map((line) =>
        line.replace("TYPE=WORK", "type=work"),
      );
      await put("eve.vcf", [...again.slice(0, 2), ...again.slice(2, -2).reverse(), ...again.slice(-2)].join("\r\n"));
      expect(await sync()).toEqual([]);
      const { value } = await hub.activities({ after: 1 })[Symbol.asyncIterator]().next();
      expect(value.activity).toMatchObject({
        type: "Update",
        "groupstream:changed": ["tel.work"],
        summaryMap: { de: "Eve wurde geändert: Telefonnummer (beruflich)" },
        object: { "groupstream:address": ["mailto:eve@example.org"] },
      });
      await remove("eve.vcf");
      expect([...(await sync()), ...(await sync())]).toEqual(["Eve is no longer in Work"]);
    });

    it("is read by its first look in one query, which a listing bears out", async () => {
      await put("eve.vcf", evesCard("+49 30 1"));
      const { dav: heard, asked } = overheard(dav);
      const pages = await lookAt(heard, { ...calendarAt(url), kind: "addressbook" });
      expect(pages.flatMap(({ sightings }) => sightings.map(({ key }) => key))).toEqual(["eve.vcf"]);
      expect(asked).toEqual(["addressbook-query", "sync-collection"]);
    });

    it("tells members by the names of their cards, and categories as what a card is added to", async () => {
      await put("eve.vcf", evesCard("+49 30 1"));
      const group = (...members: readonly string[]): string =>
        cardOf(
          "friends",
          "Friends",
          "X-ADDRESSBOOKSERVER-KIND:group",
          ...members.map((id) => `X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:${id}`),
        );
      await put("friends.vcf", group());
      expect([...(await sync())].sort()).toEqual(["Eve is new in Work", "Friends was created"]);
      await put("friends.vcf", group(eve, ada));
      expect([...(await sync())].sort()).toEqual(["Eve is now a member of Friends", "Somebody is now a member of Friends"]);
      await put("friends.vcf", group(ada));
      expect(await sync()).toEqual(["Eve is no longer a member of Friends"]);
      await put("eve.vcf", evesCard("+49 30 1", "CATEGORIES:Chess,Team"));
      expect(await sync()).toEqual(["Eve was added to Chess", "Eve was added to Team"]);
      await put("eve.vcf", evesCard("+49 30 1", "CATEGORIES:Team"));
      expect(await sync()).toEqual(["Eve was removed from Chess"]);
    });

    it("makes a contact: told once, silent when it is read back", async () => {
      const fields = {
        ...{ "tel.work": "+49 30 1, +49 30 2", org: "Example", bday: "--04-12", note: "one; two,\nthree" },
        ...{
          "adr.home": "Street 1; rear, Berlin",
          photo: "data:image/png;base64,iVBORw0KGgo=",
          "impp.home": "xmpp:eve@example.org",
        },
      };
      const object = { type: "Person", name: "Eve", address: ["mailto:eve@example.org"], fields, labels: ["Team"] } as const;
      const preview = await hub.submit({ type: "Create", actor: bob, target: "people/Work", object }, { preview: true });
      expect(preview).toMatchObject({ outcome: "previewed", native: expect.stringMatching(/^PUT gs\..*\.vcf \(If-None-Match/) });
      const done = await submit({ type: "Create", target: "people/Work", object });
      expect(done).toMatchObject({ outcome: "done", losses: [] });
      expect(await sync()).toEqual(["Eve is new in Work", "bob@example.org added Eve to Team"]);
      expect(await sync()).toEqual([]);
      const { data } = (await now(done.outcome === "done" ? done.key! : ""))!;
      for (const line of ["FN:Eve", "ORG:Example", "CATEGORIES:Team"]) expect(unfolded(data)).toContain(line);
      // A semicolon may be escaped in 3.0, or not.
      expect(unfolded(data).join("\n")).toMatch(/^NOTE:one\\?; two\\,\\nthree$/m);
      expect(unfolded(data).filter((line) => /^TEL;TYPE=WORK:/i.test(line))).toHaveLength(2);
    });

    it("changes one field, keeps what it does not know and what others changed; both the same is refused with both", async () => {
      await put("eve.vcf", evesCard("+49 30 1"));
      await sync();
      const object = await lastOf();
      // Not seen by the hub yet.
      await edit("eve.vcf", (data) => data.replace("END:VCARD", "TITLE:Analyst\r\nEND:VCARD"));
      expect(await submit({ type: "Update", object, change: { fields: { "tel.work": "+49 30 2" } } })).toMatchObject({
        outcome: "done",
        losses: [],
      });
      const lines = unfolded((await now("eve.vcf"))!.data);
      for (const line of ["TITLE:Analyst", "TEL;TYPE=WORK:+49 30 2", "X-OTHER;X-P=1:kept as it is"])
        expect(lines).toContain(line);
      // Radicale writes names in capitals and parameters in its own case.
      expect(lines.join("\n")).toMatch(/^item1\.TEL[^\n]*:\+49 30 7$/im);
      expect(lines.join("\n")).toMatch(/^item1\.X-ABLABEL:boat$/im);
      expect(lines.join("\n")).not.toContain("+49 30 1");
      // Whoever added the title is not known.
      expect((await sync()).join()).toContain("phone number (work)");
      expect(await sync()).toEqual([]);

      await edit("eve.vcf", (data) => data.replace("+49 30 2", "+49 30 3"));
      const both = await submit({ type: "Update", object, change: { fields: { "tel.work": "+49 30 4" } } });
      expect(both).toMatchObject({
        outcome: "refused",
        reason: expect.stringContaining("tel.work: “+49 30 3” there, “+49 30 4” here"),
      });
      expect((await now("eve.vcf"))!.data).toContain("+49 30 3");
    });

    it("writes an address part by part, a picture and a birthday, and takes away what it could not write", async () => {
      const before = evesCard("+49 30 1", "GEO:52.5;13.4");
      await put("eve.vcf", before);
      await sync();
      const object = await lastOf();
      const change = (fields: Record<string, string | null>) => submit({ type: "Update", object, change: { fields } });
      const photo = `data:image/png;base64,${Buffer.from("a picture ".repeat(100)).toString("base64")}`;
      const fields = { "adr.home": "Street 2, Berlin, 10115", photo, bday: "1990-04-12", "url.work": "https://example.org/a,b" };
      expect(await change(fields)).toMatchObject({ outcome: "done", losses: [] });
      expect(await sync()).toEqual(["bob@example.org changed postal address (home), birthday, photo and 1 more of Eve"]);
      expect(await sync()).toEqual([]);
      const lines = unfolded((await now("eve.vcf"))!.data).join("\n");
      expect(lines).toMatch(/^ADR;TYPE=HOME:;;Street 2;Berlin;;10115;?$/im);
      expect(lines).toMatch(/^BDAY;VALUE=DATE:1990-?04-?12$/im);
      expect(lines).toContain(photo.slice("data:image/png;base64,".length));
      expect(lines).toContain("X-OTHER;X-P=1:kept as it is");

      expect(await change({ photo: "https://example.org/eve,1.png", geo: "1,2" })).toMatchObject({
        outcome: "done",
        losses: [{ field: "geo" }],
      });
      const far = unfolded((await now("eve.vcf"))!.data).join("\n");
      expect(far).toMatch(/^PHOTO;VALUE=URI:https:\/\/example\.org\/eve\\?,1\.png$/im);
      // Radicale and SOGo escape what separates its parts.
      expect(far).toMatch(/^GEO:52\.5\\?;13\.4$/m);
      expect(far).toMatch(/^URL;TYPE=WORK(?:;VALUE=URI)?:https:\/\/example\.org\/a\\?,b$/im);
      await sync();
      expect(await change({ photo: null, geo: null, "adr.home": null })).toMatchObject({ outcome: "done", losses: [] });
      expect((await now("eve.vcf"))!.data).not.toMatch(/^(?:PHOTO|GEO|ADR)/m);
      await sync();
      expect(await sync()).toEqual([]);
    });

    it("deletes what is as it was seen, and nothing else", async () => {
      await put("eve.vcf", evesCard("+49 30 1"));
      await sync();
      const object = await lastOf();
      await edit("eve.vcf", (data) => data.replace("+49 30 1", "+49 30 2"));
      expect(await submit({ type: "Delete", object })).toMatchObject({
        outcome: "refused",
        reason: expect.stringContaining("tel.work"),
      });
      await sync();
      expect(await submit({ type: "Delete", object })).toMatchObject({ outcome: "done" });
      expect(await now("eve.vcf")).toBeUndefined();
      expect([...(await sync()), ...(await sync())]).toEqual(["Eve is no longer in Work"]);
    });

    it("carries a contact by a route: made, changed beside what others wrote there, and taken back", async () => {
      await put("ada.vcf", cardOf(ada, "Ada", "TEL;TYPE=WORK:+44 1", "ORG:Engines", ...kept));
      expect(await sync()).toEqual(["Ada is new in Work"]);
      await sync();
      const [delivery] = await hub.deliveries({});
      expect(delivery).toMatchObject({ state: "done", verb: "Create" });
      const key = `gs.${delivery!.id}.vcf`;
      const lines = unfolded((await now(key, copies))!.data);
      for (const line of ["FN:Ada", "ORG:Engines"]) expect(lines).toContain(line);
      await edit(key, (data) => data.replace("ORG:Engines", "ORG:Mine").replace("END:VCARD", "X-MINE:1\r\nEND:VCARD"), copies);
      await edit("ada.vcf", (data) => data.replace("FN:Ada", "FN:Ada King").replace("+44 1", "+44 2"));
      expect(await sync()).toEqual(["Ada King changed: phone number (work) and name"]);
      await sync();
      const changed = unfolded((await now(key, copies))!.data);
      for (const line of ["FN:Ada King", "ORG:Mine", "X-MINE:1"]) expect(changed).toContain(line);
      expect(changed.join("\n")).toMatch(/^TEL;TYPE=WORK:\+44 2$/im);
      expect(await sync()).toEqual([]);
      await edit(key, (data) => data.replace("+44 2", "+44 8"), copies);
      await edit("ada.vcf", (data) => data.replace("+44 2", "+44 9"));
      await sync();
      await sync();
      expect((await hub.deliveries({ states: ["refused"] })).map(({ reason }) => reason)).toEqual([
        expect.stringContaining("tel.work: “+44 8” there, “+44 9” here"),
      ]);
      await remove("ada.vcf");
      for (let round = 0; round < 3; round += 1) await sync();
      expect(await now(key, copies)).toBeUndefined();
    });

    it("carries nobody who is private", async () => {
      await put("ada.vcf", cardOf(ada, "Ada", "CLASS:PRIVATE"));
      expect(await sync()).toEqual(["Ada is new in Work"]);
      await sync();
      expect((await hub.deliveries({})).map(({ state, reason }) => [state, reason])).toEqual([
        ["void", "not sent: it is private"],
      ]);
      await edit("ada.vcf", (data) => data.replace("CLASS:PRIVATE", "CLASS:PUBLIC"));
      expect(await sync()).toEqual(["Ada changed: privacy"]);
    });

    it("holds what cannot be read, with its raw form", async () => {
      const outer = evesCard("+49 30 1");
      await put("eve.vcf", outer.replace("END:VCARD", `${cardOf(ada, "Ada")}END:VCARD`));
      expect(await sync()).toEqual([]);
      const [held] = await hub.quarantine();
      expect(held).toMatchObject({ key: "eve.vcf", reason: expect.stringContaining("without an end") });
      expect(await new Response(await hub.content(held!.raw!)).text()).toContain("FN:Ada");
      await put("eve.vcf", outer);
      expect(await sync()).toEqual(["Eve is new in Work"]);
      expect(await hub.quarantine()).toEqual([]);
    });
  });
}

describe("options", () => {
  it("are refused all at once, without a secret", () => {
    refusesAll(carddav, "addressbooks");
  });
});
