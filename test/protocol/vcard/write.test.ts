import fc from "fast-check";
import {
  type Card,
  type CardChange,
  changeCard,
  markOfCard,
  newCard,
  profileOf,
  readCards,
  writeCard,
} from "groupstream/protocol/vcard";
import { describe, expect, test } from "vitest";
import { all, apple, bytesOf, google, nextcloud, nextcloudGroup, outlook } from "./cards.ts";

const one = (text: string): Card => {
  const { cards, problems } = readCards(text);
  expect(problems).toEqual([]);
  expect(cards).toHaveLength(1);
  return cards[0]!;
};
const unfolded = (text: string): string[] => text.replace(/\r?\n[ \t]/g, "").split(/\r?\n/);
const changed = (text: string, change: CardChange) => {
  const { card, losses } = changeCard(one(text), change);
  const [before, after] = [unfolded(writeCard(one(text))), unfolded(writeCard(card))];
  return {
    gone: before.filter((line) => !after.includes(line)),
    come: after.filter((line) => !before.includes(line)),
    view: profileOf(one(writeCard(card))),
    losses,
  };
};

describe("writing", () => {
  test.each(Object.entries({ apple, google, nextcloud, nextcloudGroup }))(
    "%s: what nobody changed is written as it came",
    (_, text) => {
      expect(unfolded(writeCard(one(text)))).toEqual(unfolded(text));
      expect(
        writeCard(one(text))
          .split("\r\n")
          .every((line) => Buffer.byteLength(line) <= 76),
      ).toBe(true);
    },
  );

  test("2.1 is written as 3.0", () => {
    const text = writeCard(one(outlook));
    expect(text).toContain("VERSION:3.0\r\nN;LANGUAGE=de:Müller;Jörg\r\n");
    expect(text).toContain("TEL;TYPE=WORK;TYPE=VOICE:+49 30 1\r\n");
    expect(profileOf(one(text))).toEqual(profileOf(one(outlook)));
  });

  test("another's change of a property in place is written, too", () => {
    const card = one(apple);
    const title = card.jCard[1].find(([name]) => name === "title");
    title![3] = "Countess; Programmer";
    expect(profileOf(one(writeCard(card))).fields?.title).toBe("Countess; Programmer");
  });
});

