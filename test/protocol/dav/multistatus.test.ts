import { isGroupstreamError } from "groupstream";
import { describe, expect, it } from "vitest";
import { type MultistatusLimits, parseMultistatus, textOfProp } from "../../../src/protocol/dav/multistatus.ts";

const parse = (text: string, limits?: MultistatusLimits) => parseMultistatus(Buffer.from(text), limits);
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return "fine";
  } catch (error) {
    return isGroupstreamError(error) ? error.code : String(error);
  }
};

describe("a multistatus", () => {
  it("resolves namespaces and never believes prefixes", () => {
    const { responses, syncToken } = parse(`<?xml version="1.0"?>
<multistatus xmlns="DAV:" xmlns:DAV="urn:other"><response><href> /a/%20b.ics </href>
  <propstat><prop><x:getetag xmlns:x="DAV:">"1"</x:getetag><DAV:getetag>no</DAV:getetag></prop><status>HTTP/1.1 200 OK</status></propstat>
  <propstat><prop><displayname/></prop><status>HTTP/1.1 404 Not Found</status></propstat>
</response><sync-token> 0 </sync-token></multistatus>`);
    expect(syncToken).toBe(" 0 ");
    expect(responses).toHaveLength(1);
    expect(responses[0]?.href).toBe("/a/%20b.ics");
    expect([...(responses[0]?.props.keys() ?? [])]).toEqual(["{DAV:}getetag", "{urn:other}getetag"]);
    expect(textOfProp(responses[0]!, "{DAV:}getetag")).toBe('"1"');
  });

  it("keeps data as it is: CDATA, entities, carriage returns, and spaces", () => {
    const { responses } = parse(
      `<d:multistatus xmlns:d="DAV:"><d:response><d:href>/a</d:href><d:propstat><d:prop><d:data> A&#13;\nB&amp;C&#x2603;<![CDATA[<x>&amp;]]]]><![CDATA[>]]> \n</d:data></d:prop></d:propstat></d:response></d:multistatus>`,
    );
    expect(responses[0]?.props.get("{DAV:}data")?.text).toBe(" A\r\nB&C☃<x>&amp;]]> \n");
  });

  it("gives statuses, preconditions, and each of several hrefs", () => {
    const { responses } = parse(
      `<d:multistatus xmlns:d="DAV:"><d:response><d:href>/a</d:href><d:href>/b</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response><d:response><d:href>/c/</d:href><d:status>HTTP/1.1 507 Insufficient Storage</d:status><d:error><d:number-of-matches-within-limits/></d:error></d:response></d:multistatus>`,
    );
    expect(responses.map(({ href, status, error }) => [href, status, error])).toEqual([
      ["/a", 404, undefined],
      ["/b", 404, undefined],
      ["/c/", 507, "{DAV:}number-of-matches-within-limits"],
    ]);
  });

  it.each([
    ["a bomb", `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><d:multistatus xmlns:d="DAV:">&b;</d:multistatus>`],
    ["an external entity", `<!DOCTYPE x SYSTEM "file:///etc/passwd"><d:multistatus xmlns:d="DAV:"/>`],
    ["a declaration inside", `<d:multistatus xmlns:d="DAV:"><!ENTITY a "b"></d:multistatus>`],
    ["an end in the middle", `<d:multistatus xmlns:d="DAV:"><d:response><d:href>/a</d:href>`],
    ["an end in a tag", `<d:multistatus xmlns:d="DAV:"><d:response><d:hr`],
    ["elements that cross", `<d:multistatus xmlns:d="DAV:"><d:response><d:href></d:response></d:multistatus>`],
    ["a prefix that stands for nothing", `<d:multistatus/>`],
    ["two roots", `<d:multistatus xmlns:d="DAV:"/><d:multistatus xmlns:d="DAV:"/>`],
    ["another document", `<html xmlns="http://www.w3.org/1999/xhtml"/>`],
    ["text", "Hello"],
    ["nothing", ""],
    ["depth", `<d:multistatus xmlns:d="DAV:">${"<d:a>".repeat(40)}${"</d:a>".repeat(40)}</d:multistatus>`],
  ])("refuses %s", (_, text) => {
    expect(codeOf(() => parse(text))).toBe("malformed");
  });

  it("bounds elements and responses", () => {
    const many = `<d:multistatus xmlns:d="DAV:">${"<d:response><d:href>/a</d:href></d:response>".repeat(50)}</d:multistatus>`;
    expect(parse(many).responses).toHaveLength(50);
    expect(codeOf(() => parse(many, { responses: 49 }))).toBe("malformed");
    expect(codeOf(() => parse(many, { elements: 100 }))).toBe("malformed");
    expect(parse(many, { elements: 101, responses: 50 }).responses).toHaveLength(50);
  });

  it("is not slowed by namespaces that are declared again and again", () => {
    const own = Array.from({ length: 20_000 }, (_, at) => ` xmlns:n${at}="u"`).join("");
    const text = `<d:multistatus xmlns:d="DAV:"${own}>${'<d:a xmlns:m="v"/>'.repeat(20_000)}</d:multistatus>`;
    const start = performance.now();
    expect(parse(text).responses).toEqual([]);
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it("reads on beside bytes that are no UTF-8, and characters that stand on the edge of a chunk", () => {
    const head = `<d:multistatus xmlns:d="DAV:"><d:response><d:href>/a</d:href><d:propstat><d:prop><d:x>`;
    const tail = "</d:x></d:prop></d:propstat></d:response></d:multistatus>";
    const text = "☃".repeat(50_000);
    const bytes = Buffer.concat([Buffer.from(head), Buffer.from([0xff]), Buffer.from(text), Buffer.from(tail)]);
    expect(parseMultistatus(bytes).responses[0]?.props.get("{DAV:}x")?.text).toBe(`\ufffd${text}`);
  });
});
