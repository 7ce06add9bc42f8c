/** A page of `sluice report`, read as a browser reads it. */

import { type DefaultTreeAdapterTypes, parse } from 'parse5';

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

export class ReportPage {
  readonly elements: readonly Element[];

  constructor(readonly html: string) {
    this.elements = [...elementsIn(parse(html))];
  }

  /** The text of an element with this name, the first one. */
  text(name: string): string {
    return textIn(this.elements.find(({ tagName }) => tagName === name)!);
  }

  /** The cells of a section's first table, its headings first. */
  table(section: string): string[][] {
    const [table] = this.#within(section, 'table');
    if (table === undefined) throw new Error(`the section ${section} has no table`);
    return [...elementsIn(table)]
      .filter(({ tagName }) => tagName === 'tr')
      .map((row) => row.childNodes.filter((cell) => 'tagName' in cell).map((cell) => textIn(cell).trim()));
  }

  /** What a section says beside its tables. */
  says(section: string): string {
    return this.#within(section, 'p').map(textIn).join('\n');
  }

  /** Each name of the totals with its figure. */
  totals(): Record<string, string> {
    const [names, values] = ['dt', 'dd'].map((tag) => this.#within('totals', tag).map(textIn));
    return Object.fromEntries(names!.map((name, i) => [name, values![i]!]));
  }

  /** Alternatives of a section's pictures. */
  pictures(section: string): { alt: string; src: string }[] {
    return this.#within(section, 'img').map((img) => ({
      alt: attributeOf(img, 'alt') ?? '',
      src: attributeOf(img, 'src') ?? '',
    }));
  }

  #within(section: string, tag: string): Element[] {
    const found = this.elements.find((element) => attributeOf(element, 'id') === section);
    if (found === undefined) throw new Error(`the page has no section ${section}`);
    return [...elementsIn(found)].filter(({ tagName }) => tagName === tag);
  }
}

export function attributeOf({ attrs }: Element, name: string): string | undefined {
  return attrs.find((attribute) => attribute.name === name)?.value;
}

function* elementsIn(node: Node): Generator<Element> {
  if (!('childNodes' in node)) return;
  for (const child of node.childNodes) {
    if ('tagName' in child) yield child;
    yield* elementsIn(child);
  }
}

function textIn(node: Node): string {
  if (node.nodeName === '#text') return (node as DefaultTreeAdapterTypes.TextNode).value;
  return 'childNodes' in node ? node.childNodes.map(textIn).join('') : '';
}
