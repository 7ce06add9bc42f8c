import type { FlowLanes } from '../flow/lanes.js';

/** From nothing to all. */
const LEVELS = ' .:-=+*#';
/** Shorter, and there is nothing to see. */
const FEWEST_CELLS = 32;

/** A transfer against time, three lines of text; none where it was over too soon. */
export function flowDrawing({ cells, cellMs }: FlowLanes): string[] {
  if (cells.length < FEWEST_CELLS) return [];
  const most = Math.max(1, ...cells.map(({ bytes }) => bytes));
  const lane = (name: string, shares: number[]) =>
    shares.some((share) => share > 0) ? [`  ${name.padEnd(10)} |${shares.map(level).join('')}|`] : [];
  const total = `${shown(cells.length * cellMs)}`;
  return [
    ...lane(
      'received',
      cells.map(({ bytes }) => bytes / most),
    ),
    ...lane(
      'paused',
      cells.map(({ paused }) => paused / cellMs),
    ),
    ...lane(
      'waiting',
      cells.map(({ waited }) => waited / cellMs),
    ),
    `${' '.repeat(14)}0${total.padStart(cells.length - 1)}`,
  ];
}

/** What is not nothing is seen. */
function level(share: number): string {
  const top = LEVELS.length - 1;
  return LEVELS[share <= 0 ? 0 : Math.max(1, Math.min(top, Math.round(share * top)))]!;
}

function shown(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
