import { counted, shownMs, shownRate, shownTime } from '../../quantities.js';
import { columnChart, type Tick } from './charts.js';
import type { Figures } from './gather.js';
import { html, type Markup } from './html.js';
import { figure, heading, hint, section, table } from './tables.js';
import type { TimeBin } from './timeline.js';

const BINS = 60;

/** How fast rows were done, from beginning to end. */
export function rateSection({ timeline, rows }: Figures): Markup {
  const bins = timeline.bins(BINS);
  const title = { id: 'rate', title: 'Rate over time' };
  if (bins.length === 0) return section(title, hint('No shard is finished yet.'));
  const mean = (rows / Math.max(1, timeline.ms)) * 1000;
  const fastest = bins.reduce((best, bin) => (sumOf(bin) > sumOf(best) ? bin : best));
  const says = `${counted(rows, 'row')} in ${shownMs(timeline.ms)}: ${shownRate(mean)} a second in the mean, ${shownRate(sumOf(fastest))} at most, ${shownMs(fastest.from - timeline.began)} after the beginning.`;
  const chart = columnChart({
    id: 'rate',
    title: 'Rows a second over time',
    description: says,
    bars: bins.map((bin) => ({
      parts: [
        { value: bin.successes, name: 'successes' },
        { value: bin.failures, name: 'failures' },
      ],
      says: `from ${shownMs(bin.from - timeline.began)}: ${shownRate(bin.successes)} came and ${shownRate(bin.failures)} failed a second`,
    })),
    xTicks: ticks(timeline.ms),
    yText: (value) => `${shownRate(value)} / s`,
  });
  const legend = html`<p class="legend"><span><svg class="key"><rect class="part-successes" width="100%" height="100%"/></svg>came</span><span><svg class="key"><rect class="part-failures" width="100%" height="100%"/></svg>failed</span></p>`;
  const lines = bins.map(
    (bin) =>
      html`${figure(bin.from - timeline.began, shownTime(bin.from))}${figure(bin.successes, shownRate(bin.successes))}${figure(bin.failures, shownRate(bin.failures))}`,
  );
  const head = html`${heading('From', true)}${heading('Came, a second', true)}${heading('Failed, a second', true)}`;
  return section(
    { ...title, beside: legend },
    chart,
    hint(
      `${says} Each shard's rows are spread evenly over the time from its beginning to its end, interruptions included.`,
    ),
    html`<details><summary>The figures</summary>${table({ label: 'Rate over time', head, isTall: true }, lines)}</details>`,
  );
}

function sumOf({ successes, failures }: TimeBin): number {
  return successes + failures;
}

function ticks(ms: number): Tick[] {
  return [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, text: at === 0 ? '0 s' : shownMs(ms * at) }));
}
