import fc from "fast-check";
import { type Card, cardEvidence, profileOf, readCards } from "groupstream/protocol/vcard";
import { describe, expect, test } from "vitest";
import type { CardProperty } from "../../../src/protocol/vcard/property.ts";
import { all, apple, bytesOf, google, nextcloud, nextcloudGroup, outlook } from "./cards.ts";

const one = (text: string): Card => readCards(bytesOf(text)).cards[0]!;
const card = (...lines: string[]): Card => one(["BEGIN:VCARD", "VERSION:3.0", ...lines, "END:VCARD", ""].join("\n"));
/** More of what there should be once. */
const twice = [
  "BEGIN:VCARD",
  "VERSION:3.0",
  "FN:B",
  "FN:A",
  "KIND:org",
  "KIND:group",
  "UID:2",
  "UID:1",
  "a.TEL:1",
  "A.X-ABLABEL:y",
  "a.X-ABLABEL:x",
]
  .concat("BDAY:18151210", "BDAY:1815-12-11", "MEMBER:mailto:b@example.org", "MEMBER:mailto:a@example.org", "END:VCARD", "")
  .join("\n");
/** Every card has the same picture: its digest is one. */
const photo = profileOf(one(apple)).fields?.photo;

describe("a card as a profile", () => {
  test("Apple", () => {
    expect(profileOf(one(apple))).toEqual({
      type: "Person",
      name: "Countess Ada King Lovelace",
      address: ["mailto:Ada@example.org", "mailto:countess@example.net"],
      fields: {
        "adr.home": "12 St James's Square, London, SW1Y 4JH, United Kingdom",
        bday: "--12-10",
        "impp.home": "xmpp:ada@example.org",
        note: "Poetical science; two\nlines, one comma",
        org: "Analytical Engines, Ltd., Programming",
        photo,
        "tel.cell": "+44 20 7946 0000",
        "tel.work": "+44 20 7946 0001, +44 20 7946 0002",
        title: "Programmer",
        "url.homepage": "https://example.org/ada",
      },
      losses: [{ field: "x-", reason: "Properties of the vendor's own are not shown." }],
    });
    expect(photo).toMatch(/^[\w-]{22}$/);
  });

  test("Google", () => {
    expect(profileOf(one(google))).toMatchObject({
      name: "Charles Babbage",
      address: ["mailto:charles@example.org"],
      fields: {
        nickname: "Babs, Charly",
        "tel.ferienhaus": "+44 1",
        "url.profile": "http://www.google.com/profiles/1",
      },
      labels: ["Engines", "myContacts"],
    });
  });

  test("4.0: preference, URIs, types in quotes, a domain that is not ASCII", () => {
    expect(profileOf(one(nextcloud))).toEqual({
      type: "Person",
      name: "Grace Hopper",
      address: ["mailto:grace@example.org", "mailto:ghopper@xn--bcher-kva.example"],
      fields: {
        anniversary: "--06-15",
        bday: "1906-12-09",
        geo: "52.5,13.4",
        photo,
        "tel.cell.home": "+1 555 0101",
        "tel.work": "+1-555-0100;ext=7",
        tz: "Europe/Berlin",
      },
      losses: [{ field: "key", reason: "This property is not shown." }],
    });
  });

  test.each([
    ["PRIVATE", "private"],
    ["confidential", "confidential"],
    ["X-SECRET", "private"],
    ["PUBLIC", undefined],
  ])("CLASS:%s", (said, classification) => {
    const { losses, classification: found } = profileOf(card("FN:Ada", `CLASS:${said}`));
    expect([found, losses]).toEqual([classification, undefined]);
  });

  test("a group of 4.0 and the same one of Apple", () => {
    const members = ["mailto:Charles@example.org", "urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af"];
    expect(profileOf(one(nextcloudGroup))).toEqual({
      type: "Group",
      name: "Engineers",
      members,
      losses: [{ field: "members", reason: "2 of the members are named by no IRI and left out." }],
    });
    const lines = members.map((member) => `X-ADDRESSBOOKSERVER-MEMBER:${member}`);
    const same = card("X-ADDRESSBOOKSERVER-KIND:group", "FN:Engineers", ...lines.reverse());
    expect(profileOf(same)).toEqual({ type: "Group", name: "Engineers", members });
  });

  test("2.1 of Outlook: bare types, charsets, quoted-printable, commas that separate nothing", () => {
    expect(profileOf(one(outlook))).toMatchObject({
      name: "Jörg Müller",
      address: ["mailto:joerg@example.org"],
      fields: {
        "adr.work": "Street 1, rear, Berlin, 10115, Germany",
        note: "first\nsecond and the rest",
        org: "Example, Inc., Sales",
        photo,
        "tel.cell": "+49 170 1",
        "tel.work": "+49 30 1",
      },
    });
  });

  test.each([
    [["KIND:org", "ORG:Engines;Sales"], { type: "Organization", name: "Engines, Sales" }],
    [["X-ABShowAs:COMPANY", "FN:Engines"], { type: "Organization", name: "Engines" }],
    [["N:Lovelace;Ada;;Countess;"], { type: "Person", name: "Countess Ada Lovelace" }],
    [["FN:", "N:;;;;", "EMAIL:ada@example.org"], { type: "Person", name: "ada@example.org" }],
    [["NOTE:nobody"], { type: "Person" }],
    [["FN:Ada\u202e\\nKing"], { name: "Ada King" }],
    [["EMAIL:nonsense"], { losses: [{ field: "address", reason: "1 of the addresses could not be read." }] }],
    [['TEL;TYPE="home","fax":1', "TEL;TYPE=cell;TYPE=home,voice:2"], { fields: { "tel.fax.home": "1", "tel.cell.home": "2" } }],
    [["BDAY:circa 1815"], { fields: { bday: "circa 1815" } }],
    [["BDAY:18151210"], { fields: { bday: "1815-12-10" } }],
    // SOGo and Radicale escape too much; SOGo calls a card of 4.0 one of 3.0, and leaves the rest.
    [["GEO:52.5\\;13.4"], { fields: { geo: "52.5,13.4" } }],
    [["BDAY:--1210"], { fields: { bday: "--12-10" } }],
    [
      [
        "PHOTO:data:image/jpeg\\;base64\\,/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/",
      ],
      { fields: { photo } },
    ],
    [["ADR:;;C:\\\\;Berlin;;;", "ORG:\\\\\\;;b"], { fields: { adr: "C:\\, Berlin", org: "\\;, b" } }],
    [["BDAY:1815-12-10T00:00:00Z"], { fields: { bday: "1815-12-10" } }],
  ])("%j", (lines, expected) => {
    expect(profileOf(card(...lines))).toMatchObject(expected);
  });

  test("a new photo is a change of `photo`; its bytes, and keys, are never shown", () => {
    const of = (bytes: string) => profileOf(card(`PHOTO;ENCODING=b;TYPE=PNG:${bytes}`, "KEY;ENCODING=b:c2VjcmV0"));
    expect(of("AAAA").fields).not.toEqual(of("AAAB").fields);
    expect(JSON.stringify(of("AAAA"))).not.toMatch(/AAAA|c2VjcmV0/);
  });

  test("a long note is cut, and that is said", () => {
    const { fields, losses } = profileOf(card(`NOTE:${"x".repeat(100_000)}`));
    expect(fields?.note).toHaveLength(32 * 1024);
    expect(losses?.map(({ field }) => field)).toEqual(["note"]);
  });

  test.each(Object.entries({ ...all, twice }))("%s: the order of properties and types says nothing", (_, text) => {
    const read = one(text);
    const [version, ...properties] = read.jCard[1];
    fc.assert(
      fc.property(fc.shuffledSubarray(properties, { minLength: properties.length }), (shuffled) => {
        const turned = shuffled.map(
          ([name, params, type, ...values]): CardProperty => [
            name,
            Array.isArray(params.type) ? { ...params, type: params.type.toReversed() } : params,
            type,
            ...values,
          ],
        );
        const again: Card = { jCard: ["vcard", [version as CardProperty, ...turned]] };
        expect([profileOf(again), cardEvidence(again)]).toEqual([profileOf(read), cardEvidence(read)]);
      }),
      { numRuns: 30 },
    );
  });
});

describe("evidence", () => {
  test.each(["03A0E51F-D1AA-4385-8A53-E29025ACD8AF", "urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af"])("UID %s", (uid) => {
    expect(cardEvidence(card(`UID:${uid}`))).toEqual([
      { id: "urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af", within: "system", weight: "identity" },
    ]);
  });

  test("none without a UID; a long one is a digest; case counts where it is no UUID", () => {
    expect(cardEvidence(card("FN:Ada"))).toEqual([]);
    expect(cardEvidence(card("UID:"))).toEqual([]);
    expect(cardEvidence(card(`UID:${"x".repeat(1_000)}`))[0]?.id).toHaveLength("card:".length + 22);
    expect(cardEvidence(card("UID:A"))).not.toEqual(cardEvidence(card("UID:a")));
  });
});
