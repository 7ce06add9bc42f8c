import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newRun, type Run } from '../../src/flow/run.js';
import { readTrace, TraceRefused, traceText } from '../../src/flow/trace-file.js';

function whole(): Run {
  const run = newRun({ url: 'http://127.0.0.1/cover.jpg', ends: 'both', recvSize: 5120, unit: 'receive' });
  Object.assign(run.facts, {
    sendSize: 8320,
    expectedBytes: 300,
    command: 'sluice get',
    experiment: 'fast',
    head: { status: 200, headerBytes: 30, lines: ['HTTP/1.1 200 OK', 'X: </script>'] },
    wireStart: 'SFRUUA==',
    dimensions: { width: 3, height: 2 },
    picture: { mediaType: 'image/jpeg', base64: 'AAAA' },
    serverEnd: { at: 9, outcome: 'complete' },
    outcome: {
      failure: null,
      limit: 'sender',
      evidence: 'Yes.',
      mediaType: 'image/jpeg',
      bodyBytes: 260,
      totalMs: 12,
      firstByteMs: 1,
      waitingMs: 2,
      pausedMs: 3,
      receivingMs: 4,
    },
  });
  run.columns.receives.at.push(1, 2);
  run.columns.receives.bytes.push(100, 200);
  run.columns.pauses.from.push(1.5);
  run.columns.pauses.reason.push('rate');
  run.columns.queues.at.push(1);
  run.columns.queues.until.push(1.2);
  run.columns.queues.server.push(5);
  run.columns.queues.client.push(6);
  run.totals = { ...run.totals, now: 12, received: 300, receives: 2 };
  return run;
}

/** The trace with one part changed. */
function changed(change: (trace: Record<string, Record<string, unknown>>) => void): string {
  const trace = JSON.parse(traceText(whole()));
  change(trace);
  return JSON.stringify(trace);
}

describe('readTrace()', () => {
  it('reads what traceText() wrote', () => {
    expect(readTrace(traceText(whole()))).toEqual(whole());
    const empty = newRun({ url: '', ends: 'receiver', recvSize: 1, unit: 'record' });
    expect(readTrace(traceText(empty))).toEqual(empty);
  });

  it.each([
    ['no JSON', '{', /no JSON/],
    ['another format', '{"format":"har"}', /no trace/],
    ['a later version', '{"format":"sluice-trace","version":2}', /version 2; this sluice reads 1/],
    ['no columns', '{"format":"sluice-trace","version":1,"facts":{},"totals":{}}', /a part is missing/],
    [
      'a picture from elsewhere',
      changed((t) => (t.facts!.picture = { path: 'https://evil.example/x.jpg' })),
      /another path/,
    ],
    [
      'a picture that is a page',
      changed((t) => (t.facts!.picture = { mediaType: 'text/html', base64: '' })),
      /no image/,
    ],
    ['bytes that are no base64', changed((t) => (t.facts!.wireStart = '<b>')), /not in base64/],
    [
      'columns of two lengths',
      changed((t) => (t.columns!.receives = { at: [1], bytes: [] })),
      /differ in length/,
    ],
    [
      'a text among numbers',
      changed((t) => (t.columns!.receives = { at: ['1'], bytes: [1] })),
      /what it may not/,
    ],
    [
      'a reason that there is not',
      changed((t) => (t.columns!.pauses = { from: [1], to: [2], reason: ['x'] })),
      /what it may not/,
    ],
    [
      'a limit that is nobody',
      changed((t) => ((t.facts!.outcome as Record<string, unknown>).limit = 'me')),
      /nobody/,
    ],
  ])('refuses a file with %s', (_, text, message) => {
    expect(() => readTrace(text)).toThrow(TraceRefused);
    expect(() => readTrace(text)).toThrow(message);
  });

  it('never throws anything but TraceRefused, whatever stands in the file', () => {
    const places = ['facts', 'columns', 'totals'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.string(), fc.jsonValue(), (place, name, value) => {
        const trace = JSON.parse(traceText(whole()));
        const keys = Object.keys(trace[place]);
        trace[place][keys[name.length % keys.length]!] = value;
        try {
          readTrace(JSON.stringify(trace));
        } catch (error) {
          expect(error).toBeInstanceOf(TraceRefused);
        }
      }),
    );
  });
});
