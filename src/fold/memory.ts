/** What an object was told with and must not fall behind. */

import type { Answer, View } from "../contract/view.ts";
import type { ActorId } from "../contract/words.ts";

/** Kept with the object only while its items show less than was told. */
export interface Memory {
  /** The newest view it was told with, kept once no item shows it any more. */
  readonly view?: View;
  /** Its edition before something ended it, where that is another one. */
  readonly base?: string;
  /** How far its text was read. */
  readonly text?: "none" | "preview" | "full";
  /** Answers as told from the attendee's own view, where that lags or has vanished; `edition` is the own view's. */
  readonly answers?: Readonly<Record<ActorId, { readonly answer: Answer; readonly edition: string }>>;
}
