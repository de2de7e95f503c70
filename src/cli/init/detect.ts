/** Where a person's IMAP server is, by their address, and how it speaks TLS. */

import { resolveSrv } from "node:dns/promises";
import type { Manifest } from "../../contract/adapter.ts";
import { type GroupstreamError, isGroupstreamError } from "../../contract/errors.ts";
import { exit, Said } from "../failure.ts";
import type { Words } from "../words/index.ts";

/** One way to connect. */
export interface Candidate {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; else STARTTLS, or none on loopback. */
  readonly secure: boolean;
}

/** A way that worked. */
export interface WorkingCandidate extends Candidate {
  readonly manifest: Manifest;
}

/** Milliseconds one attempt may take: a firewall that drops packets answers never. */
const patience = 10_000;

/** Ports of RFC 8314: 993 with TLS at once, 143 with STARTTLS. Any other is tried both ways. */
export const waysTo = (host: string, port: number | undefined): readonly Candidate[] => {
  if (port === 993) return [{ host, port, secure: true }];
  if (port === 143) return [{ host, port, secure: false }];
  if (port !== undefined) return [true, false].map((secure) => ({ host, port, secure }));
  return [
    { host, port: 993, secure: true },
    { host, port: 143, secure: false },
  ];
};

const srv = async (name: string): Promise<readonly { name: string; port: number }[]> => {
  try {
    const records = await resolveSrv(name);
    return records.filter(({ name }) => name !== "").sort((a, b) => a.priority - b.priority);
  } catch {
    return [];
  }
};

/** RFC 6186: what the domain announces, then the names servers commonly have. */
export const waysFor = async (user: string, port: number | undefined): Promise<readonly Candidate[]> => {
  const domain = user.slice(user.lastIndexOf("@") + 1).toLowerCase();
  const [tls, plain] = await Promise.all([srv(`_imaps._tcp.${domain}`), srv(`_imap._tcp.${domain}`)]);
  return [
    ...tls.map((record) => ({ host: record.name, port: record.port, secure: true })),
    ...plain.map((record) => ({ host: record.name, port: record.port, secure: false })),
    ...[`imap.${domain}`, `mail.${domain}`, domain].flatMap((host) => waysTo(host, port)),
  ];
};

/** True if a server is there and only TLS stands between: its certificate, or that it speaks none. */
const isAboutTls = ({ cause }: GroupstreamError): boolean => {
  if (typeof cause !== "object" || cause === null) return false;
  const { code, tlsFailed, serverResponseCode }: { code?: unknown; tlsFailed?: unknown; serverResponseCode?: unknown } = cause;
  return tlsFailed === true || serverResponseCode === "PRIVACYREQUIRED" || /CERT|SSL|EPROTO|HOSTNAME/.test(String(code));
};

/**
 * The first way by which the server answers. A refused login ends the search: the server is the right one.
 * Fails: with the most telling failure.
 */
export const detect = async (
  candidates: readonly Candidate[],
  describe: (candidate: Candidate, signal: AbortSignal) => Promise<Manifest>,
  { signal, words, onTry }: { readonly signal: AbortSignal; readonly words: Words; readonly onTry: (at: string) => void },
): Promise<WorkingCandidate> => {
  let telling: GroupstreamError | undefined;
  const tried = new Set<string>();
  for (const candidate of candidates) {
    const at = `${candidate.host}:${candidate.port}`;
    if (!tried.has(at)) onTry(at);
    tried.add(at);
    const timeout = AbortSignal.timeout(patience);
    try {
      return { ...candidate, manifest: await describe(candidate, AbortSignal.any([signal, timeout])) };
    } catch (error) {
      signal.throwIfAborted();
      if (!isGroupstreamError(error)) {
        if (timeout.aborted) continue;
        throw error;
      }
      if (error.mistakes) throw error;
      if (error.code === "unauthenticated") throw error;
      if (error.code !== "unreachable" || isAboutTls(error)) telling = error;
    }
  }
  throw telling ?? new Said(exit.person, words.init.noServer([...tried].join(", ")));
};
