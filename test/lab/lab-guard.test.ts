import { describe, expect, it } from 'vitest';
import { hostRule, isLoopback } from '../../src/lab/lab-guard.js';

describe('hostRule()', () => {
  it('takes the names of the address that is listened on, with its port, and no other', () => {
    const isOurs = hostRule('127.0.0.1', () => 8080);
    expect(['127.0.0.1:8080', 'localhost:8080', 'LOCALHOST:8080'].map(isOurs)).toEqual([true, true, true]);
    const others = [
      '127.0.0.1',
      'localhost',
      '127.0.0.1:8081',
      'evil.example:8080',
      '127.0.0.1:8080@x',
      '',
      '[::1]:8080',
    ];
    expect(others.filter(isOurs)).toEqual([]);
  });

  it('takes IPv6 in brackets, and the port 80 where none is named', () => {
    expect(hostRule('::1', () => 9)('[::1]:9')).toBe(true);
    expect(hostRule('127.0.0.1', () => 80)('127.0.0.1')).toBe(true);
  });

  it('takes the addresses of this machine where all are listened on, and no name', () => {
    const isOurs = hostRule('0.0.0.0', () => 8080);
    expect(isOurs('127.0.0.1:8080')).toBe(true);
    expect(isOurs('evil.example:8080')).toBe(false);
  });
});

describe('isLoopback()', () => {
  it('is so for what only this machine reaches', () => {
    expect(['127.0.0.1', '127.8.9.1', '::1', 'localhost'].map(isLoopback)).toEqual([true, true, true, true]);
    expect(['0.0.0.0', '::', '192.0.2.1', '127.evil.example'].map(isLoopback)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
