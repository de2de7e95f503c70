/** Sizes as people read them. */

const units = ["bytes", "KB", "MB", "GB"];

/** `12 KB`, in steps of 1,000. */
export const sizeOf = (bytes: number): string => {
  let [size, unit] = [bytes, 0];
  for (; size >= 1_000 && unit < units.length - 1; unit += 1) size /= 1_000;
  return `${size >= 10 || Number.isInteger(size) ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
};
