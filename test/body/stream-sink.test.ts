import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { StreamSink } from '../../src/body/stream-sink.js';
import { nextText } from '../support/reading.js';

const never = () => undefined;

describe('StreamSink', () => {
  test('takes a piece only when the reader asks for one', async () => {
    const sink = new StreamSink(never);
    const reader = sink.stream.getReader();
    let taken = 0;
    const writing = (async () => {
      for (const piece of ['a', 'b', 'c']) {
        await sink.write(Buffer.from(piece));
        taken++;
      }
      sink.commit();
    })();
    await sleep(10);
    expect(taken).toBe(0);
    expect(await nextText(reader)).toBe('a');
    await sleep(10);
    expect(taken).toBe(1);
    expect(await nextText(reader)).toBe('b');
    expect(await nextText(reader)).toBe('c');
    expect(await nextText(reader)).toBeUndefined();
    await writing;
  });

  test('gives copies: the receive buffer is used again', async () => {
    const sink = new StreamSink(never);
    const reader = sink.stream.getReader();
    const buffer = Buffer.from('hello');
    const reading = reader.read();
    await sink.write(buffer);
    buffer.fill(0);
    expect(new TextDecoder().decode((await reading).value)).toBe('hello');
  });

  test('errors the stream at abort, also while a read is waiting', async () => {
    const sink = new StreamSink(never);
    const failure = new Error('cut short');
    const reading = sink.stream.getReader().read();
    sink.abort(failure);
    await expect(reading).rejects.toBe(failure);
  });

  test('tells of a cancel, and takes what still comes without keeping it', async () => {
    const reasons: unknown[] = [];
    const sink = new StreamSink((reason) => reasons.push(reason));
    const waiting = sink.write(Buffer.from('unread'));
    await sink.stream.cancel('enough');
    await waiting;
    await sink.write(Buffer.from('more'));
    sink.commit();
    sink.abort(new Error('late'));
    expect(reasons).toEqual(['enough']);
  });
});
