/** Figures for people. */

/** Made when it is first used: a command that shows no count waits for none of it. */
let counts: Intl.NumberFormat | undefined;

export function shownCount(value: number): string {
  counts ??= new Intl.NumberFormat('en');
  return counts.format(value);
}

/** `1 row`, `2 rows`. */
export function counted(value: number, noun: string): string {
  return `${shownCount(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** `24.7 %`; of nothing, `0 %`. What is not all is not told as all. */
export function shownShare(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '0 %';
  if (part === whole) return '100 %';
  const percent = Math.min(99.9, (part / whole) * 100);
  return percent < 0.05 ? '< 0.1 %' : `${percent.toFixed(1)} %`;
}

/** `812 B`, `36.1 kB`, `1.05 GB` (of 1000). */
export function shownBytes(value: number): string {
  return value < 999.5 ? `${Math.round(value)} B` : scaled(value, ['B', 'kB', 'MB', 'GB', 'TB', 'PB']);
}

/** Milliseconds as `12 ms`, `1.25 s`, `3 min 20 s`, `2 h 5 min`. */
export function shownMs(value: number): string {
  if (value < 9.95) return `${Number(value.toFixed(1))} ms`;
  if (value < 999.5) return `${Math.round(value)} ms`;
  if (value < 59_950) return `${threeDigits(value / 1000)} s`;
  const seconds = Math.round(value / 1000);
  if (seconds < 3600) return joined(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return joined(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(minutes / 60);
  return joined(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** A number of something a second. */
export function shownRate(value: number): string {
  return value < 1000 ? threeDigits(value) : shownCount(Math.round(value));
}

/** Milliseconds since 1970, to the second, in UTC. */
export function shownTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function scaled(value: number, units: readonly string[]): string {
  let unit = 0;
  let rest = value;
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1000;
    unit++;
  }
  return `${threeDigits(rest)} ${units[unit]}`;
}

function threeDigits(value: number): string {
  if (value === 0) return '0';
  return value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
