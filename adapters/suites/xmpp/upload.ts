/**
 * A file → the upload of the account's server (XEP-0363). It is found once a stream; each file asks for a slot and is streamed
 * into it. A slot wants the exact size, which sources seldom know: the file is read once to be counted and once to be sent, and
 * never held.
 */

import { type CommandFile, isGroupstreamError } from "groupstream";
import { fencedRequest, headerProblems } from "groupstream/protocol/http";
import { bccRemoved } from "groupstream/protocol/mail";
import { StanzaError } from "./errors.ts";
import { featuresIn } from "./occupancy.ts";
import type { XmppAccount } from "./options.ts";
import type { Line } from "./stream.ts";
import { attributeOf, childOf, type Element, elementsOf, NS } from "./xml.ts";

/** Where files are taken. */
export interface FileStore {
  /** Its JID. */
  readonly jid: string;
  /** Largest file, bytes, as it says. */
  readonly most?: number;
}

/** What became of a file. `passing`: it may do later. */
export type Uploaded = { readonly url: string } | { readonly lost: string; readonly passing?: true };

/** Most parts of the server that are asked whether they take files. */
const ASKED = 20;
/** Longest link that is posted, characters. */
const URL_LIMIT = 500;
/** Longest name in a slot, characters: each may be nine in the link. */
const NAME_LIMIT = 40;
/** ms for one file. */
const UPLOAD_TIME = 120_000;

const mostIn = (query: Element | undefined): number | undefined => {
  const forms = query ? elementsOf(query).filter((child) => child.getName() === "x" && child.getNS() === NS.form) : [];
  const fields = forms.flatMap((form) => elementsOf(form));
  const most = Number(fields.find((field) => attributeOf(field, "var") === "max-file-size")?.getChildText("value") ?? "");
  return Number.isInteger(most) && most > 0 ? most : undefined;
};

const asked = async (line: Line, jid: string, signal: AbortSignal): Promise<FileStore | undefined> => {
  try {
    const answer = await line.request("get", jid, line.xml("query", { xmlns: NS.disco }), signal);
    const most = mostIn(childOf(answer, "query", NS.disco));
    return featuresIn(answer).has(NS.upload) ? { jid, ...(most !== undefined && { most }) } : undefined;
  } catch (error) {
    if (error instanceof StanzaError) return undefined;
    throw error;
  }
};

const found = async (line: Line, domain: string, signal: AbortSignal): Promise<FileStore | undefined> => {
  const itself = await asked(line, domain, signal);
  if (itself) return itself;
  let parts: readonly Element[] = [];
  try {
    const answer = await line.request("get", domain, line.xml("query", { xmlns: NS.discoItems }), signal);
    const query = childOf(answer, "query", NS.discoItems);
    parts = query ? elementsOf(query).slice(0, ASKED) : [];
  } catch (error) {
    if (!(error instanceof StanzaError)) throw error;
  }
  for (const part of parts) {
    const jid = attributeOf(part, "jid");
    // A node is a thing of that part, not a part of the server.
    const store = jid === undefined || attributeOf(part, "node") !== undefined ? undefined : await asked(line, jid, signal);
    if (store) return store;
  }
  return undefined;
};

const known = new WeakMap<Line, FileStore | "none">();

/** Where the server takes files; undefined: nowhere. Fails: `unreachable`, the signal's reason. */
export const storeOf = async (line: Line, { domain }: XmppAccount, signal: AbortSignal): Promise<FileStore | undefined> => {
  const store = known.get(line) ?? (await found(line, domain, signal)) ?? "none";
  known.set(line, store);
  return store === "none" ? undefined : store;
};

