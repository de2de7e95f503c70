/** vCards for adapters (RFC 2426, RFC 6350): read, shown as profiles, changed, written. Pure. */

export type { Card } from "./card.ts";
export type { CardName } from "./change.ts";
export { type CardChange, changeCard, markOfCard } from "./change.ts";
export { newCard } from "./new.ts";
export { cardEvidence, profileOf, uidOfCard } from "./profile.ts";
export type { CardVersion } from "./property.ts";
export type { CardLimits, CardProblem } from "./read.ts";
export { readCards } from "./read.ts";
export { writeCard } from "./write.ts";
