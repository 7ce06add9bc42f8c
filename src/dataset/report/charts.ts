/** Charts as inline SVG. Places are shares of the width and pixels of the height, so that letters keep their size at every width. */

import { html, type Markup } from './html.js';

/** One column of a chart: parts stand on one another, from the bottom up. */
export interface ChartBar {
  readonly parts: readonly { readonly value: number; readonly name: string }[];
  /** What is said when it is pointed at. */
  readonly says: string;
}

/** A mark of an axis. */
export interface Tick {
  /** 0 to 1, from the left or from the bottom. */
  readonly at: number;
  readonly text: string;
}

export interface Chart {
  readonly id: string;
  readonly title: string;
  /** What it shows, in sentences, for whoever does not see it. */
  readonly description: string;
  readonly bars: readonly ChartBar[];
  readonly xTicks: readonly Tick[];
  /** The values on the left are written so. */
  readonly yText: (value: number) => string;
}

const PLOT = 150;
const TOP = 18;
const HEIGHT = TOP + PLOT + 24;

export function columnChart({ id, title, description, bars, xTicks, yText }: Chart): Markup {
  const sums = bars.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0));
  const scale = niceScale(Math.max(0, ...sums));
  const heightOf = (value: number) => (value / scale.most) * PLOT;
  const width = 100 / bars.length;
  const columns = bars.map(({ parts, says }, i) => {
    let y = TOP + PLOT;
    const pieces = parts.map(({ value, name }) => {
      const height = heightOf(value);
      y -= height;
      if (height === 0) return '';
      return html`<rect class="part-${name}" x="${percent(i * width)}" y="${px(y)}" width="${percent(width)}" height="${px(height)}"/>`;
    });
    return html`<g class="column"><title>${says}</title><rect class="reach" x="${percent(i * width)}" y="${TOP}" width="${percent(width)}" height="${PLOT}"/>${pieces}</g>`;
  });
  const grid = scale.ticks.map((value) => {
    const y = TOP + PLOT - heightOf(value);
    return html`<line class="grid" x1="0" x2="100%" y1="${px(y)}" y2="${px(y)}"/>`;
  });
  const yLabels = scale.ticks
    .filter((value) => value > 0)
    .map(
      (value) =>
        html`<text class="y" x="0" y="${px(TOP + PLOT - heightOf(value) - 4)}">${yText(value)}</text>`,
    );
  const xLabels = xTicks.map(
    ({ at, text }) =>
      html`<text class="x" x="${percent(at * 100)}" y="${HEIGHT - 6}" text-anchor="${anchorAt(at)}">${text}</text>`,
  );
  return html`<svg class="chart" width="100%" height="${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-says"><title id="${id}-title">${title}</title><desc id="${id}-says">${description}</desc>
<defs><pattern id="${id}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-ground" width="6" height="6"/><rect class="hatch-line" width="2" height="6"/></pattern></defs>
${grid}${columns}<line class="base" x1="0" x2="100%" y1="${TOP + PLOT}" y2="${TOP + PLOT}"/>${yLabels}${xLabels}</svg>`;
}

/** A bar of a table's row: its length is a share of the cell's. For the eye only: the figure stands beside it. */
export function lineBar(share: number, name = 'all'): Markup {
  return html`<svg class="line-bar" width="100%" height="10" aria-hidden="true"><rect class="lane" width="100%" height="10" rx="2"/><rect class="part-${name}" width="${percent(Math.min(1, share) * 100)}" height="10" rx="2"/></svg>`;
}

/** Marks at 1, 2 and 5 of each decade, as many as there is room for, on a logarithmic axis from `from` to `to`. */
export function logTicks(from: number, to: number, text: (value: number) => string): Tick[] {
  const span = Math.log10(to / from);
  const steps = span <= 1.2 ? [1, 2, 5] : [1];
  const ticks: Tick[] = [];
  for (let decade = Math.floor(Math.log10(from)); decade <= Math.ceil(Math.log10(to)); decade++) {
    for (const step of steps) {
      const value = step * 10 ** decade;
      const at = Math.log10(value / from) / span;
      if (at >= -1e-9 && at <= 1 + 1e-9) ticks.push({ at: Math.min(1, Math.max(0, at)), text: text(value) });
    }
  }
  if (ticks.length < 2) return [from, to].map((value, at) => ({ at, text: text(value) }));
  const every = Math.ceil(ticks.length / 5);
  return ticks.filter((_, i) => i % every === 0);
}

function niceScale(most: number): { most: number; ticks: readonly number[] } {
  if (most === 0) return { most: 1, ticks: [0] };
  const power = 10 ** Math.floor(Math.log10(most / 2));
  const step = [1, 2, 5, 10].map((n) => n * power).find((one) => most / one <= 4.5)!;
  const top = Math.max(most, step);
  const ticks = Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, i) => i * step);
  return { most: top, ticks };
}

function anchorAt(at: number): string {
  return at < 0.07 ? 'start' : at > 0.93 ? 'end' : 'middle';
}

function percent(value: number): string {
  return `${Number(value.toFixed(3))}%`;
}

function px(value: number): string {
  return String(Number(value.toFixed(2)));
}
