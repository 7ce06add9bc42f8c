import { InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';
import { bytes, count, seconds, someBytes, someSeconds } from '../../src/cli/quantity.js';

describe('bytes()', () => {
  test.each([
    ['0', 0],
    ['5120', 5120],
    ['64k', 65_536],
    ['1.5M', 1_572_864],
    ['2G', 2_147_483_648],
    ['1t', 1_099_511_627_776],
    ['10kb', 10_240],
    ['0.1', 0],
  ])('%s is %i', (text, value) => expect(bytes(text)).toBe(value));

  test.each(['', 'k', '-1', '1e3', '0x10', '1 2', '1,5M', 'NaN', '5kk'])('%j is none', (text) => {
    expect(() => bytes(text)).toThrow(InvalidArgumentError);
  });

  test('someBytes() takes no 0', () => {
    expect(someBytes('1')).toBe(1);
    expect(() => someBytes('0')).toThrow('at least 1 byte');
    expect(() => someBytes('0.5')).toThrow('at least 1 byte');
  });
});

describe('seconds()', () => {
  test.each([
    ['0', 0],
    ['0.25', 250],
    ['.5', 500],
    ['30', 30_000],
    ['1.', 1000],
  ])('%s is %i ms', (text, ms) => expect(seconds(text)).toBe(ms));

  test.each(['', '.', '-1', '1e3', '2s', 'soon'])('%j is none', (text) => {
    expect(() => seconds(text)).toThrow(InvalidArgumentError);
  });

  test('someSeconds() takes no 0', () => expect(() => someSeconds('0.0')).toThrow('more than 0 seconds'));
});

test('count() takes whole numbers only', () => {
  expect([count('0'), count('12')]).toEqual([0, 12]);
  for (const text of ['', '1.5', '-1', '1k']) expect(() => count(text)).toThrow('a whole number');
});
