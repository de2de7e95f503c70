/** What a toy mailbox is made of. */

/** A mail as written: the same in every mailbox it was delivered to. */
export interface Mail {
  readonly tag: string;
  readonly mid: string;
  readonly date: string;
  readonly from: string;
  readonly text: string;
  readonly parent?: string;
}

/** A copy of a mail in a folder. */
export interface Copy {
  readonly mail: Mail;
  readonly size: number;
  readonly came: number;
  flags: Set<string>;
  modseq: number;
}

export interface Folder {
  /** MAILBOXID; unused where paths name folders. */
  readonly id: string;
  name: string;
  validity: number;
  next: number;
  readonly copies: Map<number, Copy>;
  vanished: { uid: number; modseq: number }[];
  /** Positions of an older generation are no longer honoured. */
  generation: number;
  forbidden: boolean;
  /** Listings show so many only, and claim to be whole: once, or until asked on a new connection. */
  partial?: { readonly share: number; readonly until: "once" | "fresh" };
}

export interface MailOptions {
  readonly id: string;
  readonly tier: "delta" | "counted" | "plain";
  /** Folders have ids apart from their paths. */
  readonly ids: boolean;
  /** The highest MODSEQ is told by LIST, so that unchanged folders need no look. */
  readonly status: boolean;
  /** Sizes differ between accounts: Received lines. */
  readonly extra: number;
}

/** Mails on their way to several mailboxes. */
export interface Post<B> {
  readonly mails: Mail[];
  readonly boxes: B[];
}
