import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BytesSink } from '../../src/body/bytes-sink.js';
import { Fields } from '../../src/http/fields.js';
import type { Framing } from '../../src/http/framing.js';

function sinkFor(framing: Framing): BytesSink {
  const head = {
    httpVersion: '1.1' as const,
    status: 200,
    reason: 'OK',
    fields: new Fields(),
    lines: [],
    headerBytes: 0,
    framing,
  };
  return new BytesSink({
    url: new URL('http://h.test/'),
    requestedUrl: 'http://h.test/',
    head,
    type: undefined,
    signal: undefined,
  });
}

describe('BytesSink', () => {
  test('gathers any pieces, whatever the Content-Length said', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 30_000, size: 'large' }), { maxLength: 6 });
    const property = fc.property(pieces, fc.option(fc.nat({ max: 100_000 })), (list, length) => {
      const sink = sinkFor(length === null ? { kind: 'close' } : { kind: 'length', length });
      for (const piece of list) sink.write(Buffer.from(piece));
      expect(sink.stored.equals(Buffer.concat(list))).toBe(true);
    });
    fc.assert(property, { numRuns: 60 });
  });

  test("does not set aside what a Content-Length claims: a terabyte's word costs at most 1 MiB", () => {
    const sink = sinkFor({ kind: 'length', length: 1e12 });
    sink.write(Buffer.from('x'));
    expect(sink.stored.buffer.byteLength).toBeLessThanOrEqual(1024 * 1024);
    expect(String(sink.stored)).toBe('x');
  });

  test('keeps nothing after abort', () => {
    const sink = sinkFor({ kind: 'chunked' });
    sink.write(Buffer.from('half'));
    sink.abort();
    expect(sink.stored).toHaveLength(0);
  });
});
