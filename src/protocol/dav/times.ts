/** Sync-tokens and ctags that are times in whole seconds (SOGo): two changes of one second have the same. Pure. */

/** A change this close to its answer may not be the last under its time, milliseconds. */
const moment = 2_000;

/** True for a token or ctag that is a time; the one of an empty calendar is 0. */
const isTime = (token: string | undefined): boolean => /^(?:0|\d{10})$/.test(token ?? "");

/**
 * True for a time that may not be over yet, by the server's own clock: further changes may come under it.
 * @param date  the answer's `Date`; without one nobody knows
 */
export const isUnsettled = (token: string | undefined, date: string | undefined): boolean => {
  if (!isTime(token)) return false;
  const answered = Date.parse(date ?? "");
  return Number.isNaN(answered) || answered - Number(token) * 1_000 < moment;
};
