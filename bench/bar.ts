/** What a benchmark says: one figure, what it is measured against, and whether the bar holds. */

/** One line of output. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The floor or peer measured in the same run. */
  readonly against?: string;
  /** value ÷ the floor's. */
  readonly ratio?: number;
  /** The most (or least) that is allowed. */
  readonly bar?: number;
  readonly holds?: boolean;
}

/** How a benchmark is run. */
export interface Bench {
  /** The sizes the bars are stated for; else about a tenth. */
  readonly full: boolean;
  readonly say: (bar: Bar) => void;
  /** Progress for people, on stderr. */
  readonly note: (text: string) => void;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
};

/** The value below which this share of the others lies; nearest rank. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
};

export const round = (value: number, digits = 3): number => Number(value.toFixed(digits));