describe("changing", () => {
  test("one number of two; its label, group and place stay", () => {
    expect(changed(google, { fields: { "tel.ferienhaus": "+44 2" } })).toMatchObject({
      gone: ["item2.TEL:+44 1"],
      come: ["item2.TEL:+44 2"],
      losses: [],
    });
    const { gone, come } = changed(apple, { fields: { "tel.work": ["+44 20 7946 0002", "+44 3"] } });
    expect([gone, come]).toEqual([["TEL;type=WORK;type=VOICE:+44 20 7946 0001"], ["TEL;TYPE=WORK,VOICE:+44 3"]]);
  });

  test("what is removed takes its label along, and nothing else", () => {
    expect(changed(google, { fields: { "tel.ferienhaus": null } }).gone).toEqual([
      "item2.TEL:+44 1",
      "item2.X-ABLabel:Ferienhaus",
    ]);
    expect(changed(apple, { fields: { "tel.work": [] } }).gone).toHaveLength(2);
  });

  test("labels are one property, other categories stay as they are; marks come and go, and are not shown", () => {
    expect(changed(google, { labels: ["Engines", "Friends"] })).toMatchObject({
      come: ["CATEGORIES:Engines,Friends"],
      view: { labels: ["Engines", "Friends"] },
    });
    expect(changed(google, { labels: ["myContacts", "Engines"] })).toMatchObject({ come: [], gone: [] });
    const { come, view } = changed(apple, { marks: { "x-groupstream-base": "a_b-c" } });
    expect(come).toEqual(["X-GROUPSTREAM-BASE:a_b-c"]);
    expect(view).toEqual(profileOf(one(apple)));
    const { card } = changeCard(one(apple), { marks: { "x-groupstream-base": "a" } });
    expect(markOfCard(card, "x-groupstream-base")).toBe("a");
    expect(
      markOfCard(changeCard(card, { marks: { "x-groupstream-base": undefined } }).card, "x-groupstream-base"),
    ).toBeUndefined();
  });

  test("a name that stands whole in N is renamed there, too", () => {
    const text = ["BEGIN:VCARD", "VERSION:3.0", "FN:Eve", "N:Eve;;;;", "END:VCARD", ""].join("\r\n");
    const { come, losses } = changed(text, { name: "Eva" });
    expect([come, losses]).toEqual([["FN:Eva", "N:Eva;;;;"], []]);
  });

  test("new ones come last, with a type or a label", () => {
    const { come, gone, view } = changed(google, {
      fields: { "tel.work": "+44 3", "tel.am see": "+44 4", title: "Inventor, Prof." },
    });
    expect(gone).toEqual([]);
    expect(come).toEqual(["TEL;TYPE=work:+44 3", "item4.TEL:+44 4", "item4.X-ABLABEL:am see", "TITLE:Inventor\\, Prof."]);
    expect(view.fields).toMatchObject({ "tel.work": "+44 3", "tel.am see": "+44 4", title: "Inventor, Prof." });
  });

  test("addresses: those that are known stay as they are, with what could not be read", () => {
    const text = google.replace("NICKNAME", "EMAIL:nonsense\nNICKNAME");
    const { gone, come, view } = changed(text, { address: ["mailto:charles@example.org", "mailto:cb%2Fx@example.net"] });
    expect([gone, come]).toEqual([[], ["EMAIL:cb/x@example.net"]]);
    expect(view.address).toEqual(["mailto:cb%2Fx@example.net", "mailto:charles@example.org"]);
  });

  test("a name: the preferred FN; N stays and that is said", () => {
    const { gone, come, losses } = changed(nextcloud, { name: "Amazing Grace", rev: "2026-03-02T08:00:00Z" });
    expect(gone).toEqual(["FN;PREF=1:Grace Hopper"]);
    expect(come).toEqual(["FN;PREF=1:Amazing Grace", "REV:20260302T080000Z"]);
    expect(losses).toEqual([{ field: "n", reason: "The parts of the name stay as they were." }]);
    expect(changed(nextcloud, { name: "A; B", n: { family: "B;,", given: "A" } })).toMatchObject({
      come: ["FN;PREF=1:A; B", "N:B\\;\\,;A;;;"],
      losses: [],
    });
  });

  test("a birthday without its year in both versions", () => {
    expect(changed(google, { fields: { bday: "--12-26" } })).toMatchObject({
      come: ["BDAY;X-APPLE-OMIT-YEAR=1604;VALUE=DATE:16041226"],
      view: { fields: { bday: "--12-26" } },
    });
    expect(changed(apple, { fields: { bday: "1815-12-10" } })).toMatchObject({
      come: ["BDAY;VALUE=DATE:18151210"],
      view: { fields: { bday: "1815-12-10" } },
    });
    expect(changed(nextcloud, { fields: { bday: "--12-09" } })).toMatchObject({ come: ["BDAY:--1209"] });
  });

  test("what a version has no word for is said", () => {
    const losses = (text: string, fields: NonNullable<CardChange["fields"]>) => changed(text, { fields }).losses;
    expect(losses(apple, { bday: "about 1815", anniversary: "1835-07-08" })).toEqual([
      { field: "bday", reason: "vCard 3.0 holds whole dates alone: 1985-04-12, --04-12." },
      { field: "anniversary", reason: "vCard 3.0 has no word for it." },
    ]);
    expect(changed(nextcloud, { fields: { bday: "about 1815; or so", anniversary: "1835-07" } })).toMatchObject({
      come: ["BDAY;VALUE=TEXT:about 1815; or so", "ANNIVERSARY:1835-07"],
      view: { fields: { bday: "about 1815; or so", anniversary: "1835-07" } },
      losses: [],
    });
  });

  test("an address: the part that changed, the others stay what they are; what was printed for the old one goes", () => {
    const adr = (text: string, value: string) => {
      const { come, losses, view } = changed(text, { fields: { "adr.home": value } });
      expect(view.fields?.["adr.home"]).toBe(value);
      return [...come, ...losses.map(({ reason }) => reason)];
    };
    const home = "12 St James's Square, London, SW1Y 4JH, United Kingdom";
    expect(profileOf(one(apple)).fields?.["adr.home"]).toBe(home);
    expect(adr(apple, home.replace("12", "14"))).toEqual([
      "item2.ADR;TYPE=HOME:;;14 St James's Square;London;;SW1Y 4JH;United Kingdom",
    ]);
    expect(adr(apple, home.replace("London", "Bath").replace("SW1Y 4JH", "BA1"))).toEqual([
      "item2.ADR;TYPE=HOME:;;12 St James's Square;Bath;;BA1;United Kingdom",
    ]);
    expect(adr(apple, home.replace(", SW1Y 4JH", ""))).toEqual([
      "item2.ADR;TYPE=HOME:;;12 St James's Square;London;;;United Kingdom",
    ]);
    expect(adr(apple, "Ashley Combe; Porlock")).toEqual([
      "item2.ADR;TYPE=HOME:;;Ashley Combe\\; Porlock;;;;",
      "Which part is which is not known any more: it stands whole in one.",
    ]);
    const listed = apple.replace("ADR;type=HOME:;;12", 'ADR;LABEL="As printed";GEO="geo:1,2";TYPE=home:;Floor 2,Door 3;12');
    expect(adr(listed, "Floor 2 Door 3, 1 Street, London, SW1Y 4JH, United Kingdom")).toEqual([
      "item2.ADR;TYPE=home:;Floor 2,Door 3;1 Street;London;;SW1Y 4JH;United Kingdom",
    ]);
  });

  test("one of two addresses of a kind, and the units of an organisation", () => {
    const text = apple.replace("BDAY", "ADR;type=HOME:;;1 Ashley;Porlock;;;\nBDAY");
    const { come, gone } = changed(text, {
      fields: { "adr.home": "1 Ashley, Porlock, 14 St James's Square, London, SW1Y 4JH, United Kingdom" },
    });
    expect([gone.length, come]).toEqual([1, ["item2.ADR;TYPE=HOME:;;14 St James's Square;London;;SW1Y 4JH;United Kingdom"]]);
    expect(changed(apple, { fields: { org: "Analytical Engines, Ltd., Poetry" } }).come).toEqual([
      "ORG:Analytical Engines\\, Ltd.;Poetry;",
    ]);
  });

  test("a picture in the form of each version, without what was said of the one before", () => {
    const inline = "data:image/png;base64,iVBORw0KGgo=";
    const picture = (text: string, photo: string | null) => {
      const { come, gone, view } = changed(text, { fields: { photo } });
      return { come, gone: gone.length, shown: view.fields?.photo };
    };
    const cropped = apple.replace("PHOTO;", "PHOTO;X-ABCROP-RECTANGLE=ABClipRect_1&0&0&9&9&x;");
    const [old, late] = [picture(cropped, inline), picture(nextcloud, inline)];
    expect(old).toMatchObject({ come: ["PHOTO;ENCODING=b;TYPE=PNG:iVBORw0KGgo="], gone: 1 });
    expect(late).toMatchObject({ come: [`PHOTO:${inline.replace(",", "\\,")}`], gone: 1 });
    expect(old.shown).toBe(late.shown);
    const [far, farther] = [picture(apple, "https://example.org/a,b;c.png"), picture(nextcloud, "https://example.org/a,b;c.png")];
    expect([far.come, farther.come]).toEqual([
      ["PHOTO;VALUE=URI:https://example.org/a\\,b;c.png"],
      ["PHOTO:https://example.org/a\\,b;c.png"],
    ]);
    expect(far.shown).toBe(farther.shown);
    expect(picture(apple, null)).toEqual({ come: [], gone: 1, shown: undefined });
  });

  test("members come and go", () => {
    const gone = "urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af";
    const members = ["mailto:Charles@example.org", "mailto:ada@example.org"];
    const result = changed(nextcloudGroup, { members });
    expect(profileOf(one(nextcloudGroup)).members).toContain(gone);
    expect(result.view.members).toEqual(members);
    expect(result.gone).toEqual(["MEMBER:urn:uuid:03A0E51F-D1AA-4385-8A53-E29025ACD8AF"]);
  });

  test.each([
    [{ fields: { geo: "52.5,13.4" } }, "geo"],
    [{ fields: { photo: "x" } }, "photo"],
    [{ fields: { photo: "file:///etc/passwd" } }, "photo"],
    [{ fields: { photo: "data:image/svg+xml;base64,AAAA" } }, "photo"],
    [{ fields: { photo: "data:image/png;base64,AAA\r\nEND:VCARD" } }, "photo"],
    [{ fields: { photo: `data:image/png;base64,${"A".repeat(300 * 1024)}` } }, "photo"],
    [{ fields: { photo: "https://example.org/a.png\nEND:VCARD" } }, "photo"],
    [{ fields: { constructor: "x" } }, "constructor"],
    [{ fields: { uid: null } }, "uid"],
    [{ fields: { url: "https://example.org/\r\nEND:VCARD" } }, "url"],
    [{ address: ["https://example.org/ada"] }, "address"],
    [{ members: ["nobody"] }, "members"],
  ] satisfies [CardChange, string][])("%j cannot be written", (change, field) => {
    const text = nextcloudGroup;
    const { losses, gone } = changed(text, { members: profileOf(one(text)).members ?? [], ...change });
    expect(losses.map((loss) => loss.field)).toEqual([field]);
    expect(gone.every((line) => line.startsWith("MEMBER"))).toBe(true);
  });

  const value = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.constantFrom("a\r\nEND:VCARD", "a;b,c\\d", "\\;", "\\n", "tel:+1", "1, b, c; d", "--02-29", "2000-01-01", "1999"),
    fc.constantFrom("https://example.org/a,b;c", "data:image/gif;base64,R0lGODdh", "xmpp:a@example.org"),
  );
  const field = fc.constantFrom(
    ...["tel", "tel.work", "tel.cell.home", "tel.am see", "org", "title", "role", "note", "nickname"],
    ...["adr", "adr.home", "adr.am see", "bday", "anniversary", "photo", "url.work", "impp"],
  );
  const changes: fc.Arbitrary<CardChange> = fc.record(
    {
      name: value,
      labels: fc.array(value, { maxLength: 3 }),
      fields: fc.dictionary(field, fc.oneof(value, fc.array(value, { maxLength: 3 }), fc.constant(null))),
    },
    { requiredKeys: [] },
  );

  test.each(Object.entries(all))("%s: any change survives the way out and in, and touches nothing else", (_, text) => {
    const card = one(text);
    const before = JSON.stringify(card.jCard);
    const theirs = (lines: readonly string[]) =>
      lines.filter(
        (line) =>
          !/^(?:item\d+\.)?(?:FN|TEL|ORG|TITLE|ROLE|NOTE|NICKNAME|CATEGORIES|X-ABLABEL|ADR|BDAY|ANNIVERSARY|PHOTO|URL|IMPP)[;:]/i.test(
            line,
          ),
      );
    fc.assert(
      fc.property(changes, (change) => {
        const { card: next } = changeCard(card, change);
        expect(JSON.stringify(card.jCard)).toBe(before);
        const written = writeCard(next);
        const again = one(written);
        expect(profileOf(again)).toEqual(profileOf(next));
        expect(writeCard(again)).toBe(written);
        expect(theirs(unfolded(written))).toEqual(theirs(unfolded(writeCard(card))));
        // What a profile says can be said again, and changes nothing.
        const { name, fields } = profileOf(next);
        const same = changeCard(next, { ...(name !== undefined && { name }), ...(fields && { fields }) });
        expect(writeCard(same.card)).toBe(written);
      }),
      { numRuns: 150 },
    );
  });
});

