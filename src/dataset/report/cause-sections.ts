import { counted, shownCount, shownShare } from '../../quantities.js';
import { dominantCause } from '../dominant-cause.js';
import { lineBar } from './charts.js';
import type { Figures } from './gather.js';
import { html, type Markup } from './html.js';
import { figure, heading, hint, plainHeading, rowName, section, table } from './tables.js';

/** Hosts and causes that the table has room for. */
const MOST_ROWS = 40;
const MOST_CODES = 8;
const MOST_STATUSES = 6;

/** Names of causes, the most frequent first. */
export function codesOf({ causes }: Figures): string[] {
  return [...causes].sort(([, a], [, b]) => b.rows - a.rows).map(([code]) => code);
}

/** Why rows failed, each cause with how often and an example. */
export function causesSection(figures: Figures): Markup {
  const { causes, statuses, rows, successes } = figures;
  const title = { id: 'causes', title: 'Causes' };
  const failures = rows - successes;
  if (failures === 0) return section(title, hint(rows === 0 ? 'There are no rows yet.' : 'Nothing failed.'));
  const most = Math.max(...[...causes.values()].map((cause) => cause.rows));
  const lines = codesOf(figures).map((code) => {
    const cause = causes.get(code)!;
    const more = code === 'http-status' ? html`<br>${statusesText(statuses)}` : '';
    return html`${rowName(code, 'code')}<td class="code">${cause.phase}</td>${figure(cause.rows)}${figure(cause.rows / failures, shownShare(cause.rows, failures))}<td class="bar-cell">${lineBar(cause.rows / most, 'failed')}</td><td class="example"><bdi>${cause.example}</bdi><br><bdi class="mono">${cause.url}</bdi>${more}</td>`;
  });
  const head = html`${heading('Cause')}${heading('When')}${heading('Rows', true)}${heading('Of failures', true)}${plainHeading('')}${plainHeading('The first one')}`;
  const sentence = dominantCause([...causes].map(([code, cause]) => [code, cause.rows]));
  const says = `${counted(failures, 'row')} of ${shownCount(rows)} failed. Each cause has a code of its own.`;
  return section(
    title,
    hint(sentence === undefined ? says : `${says} ${sentence}`),
    table({ label: 'Causes of failures', head }, lines),
  );
}

/** Where rows failed: hosts against causes. */
export function causesByHostSection(figures: Figures): Markup {
  const title = { id: 'hosts', title: 'Causes by host' };
  const failed = [...figures.hosts.entries()]
    .map((host) => ({ ...host, failures: sumOf(host.value.codes) }))
    .filter(({ failures }) => failures > 0)
    .sort((a, b) => b.failures - a.failures);
  if (failed.length === 0) return section(title, hint('No host failed.'));
  const codes = codesOf(figures);
  const shown = codes.slice(0, codes.length === MOST_CODES + 1 ? MOST_CODES + 1 : MOST_CODES);
  const isMore = codes.length > shown.length;
  const head = html`${heading('Host')}${heading('Rows', true)}${heading('Came', true)}${heading('Failed', true)}${shown.map((code) => heading(code, true))}${isMore ? heading('others', true) : ''}`;
  const lines = failed.slice(0, MOST_ROWS).map(({ key, count, value, failures }) => {
    const most = Math.max(...value.codes.values());
    const cells = shown.map((code) => {
      const times = value.codes.get(code) ?? 0;
      return figure(times, shownCount(times), times === most ? ' hot' : '');
    });
    const others = failures - shown.reduce((sum, code) => sum + (value.codes.get(code) ?? 0), 0);
    return html`${hostCell(key)}${figure(count)}${figure(value.successes)}${figure(failures)}${cells}${isMore ? figure(others) : ''}`;
  });
  const left = failed.length - lines.length;
  const rest =
    left > 0 ? ` ${counted(left, 'more host')} with failures ${left === 1 ? 'is' : 'are'} left out.` : '';
  return section(
    title,
    hint(
      `The hosts where most rows failed, the most frequent cause of each marked.${rest}${exactness(figures)}`,
    ),
    table({ label: 'Causes by host', head, isTall: true }, lines),
  );
}

/** Said where figures of hosts are lower bounds. */
export function exactness({ hosts }: Figures): string {
  return hosts.isExact
    ? ''
    : ' There are more hosts than can be told apart: figures of a host are at least what it has, and those with the most rows are here.';
}

/** A host as a row's name, broken at its dots; a URL that is none of ours has none. */
export function hostCell(host: string): Markup {
  const labels = (host === '' ? '(no host)' : host).split(/(?<=\.)/);
  return html`<th scope="row" class="host"><bdi>${labels.map((label) => html`${label}<wbr>`)}</bdi></th>`;
}

function statusesText(statuses: ReadonlyMap<string, number>): Markup {
  const sorted = [...statuses].sort(([, a], [, b]) => b - a);
  const shown = sorted.slice(0, MOST_STATUSES).map(([status, times]) => `${status}: ${shownCount(times)}`);
  const rest = sumOf(new Map(sorted.slice(MOST_STATUSES)));
  if (rest > 0) shown.push(`others: ${shownCount(rest)}`);
  return html`Statuses: ${shown.join(', ')}`;
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, times) => sum + times, 0);
}
