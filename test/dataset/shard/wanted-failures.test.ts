import { describe, expect, test } from 'vitest';
import {
  type FailureSelector,
  isFailureSelector,
  WantedFailures,
} from '../../../src/dataset/shard/wanted-failures.js';

const FAILURES = [
  { code: 'http-status', httpStatus: 404 },
  { code: 'http-status', httpStatus: 429 },
  { code: 'http-status', httpStatus: 503 },
  { code: 'not-an-image', httpStatus: 200 },
  { code: 'timeout-total', httpStatus: null },
] as const;

describe('WantedFailures', () => {
  test.each<[readonly FailureSelector[], 'none' | 'some' | 'perhaps', (number | string | null)[]]>([
    [[], 'some', [404, 429, 503, 200, null]],
    [['http-status'], 'some', [404, 429, 503]],
    [[429], 'perhaps', [429]],
    [['5xx'], 'perhaps', [503]],
    [[404, '5xx', 'timeout-total'], 'some', [404, 503, null]],
    // A status is meant where it is the failure: 200 is none.
    [[200], 'perhaps', []],
    [['aborted'], 'none', []],
  ])('%j are %s of a shard', (selectors, among, statuses) => {
    const wanted = new WantedFailures(selectors);
    expect(wanted.among(['http-status', 'not-an-image', 'timeout-total'])).toBe(among);
    expect(FAILURES.filter((failure) => wanted.has(failure)).map(({ httpStatus }) => httpStatus)).toEqual(
      statuses,
    );
    expect(wanted.has({ code: null, httpStatus: 200 })).toBe(false);
  });

  test('by status are none of a shard where no status failed', () => {
    expect(new WantedFailures([429]).among(['timeout-total'])).toBe('none');
  });

  test('are named by codes, statuses and classes of these', () => {
    expect(['timeout-total', 'opt-out', 100, 599, '4xx'].every(isFailureSelector)).toBe(true);
    expect(['tiemout', '429', 99, 600, 4.5, '6xx', '__proto__', null].some(isFailureSelector)).toBe(false);
  });
});
