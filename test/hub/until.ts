/** Waits, without a clock of its own, until something is so. */
export const until = async (so: () => unknown, what: string): Promise<void> => {
  for (let turn = 0; turn < 2_000; turn += 1) {
    if (await so()) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`never: ${what}`);
};
