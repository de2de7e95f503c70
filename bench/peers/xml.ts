/**
 * A WebDAV answer as elements: ours on htmlparser2, and the same elements built with saxes.
 *
 *     node --conditions=groupstream:source bench/peers/xml.ts <folder with saxes>
 */

import { isDeepStrictEqual } from "node:util";
import { type DavElement, parseXml } from "../../src/protocol/dav/xml.ts";
import { eventText } from "../caldav/events.ts";
import { cost, peer, table } from "./peers.ts";

interface Tag {
  readonly local: string;
  readonly uri: string;
  readonly attributes: Readonly<Record<string, { readonly name: string; readonly value: string }>>;
}
interface Saxes {
  on(event: "opentag" | "closetag", done: (tag: Tag) => void): void;
  on(event: "text" | "cdata" | "doctype", done: (text: string) => void): void;
  on(event: "error", done: (error: Error) => void): void;
  write(text: string): Saxes;
  close(): void;
}
const { SaxesParser } = peer<{ SaxesParser: new (options: { xmlns: true }) => Saxes }>("saxes");

const chunk = 65_536;
const [depth, most] = [32, 2_000_000];

/** What we promise of an answer, on saxes: the bounds and the refusal of document types are not its own. */
const bySaxes = (bytes: Uint8Array): DavElement => {
  const open: { name: string; attributes: Record<string, string>; text: string; children: DavElement[] }[] = [];
  let root: DavElement | undefined;
  let count = 0;
  const parser = new SaxesParser({ xmlns: true });
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("doctype", () => {
    throw new Error("document type");
  });
  parser.on("opentag", ({ uri, local, attributes }) => {
    count += 1;
    if (count > most) throw new Error("elements");
    if (open.length >= depth) throw new Error("depth");
    const own = Object.values(attributes).filter(({ name }) => name !== "xmlns" && !name.startsWith("xmlns:"));
    open.push({
      name: `{${uri}}${local}`,
      attributes: Object.fromEntries(own.map(({ name, value }) => [name, value])),
      text: "",
      children: [],
    });
  });
  const add = (text: string): void => {
    const inner = open.at(-1);
    if (inner) inner.text += text;
  };
  parser.on("text", add);
  parser.on("cdata", add);
  parser.on("closetag", () => {
    const closed = open.pop() as DavElement;
    if (open.length === 0) root = closed;
    else open.at(-1)?.children.push(closed);
  });
  const decoder = new TextDecoder();
  for (let at = 0; at < bytes.length; at += chunk) parser.write(decoder.decode(bytes.subarray(at, at + chunk), { stream: true }));
  parser.write(decoder.decode());
  parser.close();
  if (!root) throw new Error("no element");
  return root;
};
const ours = (bytes: Uint8Array): DavElement => parseXml(bytes, () => false);

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("\r", "&#13;");
const response = (n: number, data: string): string =>
  `<d:response><d:href>/cal/${n}.ics</d:href><d:propstat><d:prop><d:getetag>"${n}"</d:getetag>${data}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>\n`;
const multistatus = (inner: string): Uint8Array =>
  Buffer.from(
    `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">${inner}</d:multistatus>`,
  );
const answers: Readonly<Record<string, Uint8Array>> = {
  "a listing of 20,000": multistatus(Array.from({ length: 20_000 }, (_, n) => response(n, "")).join("")),
  "1,000 events": multistatus(
    Array.from({ length: 1_000 }, (_, n) => response(n, `<c:calendar-data>${escaped(eventText(n))}</c:calendar-data>`)).join(""),
  ),
  "1,000 events in CDATA": multistatus(
    Array.from({ length: 1_000 }, (_, n) => response(n, `<c:calendar-data><![CDATA[${eventText(n)}]]></c:calendar-data>`)).join(
      "",
    ),
  ),
};
table(
  ["ms for", "MB", "ours", "saxes", "the same elements"],
  Object.entries(answers).map(([name, bytes]) => [
    name,
    (bytes.length / 1e6).toFixed(1),
    cost(() => ours(bytes)).toFixed(0),
    cost(() => bySaxes(bytes)).toFixed(0),
    isDeepStrictEqual(JSON.parse(JSON.stringify(ours(bytes))), JSON.parse(JSON.stringify(bySaxes(bytes)))) ? "yes" : "no",
  ]),
);

const d = (inner: string): string => `<d:m xmlns:d="DAV:">${inner}</d:m>`;
const hostile: Readonly<Record<string, string | Uint8Array>> = {
  "a bomb of entities": `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${d("&b;")}`,
  "an external entity": `<!DOCTYPE x SYSTEM "file:///etc/passwd">${d("")}`,
  "a declaration inside": d('<!ENTITY a "b">'),
  "an element that is not closed": `${d("").slice(0, -6)}<d:a>`,
  "an end in a tag": '<d:m xmlns:d="DAV:"><d:r',
  "elements that cross": d("<d:a><d:b></d:a></d:b>"),
  "a close without an open": d("</d:a>"),
  "an undeclared prefix": "<d:m/>",
  "an undeclared prefix of an attribute": d('<d:a x:b="1"/>'),
  "a prefix declared anew": d('<d:a xmlns:d="urn:other"/>'),
  "two roots": d("") + d(""),
  "text behind the root": `${d("")}Hello`,
  "33 elements inside of each other": d("<d:a>".repeat(32) + "</d:a>".repeat(32)),
  "an attribute twice": d('<d:a b="1" b="2"/>'),
  "an attribute without quotes": d("<d:a b=1/>"),
  "a bare ampersand": d("a & b"),
  "an entity nobody declared": d("a&nbsp;b"),
  "a control character": d("a\x0bb"),
  "a byte that is no UTF-8": Buffer.concat([Buffer.from(d("a").slice(0, -6)), Buffer.from([0xff]), Buffer.from("</d:m>")]),
  "carriage return and line feed": d("a\r\nb"),
  "a carriage return as a reference": d("a&#13;b"),
  "]]> in text": d("a]]>b"),
};
const shown = (read: (bytes: Uint8Array) => DavElement, text: string | Uint8Array): string => {
  try {
    const { text: own, children } = read(typeof text === "string" ? Buffer.from(text) : text);
    return `read${own === "" ? "" : ` as ${JSON.stringify(own)}`}${children.map(({ name }) => ` ${name}`).join("")}`;
  } catch {
    return "refused";
  }
};
console.log();
table(
  ["", "ours", "saxes"],
  Object.entries(hostile).map(([name, text]) => [name, shown(ours, text), shown(bySaxes, text)]),
);

console.log();
const large: Readonly<Record<string, Uint8Array>> = {
  "20,000 namespaces, then 20,000 elements": Buffer.from(
    `<d:m xmlns:d="DAV:"${Array.from({ length: 20_000 }, (_, n) => ` xmlns:n${n}="u"`).join("")}>${'<d:a xmlns:m="v"/>'.repeat(20_000)}</d:m>`,
  ),
  "10 MB of text": Buffer.from(d("x".repeat(1e7))),
  "10 MB of references": Buffer.from(d("&#65;".repeat(2e6))),
  "500,000 empty elements": Buffer.from(d("<d:a/>".repeat(5e5))),
};
table(
  ["ms for", "ours", "saxes"],
  Object.entries(large).map(([name, bytes]) => [
    name,
    cost(() => ours(bytes), 1).toFixed(0),
    cost(() => bySaxes(bytes), 1).toFixed(0),
  ]),
);
