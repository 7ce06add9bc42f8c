import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { counted, shownBytes, shownCount, shownMs, shownShare, shownTime } from '../../quantities.js';
import { VERSION } from '../../version.js';
import { causesByHostSection, causesSection, codesOf } from './cause-sections.js';
import type { DatasetDirectory } from './dataset-directory.js';
import type { Figures } from './gather.js';
import { html, Markup } from './html.js';
import { contactSheet, type Placeholder, placeholdersSection } from './picture-sections.js';
import { rateSection } from './rate-section.js';
import { listSection, optionsSection, totalsSection } from './run-section.js';
import { sizeSections } from './size-sections.js';
import { slowSection } from './slow-section.js';
import { SORT_SCRIPT } from './sort-script.js';
import { STYLE } from './style.js';
import type { Thumbnail } from './thumbnails.js';

/** What is on the page. */
export interface PageContent {
  readonly dataset: DatasetDirectory;
  readonly figures: Figures;
  readonly placeholders: readonly Placeholder[];
  /** One each of the placeholders. */
  readonly placeholderPictures: readonly Thumbnail[];
  readonly sample: readonly Thumbnail[];
}

/** The whole page, which loads nothing: its styles and its script are known by their digests, and its pictures stand in it. */
export function page(content: PageContent): string {
  const { dataset, figures, placeholders, placeholderPictures, sample } = content;
  const name = basename(resolve(dataset.path));
  const policy = `default-src 'none'; img-src data:; style-src ${digestOf(STYLE)}; script-src ${digestOf(SORT_SCRIPT)}; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${name}: sluice report</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header class="top"><p class="brand"><svg viewBox="0 0 24 24" aria-hidden="true"><rect x="2" y="12" width="6" height="10"/><rect x="10" y="3" width="3" height="19"/><rect class="drop" x="15" y="16" width="7" height="6"/></svg>sluice <em>report</em></p><p class="subject"><bdi>${dataset.path}</bdi></p></header>
<main>
${lead(dataset, figures)}
${totalsSection(dataset, figures)}${causesSection(figures)}${rateSection(figures)}${causesByHostSection(figures)}${sizeSections(figures)}${slowSection(figures)}${placeholdersSection(figures, placeholders, placeholderPictures)}${contactSheet(figures, sample)}${optionsSection(dataset)}${listSection(dataset)}
<p class="foot">Made by sluice ${VERSION}, ${shownTime(Date.now())}. This page loads nothing.</p>
</main>
<script>${new Markup(SORT_SCRIPT)}</script>
</body>
</html>
`.text;
}

/** What there is to say in two sentences. */
function lead({ run, layout, finished, open }: DatasetDirectory, figures: Figures): Markup {
  const { rows, successes, timeline, bytes } = figures;
  const says =
    rows === 0
      ? 'There is nothing to tell yet: no shard is finished.'
      : `${shownCount(successes)} of ${counted(rows, 'picture')} came: ${shownShare(successes, rows)}.`;
  const how = [
    counted(finished.length, 'shard'),
    layout.format,
    ...(rows === 0 ? [] : [`${shownBytes(bytes)} received`, shownMs(timeline.ms), shownTime(timeline.began)]),
  ];
  return html`<div class="lead"><h1>${says}</h1><p class="how">${how.join(' · ')}</p>${answer(figures)}${run.result === null ? notice(open) : ''}</div>`;
}

function answer(figures: Figures): Markup {
  const [first, second] = codesOf(figures);
  const failures = figures.rows - figures.successes;
  if (first === undefined) return html``;
  const shareOf = (code: string) => shownShare(figures.causes.get(code)!.rows, failures);
  const next = second === undefined ? '' : `, ${shareOf(second)} as ${second}`;
  return html`<p class="answer"><bdi>${`Of what failed, ${shareOf(first)} failed as ${first}${next}.`}</bdi></p>`;
}

function notice(open: number): Markup {
  const others = open === 0 ? '' : ` ${counted(open, 'other shard')} ${open === 1 ? 'is' : 'are'} begun.`;
  return html`<p class="notice">The run is not finished: this page tells of its finished shards only.${others}</p>`;
}

function digestOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
