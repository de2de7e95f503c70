/** Message identifiers: RFC 5322 §3.6.4, and what is found in their place. */

/** Longest id that is read, in characters; a longer one is no id. */
const ID_LIMIT = 998;
const KEPT_FROM_END = 20;

/** Domain in lower case, the left part as it is: RFC 5322 leaves its case to the sender. */
const normalise = (id: string): string => {
  // Some senders fold inside of an id; nothing else puts a space there.
  const text = /^[!-~]+$/.test(id) ? id : id.replace(/[\s\0-\x1f\x7f-\x9f]+/g, "").toWellFormed();
  const at = text.lastIndexOf("@");
  return at < 0 ? text : text.slice(0, at + 1) + text.slice(at + 1).toLowerCase();
};

/**
 * The ids of a Message-ID, In-Reply-To or References field in their order, each once, without angle brackets, domain in
 * lower case. Text around them is passed over (`Your message of … <id>`); without any brackets a single token is taken as
 * an id. Of more than 21 the first, which names the thread, and the last 20, which name the parents.
 */
export const messageIds = (raw: string): string[] => {
  const found: string[] = [];
  let open = raw.indexOf("<");
  while (open >= 0) {
    const close = raw.indexOf(">", open + 1);
    if (close < 0) break;
    // `<<id>`: the innermost bracket opens.
    const start = Math.max(open, raw.lastIndexOf("<", close)) + 1;
    if (close > start && close - start <= ID_LIMIT) {
      const id = normalise(raw.slice(start, close));
      if (id !== "") found.push(id);
      if (found.length > 4 * KEPT_FROM_END) found.splice(1, found.length - 1 - 2 * KEPT_FROM_END);
    }
    open = raw.indexOf("<", close + 1);
  }
  if (found.length === 0 && !raw.includes("<") && !raw.includes(">")) {
    const token = raw.trim();
    if (token !== "" && token.length <= ID_LIMIT && !/\s/.test(token)) return [normalise(token)].filter((id) => id !== "");
  }
  const once = [...new Set(found)];
  return once.length <= KEPT_FROM_END + 1 ? once : [once[0]!, ...once.slice(-KEPT_FROM_END)];
};
