/** The multistatus answer, RFC 4918 section 13, with the sync-token of RFC 6578. Pure. */

import { GroupstreamError } from "../../contract/errors.ts";
import { dav } from "./names.ts";
import { childOf, type DavElement, openXml, parseXml, type XmlLimits, xmlChunk } from "./xml.ts";

/** What a multistatus says of one resource. */
export interface DavResponse {
  /** As the server wrote it, spaces around it removed. */
  readonly href: string;
  /** The status of the whole resource, where there is one: 404 in a sync report = gone. */
  readonly status?: number;
  /** Properties with a 2xx status, by `{namespace}name`; the first of a name. */
  readonly props: ReadonlyMap<string, DavElement>;
  /** The first precondition that failed, `{namespace}name`. */
  readonly error?: string;
}

/** A multistatus. */
export interface Multistatus {
  /** In the server's order; a response with several hrefs is several. */
  readonly responses: readonly DavResponse[];
  /** Opaque, as it was written: never trimmed, never a number. */
  readonly syncToken?: string;
}

/** Bounds of one multistatus. */
export interface MultistatusLimits extends XmlLimits {
  /** Default 200,000. */
  readonly responses?: number;
}

const statusOf = (element: DavElement | undefined): number | undefined => {
  const digits = element && /^\s*HTTP\/\d(?:\.\d)?\s+(\d{3})(?!\d)/i.exec(element.text)?.[1];
  return digits === undefined ? undefined : Number(digits);
};

const errorOf = (element: DavElement | undefined): string | undefined => childOf(element, dav("error"))?.children[0]?.name;

const responsesOf = (element: DavElement): DavResponse[] => {
  const props = new Map<string, DavElement>();
  let failed: string | undefined;
  for (const propstat of element.children) {
    if (propstat.name !== dav("propstat")) continue;
    // A propstat without a status breaks the grammar; what it holds is there all the same.
    const status = statusOf(childOf(propstat, dav("status"))) ?? 200;
    failed ??= errorOf(propstat);
    if (status < 200 || status > 299) continue;
    for (const one of childOf(propstat, dav("prop"))?.children ?? []) if (!props.has(one.name)) props.set(one.name, one);
  }
  const status = statusOf(childOf(element, dav("status")));
  const error = errorOf(element) ?? failed;
  return element.children.flatMap(({ name, text }) =>
    name === dav("href")
      ? [{ href: text.trim(), ...(status !== undefined && { status }), props, ...(error !== undefined && { error }) }]
      : [],
  );
};

/**
 * Reads a multistatus response by response; gives its sync-token.
 * Fails: `malformed` where the bytes are no multistatus, end early, declare a document type, or exceed the limits.
 */
export const scanMultistatus = (
  bytes: Uint8Array,
  each: (response: DavResponse) => void,
  limits: MultistatusLimits = {},
): Multistatus["syncToken"] => {
  const most = limits.responses ?? 200_000;
  let count = 0;
  const root = parseXml(
    bytes,
    (element) => {
      if (element.name !== dav("response")) return false;
      for (const response of responsesOf(element)) {
        count += 1;
        if (count > most)
          throw new GroupstreamError("malformed", `A multistatus has more than ${most} responses; read a smaller collection.`);
        each(response);
      }
      return true;
    },
    limits,
  );
  if (root.name !== dav("multistatus"))
    throw new GroupstreamError("malformed", "The answer is XML and no multistatus; check that the address is one of DAV.");
  const token = childOf(root, dav("sync-token"))?.text;
  return token === "" ? undefined : token;
};

/**
 * Reads a multistatus.
 * Fails: `malformed` where the bytes are no multistatus, end early, declare a document type, or exceed the limits.
 */
export const parseMultistatus = (bytes: Uint8Array, limits: MultistatusLimits = {}): Multistatus => {
  const responses: DavResponse[] = [];
  const syncToken = scanMultistatus(bytes, (response) => responses.push(response), limits);
  return { responses, ...(syncToken !== undefined && { syncToken }) };
};

/**
 * The responses of a multistatus one after the other, as far as they are there: an answer that was cut ends early.
 * Fails: `malformed` where what comes next cannot be read.
 */
export const eachResponse = function* (bytes: Uint8Array): Generator<DavResponse> {
  let read: DavResponse[] = [];
  const reader = openXml((element) => {
    if (element.name === dav("response")) read.push(...responsesOf(element));
    return true;
  });
  for (let at = 0; at < bytes.length; at += xmlChunk) {
    reader.write(bytes.subarray(at, at + xmlChunk));
    yield* read;
    read = [];
  }
};

/** The precondition an error body names (RFC 4918 section 16), `{namespace}name`; undefined where it names none or is no XML. */
export const preconditionOf = (bytes: Uint8Array): string | undefined => {
  try {
    const root = parseXml(bytes, () => false, { elements: 1_000 });
    return root.name === dav("error") ? root.children[0]?.name : undefined;
  } catch {
    return undefined;
  }
};

/** The text of a property that says something. */
export const textOfProp = ({ props }: DavResponse, name: string): string | undefined => {
  const text = props.get(name)?.text;
  return text === undefined || text.trim() === "" ? undefined : text;
};

/** The hrefs in a property, as written. */
export const hrefsOfProp = ({ props }: DavResponse, name: string): readonly string[] =>
  (props.get(name)?.children ?? []).flatMap((one) =>
    one.name === dav("href") && one.text.trim() !== "" ? [one.text.trim()] : [],
  );

/** The names of the elements in a property. */
export const namesOfProp = ({ props }: DavResponse, name: string): readonly string[] =>
  (props.get(name)?.children ?? []).map((one) => one.name);
