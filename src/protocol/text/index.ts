/** Text for adapters: cleaned, sanitised, made from HTML and made into the dialects of chats. Pure. */

export { cleanLine, cleanText } from "./characters.ts";
export { escapeHtml } from "./escape-html.ts";
export type { FoldedText } from "./fold.ts";
export { foldLong } from "./fold.ts";
export { textFromHtml } from "./html-to-text.ts";
export { mailtoOf } from "./mailto.ts";
export { markdownOf } from "./markdown.ts";
export { plainOf } from "./plain.ts";
export type { PlannedManner } from "./planned.ts";
export { plannedLines } from "./planned.ts";
export { htmlFromText, sanitise } from "./sanitise.ts";
export { sizeOf } from "./size.ts";
export { htmlOfText } from "./text-to-html.ts";
export type { DialectOptions } from "./write.ts";
export { xmppOf } from "./xmpp.ts";
