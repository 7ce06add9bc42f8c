/** What the command printed, read back. */

/** `LENGTH TOTAL` lines as pairs. */
export function traceLines(text: string | Buffer): [length: number, total: number][] {
  return [...String(text).matchAll(/^(\d+) (\d+)$/gm)].map(([, length, total]) => [
    Number(length),
    Number(total),
  ]);
}

/** One value for each line; a line that is no JSON throws. */
export function jsonLines<T>(text: string | Buffer): T[] {
  const lines = String(text).split('\n');
  if (lines.pop() !== '') throw new Error('the last line has no end');
  return lines.map((line) => JSON.parse(line) as T);
}

/** One sentence on one line, as every failure is told. */
export const ONE_SENTENCE = /^sluice: \S.*[.?]\n$/;
