/**
 * vCards: our reader and ical.js by itself, on cards as address books write them and on broken ones.
 *
 *     node --conditions=groupstream:source bench/peers/vcard.ts
 */

import { profileOf, readCards, writeCard } from "groupstream/protocol/vcard";
import ICAL from "ical.js";
import { all, apple, bytesOf, google, nextcloud, nextcloudGroup, outlook } from "../../test/protocol/vcard/cards.ts";
import { cost, outcome, table } from "./peers.ts";

const crlf = (text: string): string => text.replaceAll("\n", "\r\n");
const mixed = Array.from({ length: 1_000 }, (_, n) => crlf([apple, google, nextcloud, nextcloudGroup][n % 4] as string));
console.log("1,000 cards: Apple, Google, Nextcloud, a group");
table(
  ["", "ms"],
  [
    ["ours", cost(() => mixed.map((text) => readCards(text))).toFixed(0)],
    ["ical.js: ICAL.parse", cost(() => mixed.map((text) => ICAL.parse(text))).toFixed(0)],
  ],
);

const card = (...lines: readonly string[]): string =>
  ["BEGIN:VCARD", "VERSION:3.0", "FN:Ada", ...lines, "TITLE:Größe", "END:VCARD", ""].join("\r\n");

/** What it is, the card, and what TITLE, TEL or ORG should say. */
const awkward: readonly (readonly [string, string | Uint8Array, Readonly<Record<string, string>>])[] = [
  ...(Object.entries(all).map(([name, text]) => [name, bytesOf(text), {}]) as [string, Uint8Array, Record<string, string>][]),
  ["a byte order mark", `\ufeff${card()}`, { title: "Größe" }],
  ["Latin-1", Buffer.from(card(), "latin1"), { title: "Größe" }],
  ["bare CR", card().replaceAll("\n", ""), { title: "Größe" }],
  ["white space in front", card().replace("BEGIN:VCARD", " begin : vcard "), { title: "Größe" }],
  ["a line that is no property", card("nonsense"), { title: "Größe" }],
  ["a type without a name (TEL;CELL)", card("TEL;CELL:1"), { tel: "1" }],
  ["types in two ways", card("TEL;TYPE=cell;TYPE=home,voice:1"), { tel: "1" }],
  ["a quote that never ends", card('TEL;TYPE="home:2'), { title: "Größe" }],
  ["quoted-printable", card("ORG;ENCODING=QUOTED-PRINTABLE:M=C3=BCller"), { org: "Müller" }],
  ["base64 that is not indented", card("PHOTO;BASE64;PNG:iVBOR", "w0KGgo="), { title: "Größe" }],
  ["a card inside of a card", card("AGENT:", "BEGIN:VCARD", "VERSION:2.1", "FN:Bob", "END:VCARD"), { title: "Größe" }],
  ["a property called __proto__", card("__PROTO__:4"), { title: "Größe" }],
  ["an escaped semicolon (\\;)", card("ROLE:a\\;b"), { role: "a;b" }],
  ["a backslash before a separator", card("ORG:a\\\\;b"), { org: "a\\, b" }],
];

type Found = Readonly<Record<string, unknown>>;
const ours = (data: string | Uint8Array): Found => {
  const [first] = readCards(data).cards;
  if (!first) throw new Error("no card");
  // What is of a kind is named after it: tel.cell.
  return Object.fromEntries(Object.entries(profileOf(first).fields ?? {}).map(([name, value]) => [name.split(".")[0], value]));
};
const theirs = (data: string | Uint8Array): Found => {
  const parsed = ICAL.parse(typeof data === "string" ? data : new TextDecoder().decode(data)) as unknown[];
  if (parsed[0] !== "vcard") throw new Error("no card, or several");
  const component = new ICAL.Component(parsed);
  return Object.fromEntries(
    component.getAllProperties().map((property) => [property.name, [property.getValues()].flat(2).join(", ")]),
  );
};
const judged = (read: (data: string | Uint8Array) => Found, data: string | Uint8Array, wanted: Found): string =>
  outcome(() => {
    const found = read(data);
    const wrong = Object.entries(wanted).filter(([name, value]) => found[name] !== value);
    return wrong.length === 0 ? "read" : `gives ${wrong.map(([name]) => `${name} ${JSON.stringify(found[name])}`).join()}`;
  });
console.log();
table(
  ["", "ours", "ical.js"],
  awkward.map(([name, data, wanted]) => [name, judged(ours, data, wanted), judged(theirs, data, wanted)]),
);

console.log();
const half = crlf(apple).slice(0, crlf(apple).indexOf("UID:"));
const names = (cards: readonly unknown[]): string => `${cards.length}: ${cards.join(", ")}`;
const icals = (text: string): string => {
  const parsed = ICAL.parse(text) as unknown[];
  return names(
    (Array.isArray(parsed[0]) ? parsed : [parsed]).map((one) => new ICAL.Component(one as unknown[]).getFirstPropertyValue("fn")),
  );
};
table(
  ["cards in", "ours", "ical.js"],
  Object.entries({
    "half a card": half,
    "half a card and a whole one": half + crlf(google),
    "a whole one and half": crlf(google) + half,
  }).map(([name, text]) => [
    name,
    outcome(() => names(readCards(text).cards.map((one) => profileOf(one).name))),
    outcome(() => icals(text)),
  ]),
);

console.log();
/** What is written again: unfolded lines that differ. */
const unfolded = (text: string): string[] => text.replace(/\r\n[ \t]/g, "").split("\r\n");
const differing = (write: (text: string) => string, text: string): readonly string[] | string => {
  const answer = outcome(() => write(text));
  return answer.startsWith("throws") ? answer : unfolded(text).filter((line) => !unfolded(answer).includes(line));
};
const shown = (answer: readonly string[] | string): string => (typeof answer === "string" ? answer : String(answer.length));
const again: Readonly<Record<string, (text: string) => string>> = {
  ours: (text) => writeCard(readCards(text).cards[0]!),
  "ical.js": (text) => ICAL.stringify(ICAL.parse(text)),
};
table(
  ["lines written otherwise", ...Object.keys(again)],
  Object.entries({ apple, google, nextcloud, nextcloudGroup, outlook }).map(([name, text]) => [
    name,
    ...Object.values(again).map((write) => shown(differing(write, crlf(text)))),
  ]),
);
const theirsOtherwise = differing(again["ical.js"]!, crlf(apple));
if (typeof theirsOtherwise !== "string")
  console.log(`ical.js, apple: ${theirsOtherwise.map((line) => line.slice(0, 60)).join(" · ")}`);

console.log();
const inCard = (line: string): string => ["BEGIN:VCARD", "VERSION:3.0", "FN:Ada", line, "END:VCARD", ""].join("\r\n");
table(
  ["ms for", "ours", "ical.js"],
  Object.entries({
    "9 MB of folds": inCard(`NOTE:${"x\r\n ".repeat(2_250_000)}`),
    "9 MB of commas": inCard(`N:${",".repeat(9_000_000)}`),
    "2.8 MB of types": inCard(`TEL;${"TYPE=a;".repeat(400_000)}TYPE=b:1`),
  }).map(([name, text]) => [
    name,
    cost(() => readCards(text), 1).toFixed(0),
    (() => {
      let end = "";
      const taken = cost(() => {
        end = outcome(() => void ICAL.parse(text));
      }, 1);
      return `${taken.toFixed(0)}${end.startsWith("throws") ? ` (${end})` : ""}`;
    })(),
  ]),
);
