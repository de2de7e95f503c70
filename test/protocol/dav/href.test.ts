import fc from "fast-check";
import { hrefOfKey } from "groupstream/protocol/dav";
import { describe, expect, it } from "vitest";
import { isStrongEtag, opaqueEtag, quotedEtag } from "../../../src/protocol/dav/etag.ts";
import { collectionHref, keyOfHref, normaliseHref } from "../../../src/protocol/dav/href.ts";

const base = "https://dav.example.net/u/anna/cal/";

describe("an href", () => {
  it.each([
    ["a.ics", "a.ics"],
    ["/u/anna/cal/a.ics", "a.ics"],
    ["https://dav.example.net:443/u/anna/cal/a.ics", "a.ics"],
    ["http://dav.example.net/u/anna/cal/a.ics", "a.ics"],
    ["/u/%61nna/cal/a%40b%2Bc%20d.ics", "a@b+c%20d.ics"],
    ["/u/anna/cal/a@b+c d.ics#x", "a@b+c%20d.ics"],
    ["/u/anna/cal/urn:uuid:1.ics", "urn%3Auuid%3A1.ics"],
    ["/u/anna/cal/a%2fb.ics", "a%2Fb.ics"],
    ["/u/anna/cal/%e9.ics", "%E9.ics"],
    ["/u/anna/cal/%C3%A9.ics", "%C3%A9.ics"],
    ["/u/anna/cal/é.ics", "%C3%A9.ics"],
    ["/u/anna/cal/x/../a.ics", "a.ics"],
    ["/u/anna/cal/%2e%2e/other/a.ics", "/u/anna/other/a.ics"],
    ["/u/anna/other/a.ics", "/u/anna/other/a.ics"],
    ["/u/anna/cal//a.ics", "/u/anna/cal//a.ics"],
    ["https://p07.example.net/a.ics", "https://p07.example.net/a.ics"],
    ["/u/anna/cal", undefined],
    ["/u/anna/cal/", undefined],
    ["mailto:anna@example.net", undefined],
    ["https://[", undefined],
  ])("%s has the key %s", (href, key) => {
    expect(keyOfHref(href, base)).toBe(key);
    if (key !== undefined) expect(hrefOfKey(key, base)).toBe(normaliseHref(href, base));
  });

  it("ends in a slash where it is a collection", () => {
    expect(collectionHref("/a", base)).toBe("https://dav.example.net/a/");
    expect(collectionHref("/a/", base)).toBe("https://dav.example.net/a/");
  });

  it("has one form, however it is written, and comes back from its key", () => {
    const name = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }).filter((text) => text !== "." && text !== "..");
    const written = fc.array(fc.boolean(), { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(name, written, (text, escaped) => {
        const full = encodeURIComponent(text);
        const mixed = [...full.matchAll(/%(?:24|26|2B|2C|3B|3D|40)|(?:%[0-9A-F]{2})|./g)]
          .map(([one], at) => (escaped[at % 20] && /^%(?:24|26|2B|2C|3B|3D|40)$/.test(one) ? decodeURIComponent(one) : one))
          .map((one, at) => (escaped[(at + 7) % 20] ? one.replace(/^%../, (hex) => hex.toLowerCase()) : one))
          .join("");
        const key = keyOfHref(`/u/anna/cal/${mixed}`, base);
        expect(key).toBe(keyOfHref(`/u/anna/cal/${full}`, base));
        const url = hrefOfKey(key!, base);
        expect(keyOfHref(url, base)).toBe(key);
        expect(normaliseHref(url, base)).toBe(url);
        expect(decodeURIComponent(new URL(url).pathname)).toBe(`/u/anna/cal/${text}`);
      }),
    );
  });

  it("has the same key with and without its host", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12, unit: "binary-ascii" }), (name) => {
        expect(keyOfHref(`/u/anna/cal/${name}`, base)).toBe(keyOfHref(`https://dav.example.net/u/anna/cal/${name}`, base));
      }),
      { numRuns: 5_000 },
    );
  });

  it("never throws and never changes when it is normalised again", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.webPath()), (text) => {
        const once = normaliseHref(text, base);
        if (once !== undefined) expect(normaliseHref(once, base)).toBe(once);
        const key = keyOfHref(text, base);
        if (key !== undefined) expect(hrefOfKey(key, base)).toBe(once);
      }),
    );
  });
});

describe("an entity tag", () => {
  it.each([
    ['"a"', "a", true],
    ['W/"a"', "a", false],
    ['"a-gzip"', "a", true],
    ['W/"a;gzip"', "a", false],
    ["a", "a", true],
    [' "a b" ', "a b", true],
    ['""', undefined, false],
    ["", undefined, false],
    [undefined, undefined, false],
  ])("%s is %s", (written, opaque, strong) => {
    expect(opaqueEtag(written)).toBe(opaque);
    expect(isStrongEtag(written)).toBe(strong);
    if (opaque !== undefined) expect(quotedEtag(opaque)).toBe(`"${opaque}"`);
  });
});
