/** vCards: read, shown as profiles, changed, written. */

export type { Card } from "./card.ts";
export { type CardChange, type CardName, changeCard, markOfCard } from "./change.ts";
export { newCard } from "./new.ts";
export { cardEvidence, profileOf, uidOfCard } from "./profile.ts";
export type { CardProperty, CardVersion } from "./property.ts";
export { type CardLimits, type CardProblem, readCards } from "./read.ts";
export { writeCard } from "./write.ts";
