import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { optOutOf } from '../../../src/dataset/pull/opt-out.js';
import { Fields } from '../../../src/http/fields.js';

function fieldsOf(...values: string[]): Fields {
  const fields = new Fields();
  for (const value of values) fields.append('X-Robots-Tag', value);
  return fields;
}

const OBEYED = ['noai', 'noimageai', 'noindex', 'noimageindex', 'none'] as const;
const ALLOWED = [
  'all',
  'nofollow',
  'noarchive',
  'nosnippet',
  'notranslate',
  'index',
  'max-snippet: 20',
] as const;

describe('optOutOf', () => {
  test.each([
    [['noai'], 'noai'],
    [['NoImageAI'], 'noimageai'],
    [['nofollow, noindex'], 'noindex'],
    [['nofollow', 'noindex'], 'noindex'],
    [['sluice: noai'], 'noai'],
    [['Sluice: noai'], 'noai'],
    [['*: noindex'], 'noindex'],
    [['otherbot: noindex'], undefined],
    [['otherbot: noindex, noai'], undefined],
    [['otherbot: noindex, sluice: noai'], 'noai'],
    [['otherbot: noindex', 'noai'], 'noai'],
    [['unavailable_after: 25 Jun 2030 15:00:00 PST, noindex'], 'noindex'],
    [['max-image-preview: large'], undefined],
    [['noindexes, no-ai'], undefined],
    [[''], undefined],
    [[], undefined],
  ])('says of %j: %s', (values, expected) => {
    expect(optOutOf(fieldsOf(...values), 'sluice')).toBe(expected);
  });

  test('finds one of ours among any that are not, in any case and with any spaces', () => {
    const spaces = fc.constantFrom('', ' ', '\t', '  ');
    const others = fc.array(fc.constantFrom(...ALLOWED), { maxLength: 5 });
    fc.assert(
      fc.property(
        others,
        fc.constantFrom(...OBEYED),
        others,
        spaces,
        fc.boolean(),
        (one, ours, two, space, upper) => {
          const text = [...one, ours, ...two].join(`,${space}`);
          expect(optOutOf(fieldsOf(upper ? text.toUpperCase() : text), 'sluice')).toBe(ours);
          expect(optOutOf(fieldsOf([...one, ...two].join(`,${space}`)), 'sluice')).toBeUndefined();
        },
      ),
    );
  });

  test('obeys nothing that is for another robot', () => {
    const name = fc.stringMatching(/^[a-z]{3,12}$/).filter((one) => one !== 'sluice');
    fc.assert(
      fc.property(name, fc.uniqueArray(fc.constantFrom(...OBEYED), { minLength: 1 }), (other, directives) => {
        expect(optOutOf(fieldsOf(`${other}: ${directives.join(', ')}`), 'sluice')).toBeUndefined();
        expect(optOutOf(fieldsOf(`${other}: ${directives.join(', ')}`), other)).toBe(directives[0]);
      }),
    );
  });
});
