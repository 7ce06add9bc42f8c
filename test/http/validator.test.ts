import { describe, expect, test } from 'vitest';
import { Fields } from '../../src/http/fields.js';
import { contradicts, strongValidator } from '../../src/http/validator.js';

function fieldsOf(fields: Readonly<Record<string, string>>): Fields {
  const made = new Fields();
  for (const [name, value] of Object.entries(fields)) made.append(name, value);
  return made;
}

const DATE = 'Sun, 06 Nov 1994 09:00:00 GMT';

describe('strongValidator()', () => {
  test.each([
    ['an ETag', { ETag: '"abc"' }, '"abc"'],
    ['an empty ETag', { ETag: '""' }, '""'],
    [
      'a Last-Modified a minute before Date',
      { 'Last-Modified': 'Sun, 06 Nov 1994 08:59:00 GMT', Date: DATE },
      'Sun, 06 Nov 1994 08:59:00 GMT',
    ],
  ])('is %s', (_, fields, validator) => {
    expect(strongValidator(fieldsOf(fields))).toBe(validator);
  });

  test.each([
    ['a weak ETag', { ETag: 'W/"abc"' }],
    [
      'a weak ETag beside an old Last-Modified',
      { ETag: 'W/"abc"', 'Last-Modified': 'Sun, 06 Nov 1993 08:59:00 GMT', Date: DATE },
    ],
    ['an ETag without quotes', { ETag: 'abc' }],
    ['two ETags in one', { ETag: '"a", "b"' }],
    ['a Last-Modified just before Date', { 'Last-Modified': 'Sun, 06 Nov 1994 08:59:30 GMT', Date: DATE }],
    ['a Last-Modified after Date', { 'Last-Modified': 'Sun, 06 Nov 1994 09:30:00 GMT', Date: DATE }],
    ['a Last-Modified without Date', { 'Last-Modified': 'Sun, 06 Nov 1994 08:00:00 GMT' }],
    ['a Last-Modified that is no date', { 'Last-Modified': 'yesterday', Date: DATE }],
    ['nothing', {}],
  ])('is not %s', (_, fields) => {
    expect(strongValidator(fieldsOf(fields))).toBeUndefined();
  });
});

describe('contradicts()', () => {
  test.each([
    ['the same ETag', { ETag: '"abc"' }, '"abc"', false],
    ['no ETag', {}, '"abc"', false],
    ['another ETag', { ETag: '"abd"' }, '"abc"', true],
    ['the same ETag, but weak', { ETag: 'W/"abc"' }, '"abc"', true],
    ['another ETag beside a date that was asked for', { ETag: '"x"' }, DATE, false],
    ['another Last-Modified', { 'Last-Modified': 'Sun, 06 Nov 1994 09:00:01 GMT' }, DATE, true],
  ])('%s', (_, fields, validator, expected) => {
    expect(contradicts(fieldsOf(fields), validator)).toBe(expected);
  });
});
