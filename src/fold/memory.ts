/** What an object was told with and must not fall behind. */

import type { View } from "../activity/view.ts";
import type { ActorId } from "../words.ts";

/** Kept with the object only while its items show less than was told. */
export interface Memory {
  /** The newest view it was told with, kept once no item shows it any more. */
  readonly view?: View;
  /** Answers as told, where the attendee's own view lags. */
  readonly answers?: Readonly<Record<ActorId, string>>;
}
