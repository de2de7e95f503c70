/** Mail text both ways: HTML → the dialects of chats, text → HTML, and long text folded. */

export { type FoldedText, foldLong } from "./fold.ts";
export { markdownOf } from "./markdown.ts";
export { plainOf } from "./plain.ts";
export { type PlannedManner, plannedLines } from "./planned.ts";
export { sizeOf } from "./size.ts";
export { htmlOfText, mentionsIn } from "./text-to-html.ts";
export type { DialectOptions } from "./write.ts";
export { xmppOf } from "./xmpp.ts";
