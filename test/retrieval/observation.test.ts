/** Observation never tangles with work: who watches sees all, and changes nothing. */

import { describe, expect, onTestFinished, test } from 'vitest';
import { ConnectionPool } from '../../src/connection/pool.js';
import { Ledger } from '../../src/flow/ledger.js';
import { Recording } from '../../src/flow/recording.js';
import type { TraceEvent } from '../../src/flow/trace.js';
import type { RetrieveOptions } from '../../src/retrieval/options.js';
import type { Receipt } from '../../src/retrieval/receipt.js';
import { certificateFor } from '../support/certificates.js';
import { jpegOf } from '../support/pictures.js';
import { answering, type RawServer, rawServer } from '../support/raw-server.js';
import { allBytes } from '../support/reading.js';
import { chunked, redirect, reply, typed } from '../support/replies.js';
import { retrieve } from '../support/unguarded.js';
import { until } from '../support/until.js';

type Receive = Extract<TraceEvent, { type: 'receive' | 'record' }>;

const PICTURE = jpegOf(90_000);
const certificate = certificateFor('IP:127.0.0.1');

/** What does not depend on the moment. */
function outcomeOf(receipt: Receipt): object {
  const { timing, flow, receives, ...rest } = receipt;
  return rest;
}

async function outcome(server: RawServer, path: string, options: RetrieveOptions): Promise<object> {
  const pool = new ConnectionPool();
  try {
    const { bytes, ...receipt } = await retrieve(server.url(path), { ...options, pool, sha256: true });
    return { ...outcomeOf(receipt), bytes: Buffer.from(bytes).toString('base64') };
  } catch (error) {
    const { receipt, message } = error as Error & { receipt: Receipt };
    return { ...outcomeOf(receipt), message };
  } finally {
    pool.close();
  }
}

describe('retrieve()', () => {
  test('has the same outcome with trace, observer and a look at the queue as without', async () => {
    const replies: Record<string, Buffer> = {
      '/picture': typed(PICTURE, 'image/jpeg'),
      '/cut': typed(PICTURE.subarray(0, 50_000), 'image/jpeg'),
      '/chunked': chunked(
        [PICTURE.subarray(0, 100), PICTURE.subarray(100)],
        [['Content-Type', 'image/jpeg']],
      ),
      '/moved': redirect('/picture'),
      '/missing': reply('none', { status: '404 Not Found' }),
      '/nonsense': Buffer.from('nonsense'),
      '/interim': Buffer.concat([Buffer.from('HTTP/1.1 103 Early Hints\r\n\r\n'), reply('x')]),
    };
    const server = await rawServer(answering((request) => replies[request.split(' ')[1] ?? ''] ?? ''));
    for (const path of Object.keys(replies)) {
      for (const pace of [{}, { delay: 1, recvSize: 20_000 }]) {
        const events: TraceEvent[] = [];
        const watched = {
          trace: (event: TraceEvent) => events.push(event),
          observer: new Recording(),
          kernelQueue: true,
        };
        expect(await outcome(server, path, { ...pace, ...watched })).toEqual(
          await outcome(server, path, pace),
        );
        expect(events.length).toBeGreaterThan(3);
      }
    }
  });

  test('tells observer and trace the same as its own ledger: their figures are those of the receipt', async () => {
    const server = await rawServer(answering(typed(PICTURE, 'image/jpeg')));
    for (const pace of [{}, { delay: 2 }, { limitRate: 900_000 }]) {
      const recording = new Recording();
      const live = new Ledger(5120);
      const events: TraceEvent[] = [];
      const receipt = await retrieve(server.url(), {
        recvSize: 5120,
        ...pace,
        trace: (event) => events.push(event),
        observer: recording,
      });
      recording.replay(live);
      const figures = live.figures();
      expect(figures.receives).toEqual(receipt.receives);
      expect(figures.wireBytes).toBe(receipt.wireBytes);
      expect(figures.pausedMs).toBeCloseTo(receipt.flow.pausedMs, 6);
      // A recording keeps handling times in whole microseconds.
      expect(Math.abs(figures.receivingMs - receipt.flow.receivingMs)).toBeLessThan(0.1);
      const receives = events.filter(({ type }) => type === 'receive');
      expect(receives).toHaveLength(receipt.receives.count);
      expect(events.at(-1)).toMatchObject({ type: 'end', wireBytes: receipt.wireBytes });
      // What was found in a receive (head, dimensions) is told before the receive itself, which began earlier.
      const times = events.filter(({ type }) => /^(receive|stop|resume|end)$/.test(type)).map(({ at }) => at);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
  });

  test('tells each hop in order, and calls a receive on https a record', async () => {
    const secure = await rawServer(answering(typed(PICTURE, 'image/jpeg')), { tls: certificate });
    const server = await rawServer(answering(redirect(secure.url('/x'))));
    const events: TraceEvent[] = [];
    const pool = new ConnectionPool();
    onTestFinished(() => pool.close());
    const receipt = await retrieve(server.url(), {
      ca: certificate.cert,
      pool,
      trace: (event) => events.push(event),
    });
    const types = events.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1]);
    expect(types.slice(0, 9)).toEqual([
      'resolved',
      'connected',
      'request',
      'head',
      'receive',
      'end',
      'redirect',
      'resolved',
      'connected',
    ]);
    expect(types.slice(9)).toEqual(
      expect.arrayContaining(['request', 'head', 'dimensions', 'record', 'end']),
    );
    const records = events.filter((event): event is Receive => event.type === 'record');
    expect(records.length).toBe(receipt.receives.count);
    expect(receipt.receives.max).toBeLessThanOrEqual(16_384);
    expect(receipt.timing.tls).toBeGreaterThan(0);
    expect(receipt).toMatchObject({ hops: 1, attempts: 1, wireBytes: records.at(-1)?.total });
  });

  test('looks at the queue only when it is asked to', async () => {
    const server = await rawServer(answering(typed(PICTURE, 'image/jpeg')));
    let most = 0;
    const { body, receipt } = await retrieve(server.url(), {
      to: 'stream',
      recvSize: 1000,
      kernelQueue: true,
      trace: (event) => {
        if (event.type === 'queue') most = Math.max(most, event.bytes);
      },
    });
    await until(() => most > 0);
    await allBytes(body);
    expect((await receipt).flow.kernelQueueMax).toBe(most);
    expect((await retrieve(server.url())).flow.kernelQueueMax).toBeNull();
  });
});
