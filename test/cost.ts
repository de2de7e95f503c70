/** What a call costs, for tests that nothing hostile makes it slow. */

/** Milliseconds of processor time, the least of `runs` calls: what else runs on the machine is not counted. */
export const costOf = (call: () => unknown, runs = 3): number => {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const before = process.cpuUsage();
    call();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
};
