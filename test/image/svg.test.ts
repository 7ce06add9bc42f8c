import { describe, expect, it } from 'vitest';
import { inspect, reasonOf } from './inspect.js';

function svg(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}

describe('walkSvg', () => {
  it.each([
    ['a self-closed root', '<svg/>'],
    ['nested elements of the same name', '<svg><svg></svg><svg/></svg>'],
    ['a ">" in an attribute', '<svg a="</svg>"><g b=\'/>"\' /></svg>'],
    [
      'comments, CDATA and instructions',
      '<svg><!-- </svg> - -> --><![CDATA[ </svg> ]> ]]><?x </svg> > ?></svg>',
    ],
    ['an internal subset', '<!DOCTYPE svg [<!ENTITY e "]><svg>"><!--\' ]> --><?p ]> ?> %pe; ]><svg></svg>'],
    ['white space in tags', '<svg\n\ta = "1"\n>\n</svg\n>'],
    ['brackets in CDATA', '<svg><![CDATA[]]]]></svg>'],
    ['characters beyond ASCII', '<svg \u00e9="\u4e2d"><\u00e9l\u00e9ment/></svg>'],
  ])('ends with the root element: %s', (_, text) => {
    expect(reasonOf(svg(text))).toBeUndefined();
    expect(reasonOf(svg(`${text}\n<!-- a tail --> < & text`))).toBeUndefined();
    for (let length = 1; length < svg(text).length; length++) {
      expect(reasonOf(svg(text).subarray(0, length))).toMatch(/ends at byte/);
    }
  });

  it.each([
    ['a "<" stands inside a tag', '<svg a=1 <g></svg>'],
    ['a "<" begins no tag', '<svg>a < b</svg>'],
    ['a "<!" begins neither', '<svg><!ELEMENT></svg>'],
  ])('refuses what is not well-formed: %s', (claim, text) => {
    expect(reasonOf(svg(text))).toMatch(new RegExp(`^the SVG is damaged: ${claim}.*, at byte \\d+$`));
  });

  it.each([
    ['width="48" height="32"', 48, 32],
    ['width=" 48px " height="+32.4"', 48, 32],
    ['width="48" height="32" viewBox="0 0 1 1"', 48, 32],
    ['width="48mm" height="32mm" viewBox="0,0,100,50"', 100, 50],
    ['width="100%" viewBox=" 0 0 10.5 5 "', 11, 5],
    ['width="48"', undefined, undefined],
    ['width="0" height="0"', undefined, undefined],
    ['viewBox="0 0 10"', undefined, undefined],
    ['viewBox="0 0 x y"', undefined, undefined],
    ['data-width="1" x:height="2"', undefined, undefined],
    ['', undefined, undefined],
  ])('tells the dimensions of <svg %s>', (attributes, width, height) => {
    const { verdict, ...facts } = inspect(svg(`<svg ${attributes}><rect width="7" height="8"/></svg>`));
    expect(verdict.outcome).toBe('whole');
    expect([facts.width, facts.height]).toEqual([width, height]);
  });

  it('keeps of names and values only a fixed length', () => {
    const long = 'x'.repeat(100_000);
    const body = svg(`<svg ${long}="${long}" width="4" height="5"><${long}/></svg>`);
    expect(inspect(body)).toMatchObject({ verdict: { outcome: 'whole' }, width: 4, height: 5 });
  });
});