describe("new cards", () => {
  const uid = "8a53e290-25ac-4d8a-9f00-0123456789ab";

  const word = fc.string({ minLength: 1, maxLength: 12 }).map((text) => text.replace(/\s+/g, " ").trim() || "x");
  const words = fc.array(word, { minLength: 1, maxLength: 5 }).map((all) => all.join(", "));
  const day = fc.date({ min: new Date("1700-01-01"), max: new Date("2100-01-01"), noInvalidDate: true });
  const dated = day.map((date) => date.toISOString().slice(0, 10));
  const asked = fc.record(
    {
      "adr.home": words,
      adr: words,
      org: words,
      title: words,
      role: words,
      note: words,
      bday: fc.oneof(
        dated,
        dated.map((date) => `-${date.slice(4)}`),
      ),
      "url.work": fc.webUrl(),
      "impp.home": fc.emailAddress().map((address) => `xmpp:${address}`),
    },
    { requiredKeys: [] },
  );
  test.each(["3.0", "4.0"] as const)("%s: reading what was written gives what was asked", (version) => {
    fc.assert(
      fc.property(asked, fc.option(dated, { nil: undefined }), (fields, anniversary) => {
        const wish = { ...fields, ...(anniversary !== undefined && version === "4.0" && { anniversary }) };
        const { card, losses } = newCard({ version, uid }, { name: "Ada", fields: wish });
        expect(losses).toEqual([]);
        expect(profileOf(one(writeCard(card))).fields ?? {}).toEqual(wish);
      }),
    );
  });

  test("a picture is the same in both versions, whatever its bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), (bytes) => {
        const photo = `data:image/jpeg;base64,${Buffer.from(bytes).toString("base64")}`;
        const [old, late] = (["3.0", "4.0"] as const).map((version) => {
          const { card, losses } = newCard({ version, uid }, { name: "Ada", fields: { photo } });
          expect(losses).toEqual([]);
          return profileOf(one(writeCard(card))).fields;
        });
        expect(old?.photo).toMatch(/^[\w-]{22}$/);
        expect(old).toEqual(late);
      }),
    );
  });

  test("3.0", () => {
    const { card } = newCard(
      { version: "3.0", uid },
      { name: "Ada Lovelace", address: ["mailto:ada@example.org"], fields: { "tel.cell": "+44" } },
    );
    expect(writeCard(card)).toBe(
      bytesOf(
        `BEGIN:VCARD\nVERSION:3.0\nUID:${uid}\nFN:Ada Lovelace\nN:Ada Lovelace;;;;\nEMAIL:ada@example.org\nTEL;TYPE=cell:+44\nEND:VCARD\n`,
      ).toString(),
    );
  });

  test.each(["3.0", "4.0"] as const)("%s: groups and organisations", (version) => {
    const members = ["mailto:ada@example.org"];
    const group = newCard({ version, uid, type: "Group" }, { name: "Engineers", members });
    expect(profileOf(one(writeCard(group.card)))).toEqual({ type: "Group", name: "Engineers", members });
    const org = newCard({ version, uid, type: "Organization" }, { name: "Engines", fields: { org: "Engines; Ltd." } });
    expect(profileOf(one(writeCard(org.card)))).toEqual({
      type: "Organization",
      name: "Engines",
      fields: { org: "Engines; Ltd." },
    });
    expect([...group.losses, ...org.losses]).toEqual([]);
  });
});
