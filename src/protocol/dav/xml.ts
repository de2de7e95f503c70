/**
 * XML of a server as elements with their namespaces resolved, bounded in depth and number. Pure.
 *
 * Prefixes mean nothing, only the namespaces they stand for. Document types are refused before anything in them is read:
 * entities that are declared can be made to grow without bounds, or to name files.
 */

import { Parser } from "htmlparser2";
import { GroupstreamError } from "../../contract/errors.ts";

/** One element. */
export interface DavElement {
  /** `{namespace}name`; `{}name` where it has no namespace. */
  readonly name: string;
  /** By their names as written; declarations of namespaces are left out. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The text directly in it, entities and CDATA resolved, not trimmed. */
  readonly text: string;
  readonly children: readonly DavElement[];
}

/** Bounds of one document. */
export interface XmlLimits {
  /** Elements within elements; default 32. */
  readonly depth?: number;
  /** Elements altogether; default 2,000,000. */
  readonly elements?: number;
}

interface Scope {
  readonly outer: Scope | undefined;
  readonly own: ReadonlyMap<string, string>;
  /** Names as written → resolved, once each: an answer has thousands of elements and a dozen names. */
  readonly names: Map<string, string>;
}

/** Shared by all elements that have none: most have neither. */
const noAttributes: Readonly<Record<string, string>> = Object.freeze({});
const noChildren: readonly DavElement[] = Object.freeze([]);

interface Open {
  readonly scope: Scope | undefined;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  text: string;
  readonly children: DavElement[];
}

const malformed = (why: string): GroupstreamError =>
  new GroupstreamError("malformed", `The server's XML ${why}; it cannot be read, look at the server's log.`);

/** The namespace a prefix stands for here. */
const resolve = (scope: Scope | undefined, prefix: string): string => {
  if (prefix === "xml") return "http://www.w3.org/XML/1998/namespace";
  for (let at = scope; at; at = at.outer) {
    const uri = at.own.get(prefix);
    if (uri !== undefined) return uri;
  }
  if (prefix === "") return "";
  throw malformed("uses a prefix that stands for nothing");
};

const scopeOf = (outer: Scope | undefined, attributes: Readonly<Record<string, string>>): Scope | undefined => {
  let own: Map<string, string> | undefined;
  for (const [name, uri] of Object.entries(attributes)) {
    if (name === "xmlns") own = (own ?? new Map()).set("", uri);
    else if (name.startsWith("xmlns:")) own = (own ?? new Map()).set(name.slice(6), uri);
  }
  return own ? { outer, own, names: new Map() } : outer;
};

const nameIn = (scope: Scope | undefined, written: string): string => {
  const known = scope?.names.get(written);
  if (known !== undefined) return known;
  const colon = written.indexOf(":");
  const name = `{${resolve(scope, colon < 0 ? "" : written.slice(0, colon))}}${written.slice(colon + 1)}`;
  scope?.names.set(written, name);
  return name;
};

/** As of nearly every element. */
const isEmpty = (attributes: Readonly<Record<string, string>>): boolean => {
  for (const _ in attributes) return false;
  return true;
};

/** Without declarations of namespaces. */
const attributesIn = (written: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  const own = Object.entries(written).filter(([name]) => name !== "xmlns" && !name.startsWith("xmlns:"));
  return own.length === 0 ? noAttributes : Object.fromEntries(own);
};

/** A document that is being read. */
export interface XmlReader {
  /** Reads on; `child` has been called for each child of the root that ended in it. Fails: as {@link parseXml}. */
  write(bytes: Uint8Array): void;
  /** The document has ended: its root. Fails: as {@link parseXml}. */
  end(): DavElement;
}

/** Bytes that are decoded at a time. */
export const xmlChunk = 65_536;

/** As {@link parseXml}, piece by piece. */
export const openXml = (child: (element: DavElement) => boolean, limits: XmlLimits = {}): XmlReader => {
  const { depth = 32, elements = 2_000_000 } = limits;
  const open: Open[] = [];
  let root: DavElement | undefined;
  let count = 0;
  /** Where the parser stood when it last closed something by itself: `<a/>`, or `</a>` with something open in it. */
  let impliedAt = -1;
  let over = false;
  const parser = new Parser(
    {
      onprocessinginstruction(name) {
        if (name.startsWith("!")) throw malformed("declares a document type, which is refused");
      },
      onopentag(written, attributes) {
        count += 1;
        if (count > elements) throw malformed(`has more than ${elements} elements`);
        if (open.length >= depth) throw malformed(`is nested deeper than ${depth} elements`);
        if (open.length === 0 && root) throw malformed("has more than one root");
        const outer = open.at(-1)?.scope;
        const bare = isEmpty(attributes);
        const scope = bare ? outer : scopeOf(outer, attributes);
        open.push({
          scope,
          name: nameIn(scope, written),
          attributes: bare ? noAttributes : attributesIn(attributes),
          text: "",
          children: [],
        });
      },
      ontext(text) {
        const inner = open.at(-1);
        if (inner) inner.text += text;
      },
      onclosetag(_, implied) {
        if (over) throw malformed("ends in the middle");
        if (implied) impliedAt = parser.endIndex;
        else if (impliedAt === parser.endIndex) throw malformed("closes an element that has another one open");
        const closed = open.pop();
        if (!closed) return;
        const { name, attributes, text, children } = closed;
        const element = { name, attributes, text, children: children.length === 0 ? noChildren : children };
        if (open.length === 0) root = element;
        else if (open.length > 1 || !child(element)) open.at(-1)?.children.push(element);
      },
    },
    { xmlMode: true },
  );
  const decoder = new TextDecoder();
  return {
    write: (bytes) => parser.write(decoder.decode(bytes, { stream: true })),
    end: () => {
      parser.write(decoder.decode());
      over = true;
      parser.end();
      if (!root) throw malformed(open.length > 0 ? "ends in the middle" : "has no element");
      return root;
    },
  };
};

/**
 * Reads one document and gives its root, without those children of the root that `child` takes out. UTF-8; what is no UTF-8 in it
 * becomes U+FFFD, so that one broken card does not make a whole answer unreadable.
 * Fails: `malformed` for a document type, an element that is not closed, an undeclared prefix, more than `limits`, or no element.
 * @param child  called with each child of the root, in order; true: it is let go and not among the root's children
 */
export const parseXml = (bytes: Uint8Array, child: (element: DavElement) => boolean, limits: XmlLimits = {}): DavElement => {
  const reader = openXml(child, limits);
  for (let at = 0; at < bytes.length; at += xmlChunk) reader.write(bytes.subarray(at, at + xmlChunk));
  return reader.end();
};

/** The first child of this name. */
export const childOf = (element: DavElement | undefined, name: string): DavElement | undefined =>
  element?.children.find((one) => one.name === name);
