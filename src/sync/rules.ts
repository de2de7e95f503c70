/**
 * The rules of reading, by name. All are on. A test switches off one at a time and must see a law broken; nothing else
 * may.
 */
export interface Rules {
  /** A mark settles only after a discovery and looks that opened after it. */
  readonly settle: boolean;
  /** The mark of an object's last item is asked for twice. */
  readonly twice: boolean;
  /** A new item of a marked object replaces the mark: Move. */
  readonly move: boolean;
  /** Strong evidence joins a new item to its object. */
  readonly join: boolean;
  /** Partners by hint alone are compared by the digest of their text. */
  readonly hint: boolean;
  /** Sightings older than what is stored tell nothing. */
  readonly order: boolean;
  /** Only what a listing never showed from its opening on is absent. */
  readonly listing: boolean;
  /** What a listing did not show is asked for by key, or listed again. */
  readonly check: boolean;
  /** The first listings are recorded, not told. */
  readonly baseline: boolean;
  /** A collection found later: what came before it could have been seen is silent. */
  readonly age: boolean;
  /** A loss of most of a collection is held and asked again. */
  readonly plausible: boolean;
  /** What was told is never taken back by an older view. */
  readonly highwater: boolean;
  /** A look that took up an older listing stores no collection revision. */
  readonly revision: boolean;
  /** Same key with another identity or type is another item. */
  readonly reuse: boolean;
  /** Items out of scope are asked for by key. */
  readonly out: boolean;
}

/** Every rule on. */
export const allRules: Rules = {
  settle: true,
  twice: true,
  move: true,
  join: true,
  hint: true,
  order: true,
  listing: true,
  check: true,
  baseline: true,
  age: true,
  plausible: true,
  highwater: true,
  revision: true,
  reuse: true,
  out: true,
};
