import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeJson, escapeLine, escapeText, headText } from '../../src/cli/escape.js';

/** Whatever can command a terminal, line end and tab aside. */
const COMMANDS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
/** Texts in which those are frequent. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\x1b', '\r', '\n', '\t', '\u009b', '\u202e', '\u061c', '\\', '"'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
});

describe('escapeText()', () => {
  test('leaves nothing that commands a terminal, and the rest as it is', () => {
    fc.assert(
      fc.property(text, (value) => {
        const escaped = escapeText(value);
        expect(escaped).not.toMatch(COMMANDS);
        if (!COMMANDS.test(value)) expect(escaped).toBe(value);
      }),
    );
  });

  test('shows bytes as \\xNN and other characters as \\uNNNN', () => {
    expect(escapeText('\x1b[31m\u009b\u202e\u00e9\u4e2d')).toBe('\\x1b[31m\\x9b\\u202e\u00e9\u4e2d');
  });
});

describe('escapeLine()', () => {
  test('leaves one line', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(escapeLine(value)).not.toMatch(/[\n\t]/);
        expect(escapeLine(value)).not.toMatch(COMMANDS);
      }),
    );
  });
});

describe('escapeJson()', () => {
  test('leaves nothing that commands a terminal, and the value what it was', () => {
    fc.assert(
      fc.property(text, (value) => {
        const escaped = escapeJson(JSON.stringify({ [value]: value }));
        expect(escaped).not.toMatch(COMMANDS);
        expect(JSON.parse(escaped)).toEqual({ [value]: value });
      }),
    );
  });
});

describe('headText()', () => {
  test('gives UTF-8 that was read as Latin-1 its characters back', () => {
    expect(headText(Buffer.from('X: caf\u00e9 \u4e2d').toString('latin1'))).toBe('X: caf\u00e9 \u4e2d');
  });

  test('leaves what is no UTF-8 as Latin-1, C1 escaped', () => {
    expect(headText('X: caf\u00e9 \u009b')).toBe('X: caf\u00e9 \\x9b');
  });
});
