/**
 * A mail without its Bcc fields (RFC 5322 section 3.6.3): a copy among the sent may name those who were told unseen, and passed on it
 * would name them to everybody. Only the header of the outermost message is looked into.
 */

const LF = 0x0a;
const CR = 0x0d;

/** Longest beginning of a line that is waited for; RFC 5322 section 2.1.1 lets a whole line have 998. */
const LINE_LIMIT = 64 * 1024;

const startsField = (line: Uint8Array): boolean =>
  /^(?:resent-)?bcc[ \t]*:/i.test(Buffer.from(line.subarray(0, 40)).toString("latin1"));

/** Takes a mail piece by piece. */
const remover = () => {
  let rest: Uint8Array = new Uint8Array(0);
  let hidden = false;
  /** What comes next goes on with a line that was begun. */
  let within = false;
  let body = false;

  const lineOf = (line: Uint8Array): readonly Uint8Array[] => {
    const first = line[0];
    if (!within && (first === LF || (first === CR && line[1] === LF))) {
      body = true;
      return [line];
    }
    if (!within && first !== 0x20 && first !== 0x09) hidden = startsField(line);
    return hidden ? [] : [line];
  };

  return {
    take(piece: Uint8Array): readonly Uint8Array[] {
      if (body) return [piece];
      const all = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      const out: Uint8Array[] = [];
      let start = 0;
      while (!body) {
        const found = all.indexOf(LF, start);
        const long = found < 0 && all.length - start > LINE_LIMIT;
        if (found < 0 && !long) break;
        const end = long ? all.length : found + 1;
        out.push(...lineOf(all.subarray(start, end)));
        within = long;
        start = end;
      }
      rest = body ? new Uint8Array(0) : all.subarray(start);
      if (body && start < all.length) out.push(all.subarray(start));
      return out;
    },
    end: (): readonly Uint8Array[] => (rest.length > 0 ? lineOf(rest) : []),
  };
};

/** The bytes of a mail without its Bcc fields. */
export const withoutBcc = (bytes: Uint8Array): Uint8Array => {
  const { take, end } = remover();
  return Buffer.concat([...take(bytes), ...end()]);
};

/** The same for a mail that is read piece by piece. */
export const bccRemoved = (mail: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> => {
  const { take, end } = remover();
  return mail.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        for (const one of take(piece)) controller.enqueue(one);
      },
      flush(controller) {
        for (const one of end()) controller.enqueue(one);
      },
    }),
  );
};
