/** How a property of a vCard is named and shown among a profile's fields: `tel.work`, `org`, `adr.home`. Pure. */

import { hash } from "node:crypto";
import { cleanLine, cleanText, cutAt } from "../text/characters.ts";
import type { CardProperty } from "./property.ts";

/** The properties that become fields; with several on one card they are told apart by their types. */
const shownFields = new Set([
  "adr",
  "anniversary",
  "bday",
  "gender",
  "geo",
  "impp",
  "lang",
  "logo",
  "nickname",
  "note",
  "org",
  "photo",
  "related",
  "role",
  "tel",
  "title",
  "tz",
  "url",
]);

/** Most UTF-16 units of a value that is shown. */
export const VALUE_LIMIT = 32 * 1024;

export const isField = (name: string): boolean => shownFields.has(name);

/** Where the value is a list (`a,b`) whose order says nothing. */
const unordered = new Set(["nickname"]);

const unescaped = (text: string): string =>
  text.includes("\\") ? text.replace(/\\([\s\S])/g, (_, next) => (next === "n" || next === "N" ? "\n" : next)) : text;

/** Every value as text: parts of a structured value each on its own, unescaped. */
export const textsOf = (property: CardProperty): readonly string[] => {
  const type = property[2];
  const raw = type === "unknown" || type === "uri";
  return property
    .slice(3)
    .flat(3)
    .filter((value) => typeof value === "string" || typeof value === "number")
    .map((value) => (raw ? unescaped(String(value)) : String(value)));
};

/** A property's value as one text: lists by commas. */
export const textOf = (property: CardProperty): string => textsOf(property).join(",").trim();

/** TYPE in lower case, each once, sorted; `pref` (3.0) is no type but an order. */
const typesOf = (property: CardProperty): readonly string[] => {
  const types = [property[1].type ?? []].flat().map((type) => cleanLine(type, 40).toLowerCase());
  return [...new Set(types)].filter((type) => type !== "" && type !== "pref").sort();
};

/** RFC 6350 §5.3: 1 is most preferred, 100 least; 101 without. `TYPE=pref` of 3.0 is 1. */
export const preferenceOf = ({ 1: { pref, type } }: CardProperty): number => {
  if ([type ?? []].flat().some((one) => one.toLowerCase() === "pref")) return 1;
  const value = typeof pref === "string" && /^\d{1,3}$/.test(pref) ? Number(pref) : 101;
  return value >= 1 && value <= 100 ? value : 101;
};

/** What a property is unless it says otherwise: `TEL;TYPE=VOICE` is `TEL` (RFC 2426 §3.3.1, §3.2.1). */
const defaults: Readonly<Record<string, readonly string[]>> = { tel: ["voice"], adr: ["intl", "parcel", "postal"] };

/** The labels of Apple's address book and of Google by their groups: `item1.X-ABLabel`. */
export type Labels = ReadonlyMap<string, string>;

export const labelsOf = (properties: readonly CardProperty[]): Labels => {
  const labels = new Map<string, string>();
  for (const property of properties) {
    const { group } = property[1];
    if (property[0] !== "x-ablabel" || typeof group !== "string") continue;
    // `_$!<HomePage>!$_`: a label that Apple translates.
    const label = cleanLine(textOf(property), 40).replace(/^_\$!<(.*)>!\$_$/, "$1");
    const known = labels.get(group.toLowerCase());
    if (label !== "" && !(known !== undefined && known < label.toLowerCase()))
      labels.set(group.toLowerCase(), label.toLowerCase());
  }
  return labels;
};

/**
 * The name of a property's field: its own in lower case and up to three types, sorted: `tel.cell.work`; where there is no type the label of
 * its group: `url.homepage`. What is the default says nothing (`voice` of a telephone); of pictures the type is the format.
 */
export const fieldOf = (property: CardProperty, labels: Labels): string => {
  const name = property[0];
  if (name === "photo" || name === "logo") return name;
  const types = typesOf(property).filter((type) => !defaults[name]?.includes(type));
  const { group } = property[1];
  const label = types.length === 0 && typeof group === "string" ? labels.get(group.toLowerCase()) : undefined;
  return [name, ...(label === undefined ? types.slice(0, 3) : [label])].join(".");
};

const digest = (text: string): string => hash("sha256", text, "base64url").slice(0, 22);

/** Base64 is the same picture in a `data:` URI (4.0) and without (3.0), however it was broken into lines. */
const pictureOf = (property: CardProperty): string =>
  digest(
    String(property[3] ?? "")
      .replace(/^data:[^,]{0,200},/i, "")
      .replace(/[\s=\\]+/g, ""),
  );

/** The month and day of somebody who keeps the year to themselves: Apple writes 1604 for it. */
const dateOf = (property: CardProperty): string => {
  const text = cleanLine(textOf(property), 100).replace(/^(\d{4})(\d\d)(\d\d)(?=$|T)/, "$1-$2-$3");
  const omitted = property[1]["x-apple-omit-year"];
  const date = /^\d{4}-\d\d-\d\dT/.test(text) ? text.replace(/T00:?00:?00(?:Z|[+-]00:?00)?$/, "") : text;
  return typeof omitted === "string" && date.startsWith(`${omitted}-`)
    ? `-${date.slice(omitted.length)}`.replace(/^-+/, "--")
    : date;
};

/** One part of a structured value, a list in it by spaces. */
export const partText = (part: unknown): string => cleanLine([part].flat().map(String).join(" "), VALUE_LIMIT);

const joined = (property: CardProperty, separator: string): string =>
  property
    .slice(3)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .map(partText)
    .filter((part) => part !== "")
    .join(separator);

/**
 * A property's value as it is shown, empty where there is none. Parts of an address or organisation are joined by `, `, parts of a name by
 * spaces; pictures are their digest, never their bytes; `tel:` is left out; dates are `1985-04-12` or `--04-12`.
 */
export const shownValue = (property: CardProperty): string => {
  switch (property[0]) {
    case "photo":
    case "logo":
      return textOf(property) === "" ? "" : pictureOf(property);
    case "adr":
    case "org":
      return joined(property, ", ");
    case "bday":
    case "anniversary":
      return dateOf(property);
    case "tel":
      return cleanLine(textOf(property).replace(/^tel:/i, ""), 200);
    case "note":
      return cutAt(cleanText(textOf(property)).trim(), VALUE_LIMIT);
    case "geo":
      return cleanLine(textOf(property).replace(/^geo:/i, "").replace(";", ","), 200);
  }
  const texts = textsOf(property).map((text) => cleanLine(text, VALUE_LIMIT));
  return (unordered.has(property[0]) ? [...new Set(texts)].sort() : texts).filter((text) => text !== "").join(", ");
};
