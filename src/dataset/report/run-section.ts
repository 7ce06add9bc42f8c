import { shownBytes, shownCount, shownMs, shownRate, shownTime } from '../../quantities.js';
import type { DatasetDirectory } from './dataset-directory.js';
import type { Figures } from './gather.js';
import { html, type Markup } from './html.js';
import { hint, rowName, section } from './tables.js';

/** What made the data set: totals, options and list. */
export function totalsSection({ finished }: DatasetDirectory, figures: Figures): Markup {
  const { rows, successes, timeline } = figures;
  const isEmpty = finished.length === 0;
  const facts: [string, string][] = [
    ['Rows', shownCount(rows)],
    ['Pictures', shownCount(successes)],
    ['Failed to download', shownCount(figures.failedToDownload)],
    ['Failed to resize', shownCount(figures.failedToResize)],
    ['Copies of repeated URLs', shownCount(figures.copies)],
    ['Attempts', shownCount(figures.attempts)],
    ['Received', shownBytes(figures.bytes)],
    ['Shards', shownCount(finished.length)],
    ['Time', isEmpty ? 'none' : shownMs(timeline.ms)],
    ['Rows a second', isEmpty ? 'none' : shownRate((rows / Math.max(1, timeline.ms)) * 1000)],
    ['Began', isEmpty ? 'not known' : shownTime(timeline.began)],
    ['Ended', isEmpty ? 'not known' : shownTime(timeline.ended)],
  ];
  return section(
    { id: 'totals', title: 'Totals' },
    html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>`,
  );
}

export function optionsSection({ run }: DatasetDirectory): Markup {
  const options = Object.entries(run.options).filter(([, value]) => value !== null);
  return section(
    { id: 'options', title: 'Options', kind: 'half' },
    hint('What decides what the data set is; options that are not named here have their defaults.'),
    pairs(
      'Option',
      options.map(([name, value]) => [name, String(value)]),
    ),
  );
}

export function listSection({ run }: DatasetDirectory): Markup {
  const { files, urlCol, captionCol, columns } = run.list;
  const named = files.map(({ name, format, size, modifiedMs }): [string, string] => {
    const bytes = size === null ? '' : `, ${shownBytes(size)}`;
    return [name, `${format}${bytes}${modifiedMs === null ? '' : `, of ${shownTime(modifiedMs)}`}`];
  });
  return section(
    { id: 'list', title: 'List', kind: 'half' },
    pairs('File or column', [
      ...named,
      ['Column of the URLs', urlCol],
      ['Column of the captions', captionCol ?? 'none'],
      ['Columns kept', columns.length === 0 ? 'none' : columns.join(', ')],
    ]),
  );
}

function pairs(name: string, lines: readonly (readonly [string, string])[]): Markup {
  return html`<div class="scroll tall" role="region" tabindex="0" aria-label="${name}"><table><thead><tr><th scope="col">${name}</th><th scope="col">Value</th></tr></thead><tbody>
${lines.map(([key, value]) => html`<tr>${rowName(key)}<td class="mono"><bdi>${value}</bdi></td></tr>\n`)}</tbody></table></div>`;
}
