/** Figures for people. Bytes are of 1000, as file managers count. */

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export function shownCount(value: number): string {
  return WHOLE.format(value);
}

/** `812 B`, `36.1 KB`, `1.05 MB`. */
export function shownBytes(value: number): string {
  if (value < 1000) return `${Math.round(value)} B`;
  const units = ['KB', 'MB', 'GB'];
  let scaled = value / 1000;
  let unit = 0;
  for (; scaled >= 999.5 && unit < units.length - 1; unit++) scaled /= 1000;
  return `${scaled >= 100 ? scaled.toFixed(0) : scaled >= 10 ? scaled.toFixed(1) : scaled.toFixed(2)} ${units[unit]}`;
}

/** `0.4 ms`, `38 ms`, `4.71 s`. */
export function shownMs(value: number): string {
  if (value < 10) return `${value.toFixed(1)} ms`;
  return value < 1000 ? `${Math.round(value)} ms` : shownSeconds(value);
}

export function shownSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

export function shownTimes(count: number): string {
  return count === 1 ? 'once' : `${shownCount(count)} times`;
}

/** `1 receive`, `46 receives`. */
export function counted(count: number, what: string): string {
  return `${shownCount(count)} ${what}${count === 1 ? '' : 's'}`;
}
