import { escapeHtml, htmlFromText, sanitise, textFromHtml } from "groupstream/protocol/text";
import { describe, expect, test } from "vitest";

describe("sanitise", () => {
  test.each([
    ['<p onclick="x()">a</p>', "<p>a</p>"],
    ["a<script>alert(1)</script>b", "ab"],
    ["a<style>p{}</style>b", "ab"],
    ['<a href="https://x.org/a?b=1&amp;c">x</a>', '<a href="https://x.org/a?b=1&amp;c" rel="noopener noreferrer nofollow">x</a>'],
    ['<a href="mailto:a@x.org">x</a>', '<a href="mailto:a@x.org" rel="noopener noreferrer nofollow">x</a>'],
    ['<a href="javascript:alert(1)">x</a>', "<a>x</a>"],
    ['<a href="java\tscript:alert(1)">x</a>', "<a>x</a>"],
    ['<a href="data:text/html,x">x</a>', "<a>x</a>"],
    ['<a href="//evil.example/x">x</a>', "<a>x</a>"],
    ['<a href="/relative">x</a>', "<a>x</a>"],
    ['<form action="https://x"><input name=a>b<button>c</button></form>', "bc"],
    ['<iframe src="https://x"></iframe><object data="x"></object><embed src=x>a', "a"],
    ['<meta http-equiv="refresh" content="0;url=https://x"><base href="https://x">a', "a"],
    ['<div style="background:url(https://x/t.gif)">a</div>', "<div>a</div>"],
    ["<svg><script>alert(1)</script></svg>a", "a"],
    ["<table background=https://x><tr><td colspan=2>a</td></tr></table>", '<table><tr><td colspan="2">a</td></tr></table>'],
    ["<title>t</title>a", "a"],
    ["1 &lt; 2", "1 &lt; 2"],
  ])("%s", (html, expected) => expect(sanitise(html)).toEqual({ html: expected, losses: [] }));

  test("images leave their alternative text and a loss", () => {
    expect(sanitise('<img src="cid:1" alt="logo"> <img src="https://x/pixel.gif" width=1 height=1>')).toEqual({
      html: "logo",
      losses: [
        { field: "content", reason: "Inline images are left out of the text; they are among the files." },
        { field: "content", reason: "Remote images are left out: loading one tells its server who reads." },
      ],
    });
  });
  test("deep elements lose their tags, not their text", () => {
    const { html } = sanitise(`${"<div>".repeat(1_000)}x${"</div>".repeat(1_000)}y`);
    expect(html.match(/<div>/g)).toHaveLength(100);
    expect(textFromHtml(html)).toBe("x\ny");
  });
  test("siblings never count as depth", () => {
    const items = "<p>a<br><div>c</div>".repeat(1_000);
    expect(sanitise(items).html.match(/<div>/g)).toHaveLength(1_000);
  });
});

test("plain text as HTML and back", () => {
  const text = `a < b & "c"\nd\n\ne`;
  expect(htmlFromText(text)).toBe("<p>a &lt; b &amp; &quot;c&quot;<br>d</p><p>e</p>");
  expect(textFromHtml(htmlFromText(text))).toBe(text);
  expect(escapeHtml("<'>")).toBe("&lt;&#39;&gt;");
});
