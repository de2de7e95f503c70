/**
 * One error class and one table. The code says how much is damaged and what the core does next; the message says what
 * failed, on what, and what to do. What became of a performed action is a receipt, not an error. Aborting is no error.
 */

import type { CollectionId, ItemKey, SystemId } from "./words.ts";

/** Every way a part of groupstream can fail. */
export type ErrorCode =
  | "unreachable"
  | "throttled"
  | "unauthenticated"
  | "forbidden"
  | "position-lost"
  | "implausible"
  | "malformed"
  | "misconfigured"
  | "store";

/** What is damaged, and what the core does next. */
export interface ErrorRow {
  readonly damage: "system" | "collection" | "item" | "process";
  readonly next: "back-off" | "wait" | "ask-credentials" | "skip" | "list" | "hold" | "quarantine" | "stop";
  /** True if nothing goes on without a person. */
  readonly human: boolean;
  /** What a person can do, in one sentence. */
  readonly remedy: string;
}

/** The error table: a code without a row does not compile. */
export const errorTable: { readonly [code in ErrorCode]: ErrorRow } = {
  unreachable: {
    damage: "system",
    next: "back-off",
    human: false,
    remedy: "Check host, port and network; it is tried again by itself.",
  },
  throttled: { damage: "system", next: "wait", human: false, remedy: "Nothing to do: it is tried again when the server allows." },
  unauthenticated: {
    damage: "system",
    next: "ask-credentials",
    human: true,
    remedy: "Renew the password or token of this system.",
  },
  forbidden: {
    damage: "collection",
    next: "skip",
    human: true,
    remedy: "Give the account read permission, or exclude the collection.",
  },
  "position-lost": {
    damage: "collection",
    next: "list",
    human: false,
    remedy: "Nothing to do: the collection is listed again and compared.",
  },
  implausible: {
    damage: "collection",
    next: "hold",
    human: true,
    remedy: "Check the server: most of the collection seems to have vanished.",
  },
  malformed: {
    damage: "item",
    next: "quarantine",
    human: true,
    remedy: "Look at the item's raw form; it is read again when it changes.",
  },
  misconfigured: { damage: "process", next: "stop", human: true, remedy: "Correct the configuration and start again." },
  store: { damage: "process", next: "stop", human: true, remedy: "Check disk space, permissions and the store's version." },
};

/** Where it happened and what is known about it. */
export interface ErrorDetails {
  readonly system?: SystemId;
  readonly collection?: CollectionId;
  readonly key?: ItemKey;
  /** Seconds the server asked us to wait. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
  /** `misconfigured` only: every mistake, one sentence each. */
  readonly mistakes?: readonly string[];
}

/** Addresses in a text lose what may be secret: user and password, and what follows `?`. */
export const withoutSecrets = (text: string): string =>
  text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)([^\s/@]*@)?([^\s?#"'<>]*)(\?[^\s"'<>]*)?/gi, (_, scheme, _user, rest, query) =>
    query === undefined ? `${scheme}${rest}` : `${scheme}${rest}?…`,
  );

/** What was thrown that is no error of the table, in words that hold no content: a parser's message quotes what it read. */
export const faultOf = (error: unknown): string => {
  // An object may hold content, and some cannot even be written as text.
  if (typeof error === "object" && error !== null && !(error instanceof Error)) return "something that is no Error was thrown";
  if (!(error instanceof Error)) return withoutSecrets(String(error));
  return error instanceof SyntaxError || error.name === "SyntaxError"
    ? "SyntaxError: what was read is not of the form that was expected"
    : withoutSecrets(error.message);
};

const tag = Symbol.for("groupstream.error");

/** The only error groupstream throws on purpose. Recognise it with {@link isGroupstreamError}, never by `instanceof`. */
export class GroupstreamError extends Error {
  readonly [tag] = true;
  override readonly name = "GroupstreamError";
  readonly code: ErrorCode;
  readonly system?: SystemId;
  readonly collection?: CollectionId;
  readonly key?: ItemKey;
  readonly retryAfter?: number;
  readonly mistakes?: readonly string[];

  /**
   * @param code     the row of the error table
   * @param message  what failed, on what, what to do; no secret and no content. Addresses lose user, password and query.
   * @param details  where; `retryAfter` in seconds
   */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(withoutSecrets(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    if (details.system !== undefined) this.system = details.system;
    if (details.collection !== undefined) this.collection = details.collection;
    if (details.key !== undefined) this.key = details.key;
    if (details.retryAfter !== undefined) this.retryAfter = details.retryAfter;
    if (details.mistakes !== undefined) this.mistakes = details.mistakes;
  }
}

/** True for errors of this class, also from another copy of the package. */
export const isGroupstreamError = (error: unknown): error is GroupstreamError =>
  typeof error === "object" && error !== null && tag in error;

/** Throws one `misconfigured` error that lists every mistake, if there is any. */
export const refuseMistakes = (what: string, mistakes: readonly string[]): void => {
  if (mistakes.length === 0) return;
  throw new GroupstreamError("misconfigured", `${what}:\n${mistakes.map((mistake) => `  - ${mistake}`).join("\n")}`, {
    mistakes,
  });
};
