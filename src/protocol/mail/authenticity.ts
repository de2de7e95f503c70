/** Whether a mail comes from whom it names, as far as the mailbox's own server found out: Authentication-Results (RFC 8601). Pure. */

import type { ActorId } from "../../contract/words.ts";

/** Which messages about meetings count. */
export type Invitations =
  /** Those whose sender may say it, unless the server says that it is forged (default). */
  | "from"
  /** None: they are files of the mail. */
  | "off"
  /** Only those of which the server of this name (authserv-id, RFC 8601 section 2.5) says that DMARC passed. */
  | { readonly verifiedBy: string };

/** What is known of a mailbox, to judge who sent what is in it. */
export interface Believing {
  readonly invitations: Invitations;
  /** Whose mailbox it is. */
  readonly own?: {
    /** True for one of its addresses. */
    has(id: ActorId): boolean;
  };
  /** It is the mailbox for sent mail. */
  readonly sent?: true;
}

/** One field without comments: who says it, and each method's result. */
const read = (field: string): { readonly server: string; readonly results: readonly string[] } => {
  const [server = "", ...results] = field
    .slice(0, 10_000)
    .replace(/\([^()]*\)/g, " ")
    .split(";");
  return { server: server.trim().split(/\s+/)[0]?.toLowerCase() ?? "", results: results.map((one) => one.trim()) };
};

const resultOf = (results: readonly string[], method: string): { readonly result: string; readonly all: string } | undefined => {
  const all = results.find((one) => new RegExp(`^${method}(?:/\\d+)?\\s*=`, "i").test(one));
  return all === undefined ? undefined : { result: /=\s*([a-z]+)/i.exec(all)?.[1]?.toLowerCase() ?? "", all };
};

const domainOf = (id: ActorId): string => id.slice(id.lastIndexOf("@") + 1).toLowerCase();

/**
 * Why a mail is not believed to be from its sender; undefined: it is. The uppermost field is the server's own: it takes away those that
 * bear its name and came from outside (RFC 8601 section 5).
 * @param fields  all Authentication-Results, in order
 */
export const doubtAbout = (
  fields: readonly string[],
  sender: ActorId,
  { invitations, own, sent }: Believing,
): string | undefined => {
  // What lies among our sent mail was put there by ourselves, and no server looked at it.
  if (sent && own?.has(sender)) return undefined;
  const trusted = typeof invitations === "object" ? invitations.verifiedBy.toLowerCase() : undefined;
  const known = fields.map(read);
  const said = trusted === undefined ? known[0] : known.find(({ server }) => server === trusted);
  const dmarc = said && resultOf(said.results, "dmarc");
  const dkim = said && resultOf(said.results, "dkim");
  if (dmarc?.result === "fail" || (dmarc?.result !== "pass" && dkim?.result === "fail"))
    return "the server says that the mail is not from its sender (Authentication-Results)";
  if (trusted === undefined) return undefined;
  const about = /\bheader\.from\s*=\s*"?(?:[^\s;@"]*@)?([^\s;"]+)/i.exec(dmarc?.all ?? "")?.[1]?.toLowerCase();
  if (dmarc?.result === "pass" && (about === undefined || about === domainOf(sender))) return undefined;
  return `${trusted} does not say that the mail is from its sender (DMARC, Authentication-Results)`;
};
