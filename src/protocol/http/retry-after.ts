/** The Retry-After header, RFC 9110 section 10.2.3. Pure. */

/** No server is believed that asks for more than a day, seconds. */
const longestWait = 86_400;

/** IMF-fixdate, and the two obsolete forms a recipient must accept (RFC 9110 section 5.6.7): RFC 850 and asctime. */
const dates = [
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

/**
 * Whole seconds to wait, 0 to 86,400; a longer wait is cut to that, a date that has passed is 0.
 * Anything that is neither delay-seconds nor an HTTP date is no answer: undefined.
 * @param now  milliseconds since 1970, what dates are compared with
 */
export const retryAfterSeconds = (header: string | undefined, now: number): number | undefined => {
  const value = header?.trim() ?? "";
  if (/^\d+$/.test(value)) return Math.min(Number(value), longestWait);
  if (!dates.some((form) => form.test(value))) return undefined;
  // asctime carries no zone and is UTC by definition; left alone it would be read as local time.
  const at = Date.parse(value.endsWith("GMT") ? value : `${value} GMT`);
  return Number.isNaN(at) ? undefined : Math.min(Math.max(Math.ceil((at - now) / 1000), 0), longestWait);
};
