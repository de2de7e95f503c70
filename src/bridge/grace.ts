/** What was begun is finished: a hub that is stopped does not cut off what it is just performing. */

/** How long a stopped hub waits for an answer that is on its way, ms: a mail that is cut off would be sent again. */
const grace = 5_000;

/** A signal that is aborted with the same reason, later; disposed, it lets go of the first one. */
export const withGrace = (signal: AbortSignal): { readonly signal: AbortSignal } & Disposable => {
  const later = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    timer = setTimeout(() => later.abort(signal.reason), grace).unref();
  };
  if (signal.aborted) wait();
  else signal.addEventListener("abort", wait, { once: true });
  return {
    signal: later.signal,
    [Symbol.dispose]: () => {
      signal.removeEventListener("abort", wait);
      clearTimeout(timer);
    },
  };
};
