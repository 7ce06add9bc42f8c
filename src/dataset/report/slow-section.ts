import { counted, shownMs, shownShare } from '../../quantities.js';
import { exactness, hostCell } from './cause-sections.js';
import { lineBar } from './charts.js';
import type { Figures } from './gather.js';
import { html, type Markup } from './html.js';
import { figure, heading, hint, plainHeading, section, table } from './tables.js';

const MOST_ROWS = 20;
/** Of a host that was asked for less the median says little. */
const LEAST_ASKED = 5;

/** The hosts whose rows took longest. */
export function slowSection(figures: Figures): Markup {
  const title = { id: 'slow', title: 'Slowest hosts', kind: 'half' };
  const asked = [...figures.hosts.entries()].filter(({ value }) => value.ms.count > 0);
  if (asked.length === 0) return section(title, hint('No host was asked.'));
  const often = asked.filter(({ value }) => value.ms.count >= LEAST_ASKED);
  const judged = often.length > 0 ? often : asked;
  const slowest = judged
    .map(({ key, value }) => ({
      host: key,
      rows: value.ms.count,
      successes: value.successes,
      median: value.ms.quantile(0.5),
      late: value.ms.quantile(0.95),
    }))
    .sort((a, b) => b.median - a.median)
    .slice(0, MOST_ROWS);
  const most = Math.max(...slowest.map(({ median }) => median));
  const lines = slowest.map(
    ({ host, rows, median, late, successes }) =>
      html`${hostCell(host)}${figure(rows)}${figure(median, shownMs(median))}${figure(late, shownMs(late))}<td class="bar-cell">${lineBar(most === 0 ? 0 : median / most)}</td>${figure(successes / rows, shownShare(Math.min(successes, rows), rows))}`,
  );
  const which = often.length > 0 ? `with ${LEAST_ASKED} rows or more ` : '';
  const head = html`${heading('Host')}${heading('Asked', true)}${heading('Median', true)}${heading('95 % within', true)}${plainHeading('')}${heading('Came', true)}`;
  return section(
    title,
    hint(
      `${counted(judged.length, 'host')} ${which}were asked; these took longest from the first attempt to the end of the last, failures included. Times are within 2 %.${exactness(figures)}`,
    ),
    table({ label: 'Slowest hosts', head, isTall: true }, lines),
  );
}
