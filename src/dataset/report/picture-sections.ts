import { counted, shownBytes, shownCount } from '../../quantities.js';
import type { Figures, ShownRow } from './gather.js';
import { html, type Markup } from './html.js';
import { figure, heading, hint, plainHeading, section, table } from './tables.js';
import type { Thumbnail } from './thumbnails.js';
import type { Counted } from './top-keys.js';

const MOST_PLACEHOLDERS = 12;

/** The same bytes that came for many URLs. */
export interface Placeholder {
  readonly sha256: string;
  readonly urls: number;
  readonly first: ShownRow;
}

/** Those that came most often. */
export function placeholdersOf({ digests }: Figures): Placeholder[] {
  const isRepeated = ({ count }: Counted<unknown>) => count > 1;
  return [...digests.entries()]
    .filter(isRepeated)
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_PLACEHOLDERS)
    .flatMap(({ key, count, value }) =>
      value.first === undefined ? [] : [{ sha256: key, urls: count, first: value.first }],
    );
}

export function placeholdersSection(
  figures: Figures,
  placeholders: readonly Placeholder[],
  thumbnails: readonly Thumbnail[],
): Markup {
  const title = { id: 'placeholders', title: 'Placeholders', kind: 'half' };
  if (placeholders.length === 0) return section(title, hint('No two URLs gave the same bytes.'));
  const all = [...figures.digests.entries()].filter(({ count }) => count > 1);
  const rows = all.reduce((sum, { count }) => sum + count, 0);
  const atLeast = figures.digests.isExact ? '' : 'at least ';
  const lines = placeholders.map(
    ({ sha256, urls, first }, i) =>
      html`<td class="small">${frame(thumbnails[i]!)}</td>${figure(urls)}<td class="example"><bdi class="mono">${first.url}</bdi><br>${facts(first)}<br><span class="mono">${sha256}</span></td>`,
  );
  const head = html`${plainHeading('Picture')}${heading('URLs', true)}${plainHeading('The first one, and the SHA-256 of all')}`;
  return section(
    title,
    hint(
      `The same bytes came for many URLs: ${atLeast}${counted(rows, 'URL')} gave ${atLeast}${counted(all.length, 'picture')}. These came most often.`,
    ),
    table({ label: 'Placeholders', head, isTall: true }, lines),
  );
}

/** Small pictures of some rows. */
export function contactSheet(figures: Figures, thumbnails: readonly Thumbnail[]): Markup {
  const title = { id: 'sheet', title: 'Contact sheet' };
  if (thumbnails.length === 0)
    return section(title, hint(figures.successes === 0 ? 'No picture came.' : 'No sample was asked for.'));
  const retrieved = figures.successes - figures.copies;
  return section(
    title,
    hint(
      `${shownCount(thumbnails.length)} of ${counted(retrieved, 'picture')}, each as likely as the others, in the order of their keys. SVG is never rendered.`,
    ),
    html`<ul class="sheet">${thumbnails.map((one) => html`<li><figure>${frame(one)}<figcaption><b>${one.row.key}</b> ${facts(one.row)}<bdi class="clamped">${one.row.url}</bdi></figcaption></figure></li>\n`)}</ul>`,
  );
}

function frame({ row, source, width, height, failure }: Thumbnail): Markup {
  return source === undefined
    ? html`<div class="frame"><p><bdi>${failure}</bdi></p></div>`
    : html`<div class="frame"><img src="${source}" width="${width}" height="${height}" alt="The picture of key ${row.key}"></div>`;
}

function facts({ width, height, bytes, mediaType }: ShownRow): string {
  const size = width === null || height === null ? '' : `${width} × ${height}, `;
  return `${size}${shownBytes(bytes)}, ${mediaType}`;
}
