/** Texts that are kept longer than what they were cut out of. */

/** The same text, standing by itself: V8 keeps a whole answer as long as there is a slice of it. */
export const ownText = (text: string): string => Buffer.from(text, "utf16le").toString("utf16le");
