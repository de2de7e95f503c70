/** Cards that are meant ill, each read in a process of its own, at most 150 MB above what it held idle and 5 s. The next card is always told. */

import { describe } from "vitest";
import { card } from "../protocol/dav/places.ts";
import { type Objects, readsEach } from "./objects.ts";
import type { Told } from "./process.ts";

const bad = (...lines: readonly string[]): string =>
  card("bad", "bad").replace("END:VCARD", `${lines.join("\r\n")}\r\nEND:VCARD`);
const many = (count: number, line: (index: number) => string): string => bad(...Array.from({ length: count }, (_, n) => line(n)));
const photo = Buffer.alloc(8_000_000, "picture").toString("base64");
const wrapped = (text: string): string => text.replace(/.{74}/g, "$&\r\n ");

const cards: Objects = {
  "a note of 10 MB": [() => bad(`NOTE:${"word ".repeat(2_000_000)}`), "told"],
  "a note of 10 MB, folded": [() => bad(`NOTE:${wrapped("word ".repeat(2_000_000))}`), "told"],
  "a picture of 8 MB": [() => bad(`PHOTO;ENCODING=b;TYPE=JPEG:${photo}`), "told"],
  "a picture of 8 MB, folded": [() => bad(`PHOTO;ENCODING=b;TYPE=JPEG:${wrapped(photo)}`), "told"],
  "a picture that is somewhere in the inner network": [() => bad("PHOTO;VALUE=uri:http://127.0.0.1:9/secret.png"), "told"],
  "17 MB": [() => bad(`NOTE:${"word ".repeat(3_500_000)}`), "held"],
  "40,000 telephones": [() => many(40_000, (n) => `TEL;TYPE=WORK:+49 ${n}`), "told"],
  "40,000 kinds of telephones": [() => many(40_000, (n) => `TEL;TYPE=X${n}:+49 ${n}`), "told"],
  "40,000 members": [
    () => bad("KIND:group", ...Array.from({ length: 40_000 }, (_, n) => `MEMBER:mailto:a${n}@example.org`)),
    "told",
  ],
  "50,000 categories": [() => bad(`CATEGORIES:${Array.from({ length: 50_000 }, (_, n) => `c${n}`).join(",")}`), "told"],
  "300,000 lines": [() => bad("X-A:1\r\n".repeat(300_000)), "held"],
  "parameters of 1 MB": [() => bad(`TEL;${"X=1;".repeat(250_000)}Y=2:+49 1`), "told"],
  "vCard 2.1 with bare types": [() => bad("TEL;CELL;VOICE:+49 1", "ADR;HOME:;;Street 1;Berlin").replace("3.0", "2.1"), "told"],
  "a byte order mark": [() => `\ufeff${bad()}`, "told"],
  "a line that is none": [() => bad("garbage without anything"), "told"],
  "no UID": [() => bad().replace(/UID:.*\r\n/, ""), "told"],
  "no end": [() => bad().replace(/END:VCARD\s*$/, ""), "held"],
  "several cards": [() => bad() + card("other", "other"), "held"],
  "a card and a half": [() => bad() + card("other", "other").replace(/END:VCARD\s*$/, ""), "held"],
  "10,000 cards one in another": [() => bad("BEGIN:VCARD\r\n".repeat(10_000)), "held"],
  "a page of HTML": [() => "<!doctype html><title>Login</title>", "held"],
  nothing: [() => "", "held"],
  "NUL and lone surrogates": [() => bad("NOTE:a\u0000b\ud800c"), "told"],
};

describe("a card", () => {
  // What a group holds and what a card is filed under is told beside it.
  const tells = ({ type }: Told): boolean => type === "Create";
  readsEach(cards, { kind: "addressbook", adapter: "carddav", ending: ".vcf", well: card, tells });
});
