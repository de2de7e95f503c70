/** What may be written as a header of a request: nobody's text can end one and begin another. Pure. */

/** RFC 9110 section 5.6.2, token. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 9110 section 5.5, field-value: visible characters, space and tab inside. Latin-1 is left out: it is read differently everywhere. */
const visible = /^(?:[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)?$/;
/** Set by the client alone: two of them, or wrong ones, make two requests of one (RFC 9112 section 11.2). */
const framing = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "upgrade",
  "expect",
  "te",
  "trailer",
]);

/** Every header that must not be sent, one phrase each, without its value; empty if all are fit. */
export const headerProblems = (headers: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(headers).flatMap(([name, value]) => {
    if (!token.test(name)) return [`${JSON.stringify(name.slice(0, 40))} is no header name`];
    if (framing.has(name.toLowerCase())) return [`the header ${name} is set by the client itself`];
    if (typeof value !== "string" || !visible.test(value))
      return [`the value of the header ${name} must be one line of printable ASCII`];
    return [];
  });
