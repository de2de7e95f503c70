/**
 * HTML of strangers → HTML that may be shown: structure and links, nothing that runs, loads, tracks or asks.
 */

import type sanitizeHtml from "sanitize-html";
import type { Loss } from "../../contract/view.ts";
import { escapeHtml } from "./escape-html.ts";
import { lazily } from "./lazily.ts";

const sanitizer = lazily<typeof sanitizeHtml>("sanitize-html");

/** Most HTML that is read, in characters; what is beyond is cut off. */
export const HTML_LIMIT = 1024 * 1024;
/** Most tags that are read: each takes up to a KiB of memory until the text is made, and real mail has one for 30 characters. */
const TAG_LIMIT = 40_000;
/** Most brackets and ampersands: what is no tag and no entity becomes up to five times as long. */
const MARK_LIMIT = 200_000;
/** Deepest element that is kept; the text of deeper ones stays. */
const DEPTH_LIMIT = 100;

const tags =
  "a abbr address article aside b blockquote br caption center cite code col colgroup dd del details div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i ins kbd li main mark ol p pre q s samp section small span strike strong sub summary sup table tbody td tfoot th thead tr tt u ul var".split(
    " ",
  );

/** Elements that HTML closes by itself or that hold nothing: they do not nest by being left open. */
const unnested = new Set(
  "area base br col embed hr img input link meta param source track wbr p li dt dd tr td th thead tbody tfoot option optgroup colgroup rt rp".split(
    " ",
  ),
);
const mark = /[&>]|<(?:(\/?)([a-z][a-z0-9:-]{0,60})(?=[\s/>]))?/gi;

/**
 * Without the tags that nest deeper than `limit`, and how much was read, up to the last tag or mark there may be. Parsers walk
 * up what is open for many a tag, so that 2 MB of `<div>` take minutes; what this reads wrongly (a tag in a script, a comment,
 * an attribute) is too deep to be kept anyway.
 */
const shallow = (html: string, limit: number): { html: string; read: number } => {
  let depth = 0;
  let copied = 0;
  let [marks, tags] = [0, 0];
  let out = "";
  for (const { index, 1: slash, 2: name } of html.matchAll(mark)) {
    if (++marks > MARK_LIMIT || (name !== undefined && ++tags > TAG_LIMIT))
      return { html: out + html.slice(copied, Math.max(copied, index)), read: index };
    if (name === undefined || unnested.has(name.toLowerCase())) continue;
    const closing = slash === "/";
    if (closing ? depth > limit : depth >= limit) {
      const end = html.indexOf(">", index);
      if (index >= copied) {
        out += html.slice(copied, index);
        copied = end < 0 ? html.length : end + 1;
      }
    }
    depth = closing ? Math.max(0, depth - 1) : depth + 1;
  }
  return { html: copied === 0 ? html : out + html.slice(copied), read: html.length };
};

const absolute = /^\s*(?:https?:\/\/|mailto:)/i;

/**
 * Sanitised HTML and what was left out. Kept: text, structure, links to http, https and mailto (with
 * `rel="noopener noreferrer nofollow"`). Left out: scripts, styles, forms, frames, all other attributes, relative links, and
 * every image: a remote one tells the sender who reads, an inline one is among the files. An image's `alt` text stays.
 * Input beyond 1,048,576 characters, 40,000 tags or 200,000 brackets and ampersands is cut; elements nested deeper than 100 lose their tags, not their text.
 */
export const sanitise = (html: string): { html: string; losses: Loss[]; cut?: true } => {
  const losses: Loss[] = [];
  let inline = false;
  let remote = false;
  const input = html.length > HTML_LIMIT ? html.slice(0, HTML_LIMIT) : html;
  const { html: kept, read } = shallow(input, 2 * DEPTH_LIMIT);
  const cut = read < html.length;
  if (cut) losses.push({ field: "content", reason: `Only the first ${read} characters of the HTML are kept.` });
  const clean = sanitizer()(kept, {
    allowedTags: tags,
    allowedAttributes: {
      "*": ["dir", "lang"],
      a: ["href", "rel", "title"],
      abbr: ["title"],
      col: ["span"],
      li: ["value"],
      ol: ["start", "type", "reversed"],
      td: ["colspan", "rowspan"],
      th: ["colspan", "rowspan", "scope"],
    },
    allowedSchemes: ["http", "https", "mailto"],
    allowProtocolRelative: false,
    nonTextTags: [
      "script",
      "style",
      "textarea",
      "option",
      "xmp",
      "noscript",
      "noembed",
      "noframes",
      "iframe",
      "title",
      "template",
      "svg",
      "math",
      "object",
    ],
    nestingLimit: DEPTH_LIMIT,
    parseStyleAttributes: false,
    transformTags: {
      a: (tagName, { href, rel: _, ...attribs }) => ({
        tagName,
        attribs:
          href !== undefined && absolute.test(href)
            ? { ...attribs, href: href.trim(), rel: "noopener noreferrer nofollow" }
            : attribs,
      }),
      img: (_, attribs) => {
        if (/^\s*(?:cid|data):/i.test(attribs.src ?? "")) inline = true;
        else if (attribs.src) remote = true;
        return { tagName: "img", attribs: {}, text: attribs.alt ?? "" };
      },
    },
  });
  if (inline) losses.push({ field: "content", reason: "Inline images are left out of the text; they are among the files." });
  if (remote) losses.push({ field: "content", reason: "Remote images are left out: loading one tells its server who reads." });
  return { html: clean.toWellFormed().trim(), losses, ...(cut && { cut }) };
};

/** Plain text as HTML: a paragraph for every block between empty lines, `<br>` for line ends, nothing else added. */
export const htmlFromText = (text: string): string =>
  text
    .trim()
    .split(/\n[^\S\n]*\n\s*/)
    .filter((block) => block !== "")
    .map((block) => `<p>${escapeHtml(block).replaceAll("\n", "<br>")}</p>`)
    .join("");
