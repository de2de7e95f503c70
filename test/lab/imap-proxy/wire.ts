/**
 * What crosses the line, as text: whole lines with their literals inside (RFC 9051 section 4.3), one octet a character, and
 * the few shapes of commands and answers that traits look into. What has another shape is `undefined`, never a guess.
 */

const CRLF = "\r\n";

/** No test needs more; a line that grows beyond is a line that was not understood. */
const LINE_LIMIT = 64 * 1024 * 1024;

const literalAtEnd = /~?\{(\d+)(\+?)\}$/;

/** Status answers end in prose for people, which may end in anything, also in what looks like a literal. */
const prose = /^(\+|\S+ (OK|NO|BAD|BYE|PREAUTH)\b)/i;

/**
 * Cuts what arrives into whole lines, without their last CRLF.
 *
 * @param onWait  a synchronising literal was announced: its sender waits for a continuation request
 */
export const lineReader = (onLine: (line: string) => void, onWait?: () => void): ((data: Buffer) => void) => {
  let buffer = "";
  let from = 0;
  return (data) => {
    buffer += data.toString("latin1");
    if (buffer.length > LINE_LIMIT) throw new Error(`a line of more than ${LINE_LIMIT} octets`);
    for (let end = buffer.indexOf(CRLF, from); end >= 0; end = buffer.indexOf(CRLF, from)) {
      const literal = onWait || !prose.test(buffer) ? literalAtEnd.exec(buffer.slice(Math.max(from, end - 20), end)) : null;
      if (!literal) {
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        from = 0;
        onLine(line);
        continue;
      }
      if (onWait && literal[2] === "") {
        // From here on it is one that does not wait (RFC 7888): Dovecot has LITERAL+.
        onWait();
        buffer = `${buffer.slice(0, end - 1)}+}${buffer.slice(end)}`;
        end += 1;
      }
      from = end + 2 + Number(literal[1]);
      if (from > buffer.length) break;
    }
  };
};

/** Where the value that begins here ends: a list, a string, a literal or an atom. Undefined: it is none of these. */
export const endOfValue = (text: string, at: number): number | undefined => {
  const first = text[at];
  if (first === undefined || first === " " || first === ")") return undefined;
  if (first === '"') {
    for (let i = at + 1; i < text.length; i++) {
      if (text[i] === "\\") i++;
      else if (text[i] === '"') return i + 1;
    }
    return undefined;
  }
  const literal = /^~?\{(\d+)\+?\}\r\n/.exec(text.slice(at, at + 24));
  if (literal) {
    const end = at + literal[0].length + Number(literal[1]);
    return end <= text.length ? end : undefined;
  }
  if (first === "(") {
    for (let i = at + 1; ; ) {
      if (text[i] === ")") return i + 1;
      if (text[i] === " " || text[i] === "(") {
        if (text[i] === " ") i++;
        // Address lists have no blank between their members (RFC 9051 section 7.5.2).
        if (text[i] === ")") return i + 1;
      }
      const end = endOfValue(text, i);
      if (end === undefined) return undefined;
      i = end;
    }
  }
  let end = at;
  while (end < text.length && !' ()"\r'.includes(text[end] as string)) {
    // BODY[HEADER.FIELDS (FROM TO)]<0> is one item, with blanks inside its brackets.
    if (text[end] === "[") {
      const close = text.indexOf("]", end);
      if (close < 0) return undefined;
      end = close;
    }
    end++;
  }
  return end > at ? end : undefined;
};

/** The values of a text, each as it stands there. */
export const valuesOf = (text: string): readonly string[] | undefined => {
  const values: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = endOfValue(text, at);
    if (end === undefined) return undefined;
    values.push(text.slice(at, end));
    if (end < text.length && text[end] !== " ") return undefined;
    at = end + 1;
  }
  return values;
};

/** The values of a list in parentheses, or the one value that may stand instead. */
export const listOf = (value: string): readonly string[] | undefined =>
  value.startsWith("(") ? valuesOf(value.slice(1, -1)) : [value];

/** The octets of a string, however it is written. */
export const textOf = (value: string): string => {
  if (value.startsWith('"')) return value.slice(1, -1).replace(/\\(.)/g, "$1");
  const literal = /^~?\{\d+\+?\}\r\n/.exec(value);
  return literal ? value.slice(literal[0].length) : value;
};

export const quoted = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;

/** INBOX is the one name whose case says nothing (RFC 9051 section 5.1). */
export const mailboxOf = (value: string): string => {
  const name = textOf(value);
  return name.toUpperCase() === "INBOX" ? "INBOX" : name;
};

/** A command. `name` is in capitals and has UID in it: `UID FETCH`. */
export interface Command {
  readonly tag: string;
  readonly name: string;
  readonly args: string;
}

export const commandOf = (line: string): Command | undefined => {
  const match = /^([^\s()*%"\\+{]+) ((?:UID )?[A-Za-z]+)(?: ([\s\S]+))?$/i.exec(line);
  return match ? { tag: match[1]!, name: match[2]!.toUpperCase(), args: match[3] ?? "" } : undefined;
};

export const lineOf = ({ tag, name, args }: Command): string => `${tag} ${name}${args === "" ? "" : ` ${args}`}`;

/** A FETCH command's arguments: items in capitals only as far as the client wrote them so. */
export interface FetchArgs {
  readonly set: string;
  readonly items: readonly string[];
  /** `(CHANGEDSINCE 17)`, or nothing. */
  readonly modifiers: string;
}

export const fetchArgs = (args: string): FetchArgs | undefined => {
  const [set, what, modifiers = "", ...more] = valuesOf(args) ?? [];
  const items = what === undefined ? undefined : listOf(what);
  return set !== undefined && items && more.length === 0 ? { set, items, modifiers } : undefined;
};

export const fetchText = ({ set, items, modifiers }: FetchArgs): string =>
  `${set} (${items.join(" ")})${modifiers === "" ? "" : ` ${modifiers}`}`;

/** `* 3 FETCH (…)`: items in their order, values as they stand there. */
export interface Row {
  readonly seq: string;
  readonly items: readonly (readonly [name: string, value: string])[];
}

export const rowOf = (line: string): Row | undefined => {
  const head = /^\* (\d+) FETCH \(/i.exec(line);
  if (!head || !line.endsWith(")")) return undefined;
  const values = valuesOf(line.slice(head[0].length, -1));
  if (!values || values.length % 2 === 1) return undefined;
  const items: [string, string][] = [];
  for (let at = 0; at < values.length; at += 2) items.push([values[at]!, values[at + 1]!]);
  return { seq: head[1]!, items };
};

export const rowText = ({ seq, items }: Row): string =>
  `* ${seq} FETCH (${items.map(([name, value]) => `${name} ${value}`).join(" ")})`;

/** The value of an item of a row. */
export const itemOf = (row: Row, name: string): string | undefined =>
  row.items.find(([key]) => key.toUpperCase() === name.toUpperCase())?.[1];

/** True if the set names the UID; `*` is the newest, which only the server knows: it names every UID from the other end on. */
export const names = (set: string, uid: number): boolean =>
  set.split(",").some((range) => {
    const [from, to = from] = range.split(":").map((end) => (end === "*" ? Number.POSITIVE_INFINITY : Number(end))) as [
      number,
      number?,
    ];
    return uid >= Math.min(from, to as number) && uid <= Math.max(from, to as number);
  });
