import { shownCount } from '../../quantities.js';
import { html, type Markup } from './html.js';

/** A section of the page with its heading, and a sentence that says what the figures are. */
export function section(
  { id, title, kind = '', beside = html`` }: { id: string; title: string; kind?: string; beside?: Markup },
  ...content: readonly Markup[]
): Markup {
  return html`<section class="${kind}" aria-labelledby="${id}-heading" id="${id}">
<div class="heading"><h2 id="${id}-heading">${title}</h2>${beside}</div>
${content}
</section>
`;
}

export function hint(text: string): Markup {
  return html`<p class="hint">${text}</p>`;
}

/** A table that scrolls in itself where it is wider than the page, or longer than is good. */
export function table(
  { label, head, isTall = false }: { label: string; head: Markup; isTall?: boolean },
  rows: readonly Markup[],
): Markup {
  return html`<div class="scroll${isTall ? ' tall' : ''}" role="region" tabindex="0" aria-label="${label}">
<table class="sortable"><thead><tr>${head}</tr></thead><tbody>
${rows.map((row) => html`<tr>${row}</tr>\n`)}</tbody></table></div>`;
}

export function heading(text: string, isNumber = false): Markup {
  return isNumber ? html`<th scope="col" class="n">${text}</th>` : html`<th scope="col">${text}</th>`;
}

/** A heading of what can't be sorted. */
export function plainHeading(text: string): Markup {
  return html`<th scope="col" data-fixed>${text}</th>`;
}

/** A cell with a figure, sorted by `value`. */
export function figure(value: number, text: string = shownCount(value), kind = ''): Markup {
  return html`<td class="n${value === 0 ? ' zero' : ''}${kind}" data-value="${value}">${text}</td>`;
}

/** A row's name: a host, a code, whatever the network said. */
export function rowName(text: string, kind = ''): Markup {
  return html`<th scope="row" class="${kind}"><bdi>${text}</bdi></th>`;
}
