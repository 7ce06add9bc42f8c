import { counted, shownBytes, shownCount, shownShare } from '../../quantities.js';
import { columnChart, logTicks } from './charts.js';
import type { Figures } from './gather.js';
import { html, type Markup } from './html.js';
import type { LogHistogram } from './log-histogram.js';
import { figure, heading, hint, rowName, section, table } from './tables.js';

const MOST_BARS = 32;
const MOST_TYPES = 12;

/** How large the pictures are that came: bytes, width, height, and of what media types they are. */
export function sizeSections(figures: Figures): Markup[] {
  return [
    distribution('sizes', 'Bytes', figures.sizes, shownBytes),
    distribution('widths', 'Width', figures.widths, pixels),
    distribution('heights', 'Height', figures.heights, pixels),
    mediaTypes(figures),
  ];
}

function mediaTypes({ mediaTypes: types, successes }: Figures): Markup {
  const title = { id: 'types', title: 'Media types', kind: 'quarter' };
  if (successes === 0) return section(title, hint('No picture came.'));
  const sorted = [...types].sort(([, a], [, b]) => b - a);
  const lines = sorted
    .slice(0, MOST_TYPES)
    .map(
      ([type, times]) =>
        html`${rowName(type)}${figure(times)}${figure(times / successes, shownShare(times, successes))}`,
    );
  const left = sorted.slice(MOST_TYPES).reduce((sum, [, times]) => sum + times, 0);
  const rest = left > 0 ? ` ${counted(left, 'picture')} of other types are left out.` : '';
  const head = html`${heading('Media type')}${heading('Pictures', true)}${heading('Share', true)}`;
  return section(title, hint(`From the bytes.${rest}`), table({ label: 'Media types', head }, lines));
}

function distribution(
  id: string,
  name: string,
  histogram: LogHistogram,
  text: (value: number) => string,
): Markup {
  const title = { id, title: name, kind: 'quarter' };
  const bins = histogram.bins(MOST_BARS);
  if (bins.length === 0) return section(title, hint('No picture came.'));
  const [half, most] = [histogram.quantile(0.5), histogram.quantile(0.95)];
  const says = `${counted(histogram.count, 'picture')} as they came: from ${text(histogram.least)} to ${text(histogram.most)}; half have at most ${text(half)}, and 95 % at most ${text(most)}.`;
  const range = ({ from, to }: { from: number; to: number }) => `${text(from)} to ${text(to)}`;
  const chart = columnChart({
    id,
    title: `${name} of the pictures`,
    description: says,
    bars: bins.map((bin) => ({
      parts: [{ value: bin.count, name: 'all' }],
      says: `${range(bin)}: ${counted(bin.count, 'picture')}`,
    })),
    xTicks: logTicks(bins[0]!.from, bins.at(-1)!.to, text),
    yText: shownCount,
  });
  const lines = bins
    .filter(({ count }) => count > 0)
    .map((bin) => html`${figure(bin.from, range(bin))}${figure(bin.count)}`);
  const head = html`${heading('From, to below', true)}${heading('Pictures', true)}`;
  return section(
    title,
    chart,
    hint(says),
    html`<details><summary>The figures</summary>${table({ label: `${name} of the pictures`, head, isTall: true }, lines)}</details>`,
  );
}

function pixels(value: number): string {
  return `${shownCount(Math.round(value))} px`;
}