/** A mail among the files loses its Bcc: it would name those who were told unseen to everybody in the room. */
const opened = async (file: CommandFile, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> => {
  const bytes = await file.open(signal);
  return file.mediaType === "message/rfc822" ? bccRemoved(bytes) : bytes;
};

/** How many bytes there are; undefined: more than `most`. */
const countOf = async (file: CommandFile, most: number, signal: AbortSignal): Promise<number | undefined> => {
  let count = 0;
  for await (const bytes of await opened(file, signal)) {
    count += bytes.byteLength;
    if (count > most) return undefined;
  }
  return count;
};

interface Slot {
  readonly put: string;
  readonly get: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** XEP-0363 section 5: these three, and no line ends in them. */
const slotHeaders = new Set(["authorization", "cookie", "expires"]);

/** https, or http on loopback, where nobody listens in. */
const isLink = (url: string | undefined): url is string => {
  if (url === undefined || url.length > URL_LIMIT || !URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || (protocol === "http:" && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname));
};

const slotIn = (answer: Element): Slot | undefined => {
  const slot = childOf(answer, "slot", NS.upload);
  const put = slot?.getChild("put");
  const [to, from] = [attributeOf(put, "url"), attributeOf(slot?.getChild("get"), "url")];
  if (!isLink(to) || !isLink(from)) return undefined;
  const headers = put ? elementsOf(put).filter((child) => child.getName() === "header") : [];
  const named = headers.map((header): [string, string] => [attributeOf(header, "name") ?? "", header.getText().trim()]);
  const sent = named.filter(
    ([name, value]) => slotHeaders.has(name.toLowerCase()) && headerProblems({ [name]: value }).length === 0,
  );
  return { put: to, get: from, headers: Object.fromEntries(sent) };
};

/** Part of a link, and part of a file system at the server. */
const slotName = (name: string): string => {
  const plain = name.replace(/[^\p{L}\p{N}._-]+/gu, "_");
  const dot = plain.lastIndexOf(".");
  const ending = dot > 0 && plain.length - dot <= 12 ? plain.slice(dot) : "";
  return [...plain.slice(0, plain.length - ending.length)].slice(0, NAME_LIMIT).join("") + ending;
};

const slotOf = async (
  line: Line,
  { jid }: FileStore,
  file: CommandFile,
  size: number,
  signal: AbortSignal,
): Promise<Slot | undefined> => {
  const request = { xmlns: NS.upload, filename: slotName(file.name), size: String(size), "content-type": file.mediaType };
  return slotIn(await line.request("get", jid, line.xml("request", request), signal));
};

/** The largest file that is sent, bytes. @param fileBytes  the option */
export const mostOf = (fileBytes: number, { most }: FileStore): number => Math.min(fileBytes, most ?? fileBytes);

const tooLarge = (most: number): Uploaded => ({ lost: `it is larger than ${most} bytes` });

/** Says a slot's refusal (XEP-0363 section 5.2) in words. */
const refusedSlot = ({ condition }: StanzaError): Uploaded => ({
  lost: condition === "resource-constraint" ? "the server takes no more files now" : `the server refused it (${condition})`,
});

/** Uploads a file. Fails: the stream's `unreachable`, and the signal's reason. */
export const uploaded = async (
  line: Line,
  store: FileStore,
  file: CommandFile,
  { fileBytes }: XmppAccount,
  signal: AbortSignal,
): Promise<Uploaded> => {
  const most = mostOf(fileBytes, store);
  // As transferred it may be said to be half as large again as it is.
  if (file.size !== undefined && file.size > most * 1.5 + 1_000) return tooLarge(most);
  try {
    const size = await countOf(file, most, signal);
    if (size === undefined) return tooLarge(most);
    if (size === 0) return { lost: "it is empty" };
    const slot = await slotOf(line, store, file, size, signal);
    if (!slot) return { lost: "the server named no https address to put it at" };
    const answer = await fencedRequest({
      url: slot.put,
      method: "PUT",
      headers: { ...slot.headers, "content-type": file.mediaType },
      body: { size, stream: await opened(file, signal) },
      timeout: UPLOAD_TIME,
      maxBytes: 10_000,
      signal,
      // The account's own server chose the address, and many stand in a company's own network.
      allow: "private",
    });
    if (answer.kind !== "answer") return { lost: "the upload failed", passing: true };
    if (answer.status >= 200 && answer.status < 300) return { url: slot.get };
    if (answer.status === 413) return { lost: "it is too large for the server" };
    return { lost: `the server refused its bytes (${answer.status})`, ...(answer.status >= 500 && { passing: true }) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StanzaError) return refusedSlot(error);
    if (isGroupstreamError(error) && error.code === "forbidden") return { lost: "its source has it no more" };
    if (!line.live) throw error;
    return { lost: "its source cannot be read", passing: true };
  }
};
