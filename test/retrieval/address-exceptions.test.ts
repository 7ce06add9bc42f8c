import { describe, expect, test } from 'vitest';
import { isExcepted, isPortExcepted, readException } from '../../src/retrieval/address-exceptions.js';

/** Whether the entry `text` excepts `address` of `host` at `port`. */
function excepts(text: string, host: string, address: string, port = 80): boolean {
  const entry = readException(text);
  if (entry === undefined) throw new Error(`${text} is no entry`);
  return isExcepted([entry], host, address, port);
}

describe('readException()', () => {
  test.each([
    '',
    ' ',
    '*',
    '*.example.com',
    '.example.com',
    'example..com',
    'exa mple.com',
    'http://example.com',
    'example.com/',
    'example.com/8',
    'user@example.com',
    'example.com:',
    'example.com:65536',
    'example.com:80:80',
    '127.1',
    '0177.0.0.1',
    '0x7f000001',
    '2130706433',
    '1.2.3.4.5',
    '256.1.1.1',
    '10.0.0.1/8',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/08x',
    '[10.0.0.1]',
    '[example.com]',
    '[::1',
    '::1]',
    '[::1]x',
    '[::1]:',
    '[::1]:99999',
    '::1/129',
    'fd00::1/8',
    '::ffff:0:0/90',
    'fe80::1%eth0',
    'example.com\n',
    '\u0000example.com',
    'ex%61mple.com',
  ])('takes %j for no entry', (text) => {
    expect(readException(text)).toBeUndefined();
  });
});

describe('an exception', () => {
  test.each([
    ['pictures.example', 'pictures.example', '10.0.0.1'],
    ['Pictures.EXAMPLE.', 'pictures.example', '10.0.0.1'],
    ['pictures.example', 'pictures.example.', '::1'],
    ['b\u00fccher.example', 'xn--bcher-kva.example', '10.0.0.1'],
    ['under_score.example', 'under_score.example', '10.0.0.1'],
    ['10.1.2.3', '10.1.2.3', '10.1.2.3'],
    ['10.1.2.3', 'any.example', '10.1.2.3'],
    ['10.1.2.3', 'any.example', '::ffff:10.1.2.3'],
    ['::ffff:10.1.2.3', 'any.example', '10.1.2.3'],
    ['10.0.0.0/8', 'any.example', '10.255.255.255'],
    ['::ffff:10.0.0.0/104', 'any.example', '10.255.255.255'],
    ['0.0.0.0/0', 'any.example', '127.0.0.1'],
    ['::1', 'localhost', '::1'],
    ['[::1]', 'localhost', '0:0::1'],
    ['fd00::/8', 'any.example', 'fd12::1'],
    ['[fd00::/8]', 'any.example', 'fd12::1'],
    ['fe80::1', 'any.example', 'fe80::1%eth0'],
    ['64:ff9b::/96', 'any.example', '64:ff9b::10.0.0.1'],
  ])('%s is for %s at %s', (text, host, address) => {
    expect(excepts(text, host, address)).toBe(true);
  });

  test.each([
    ['pictures.example', 'other.example', '10.0.0.1'],
    ['pictures.example', 'www.pictures.example', '10.0.0.1'],
    ['pictures.example', 'pictures.example.evil.example', '10.0.0.1'],
    ['example', 'pictures.example', '10.0.0.1'],
    ['10.1.2.3', '10.1.2.4', '10.1.2.4'],
    // The name is what the address is resolved from: an entry for an address says nothing of a name that is spelled like one.
    ['10.1.2.3', '10.1.2.3', '10.1.2.4'],
    ['10.0.0.0/8', 'any.example', '11.0.0.0'],
    ['10.0.0.0/8', 'any.example', '9.255.255.255'],
    ['127.0.0.1', 'any.example', '::1'],
    // What an IPv4 entry names is that address, not a gateway's way to it.
    ['127.0.0.1', 'any.example', '64:ff9b::127.0.0.1'],
    ['::/0', 'any.example', '127.0.0.1'],
    ['::/0', 'any.example', '::ffff:127.0.0.1'],
    ['0.0.0.0/0', 'any.example', '::1'],
    ['0.0.0.0/0', 'any.example', 'no address'],
  ])('%s is not for %s at %s', (text, host, address) => {
    expect(excepts(text, host, address)).toBe(false);
  });

  test.each(['h.example:8080', '10.0.0.1:8080', '10.0.0.0/8:8080'])('%s is for that port alone', (text) => {
    expect(excepts(text, 'h.example', '10.0.0.1', 8080)).toBe(true);
    expect(excepts(text, 'h.example', '10.0.0.1', 8081)).toBe(false);
  });

  test('[fd00::1]:8080 and [fd00::/8]:8080 are for that port alone', () => {
    for (const text of ['[fd00::1]:8080', '[fd00::/8]:8080']) {
      expect(excepts(text, 'h.example', 'fd00::1', 8080)).toBe(true);
      expect(excepts(text, 'h.example', 'fd00::1', 80)).toBe(false);
    }
  });

  test('is one for a bad port only where it names that port together with the host or address', () => {
    const entries = ['h.example', '10.0.0.1', 'h.example:22', '10.0.0.1:25'].map(
      (text) => readException(text)!,
    );
    expect(isPortExcepted(entries, 'h.example', '10.0.0.9', 22)).toBe(true);
    expect(isPortExcepted(entries, 'other.example', '10.0.0.1', 25)).toBe(true);
    expect(isPortExcepted(entries, 'other.example', '10.0.0.1', 22)).toBe(false);
    expect(isPortExcepted(entries, 'h.example', '10.0.0.1', 23)).toBe(false);
  });
});
