import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { BodySink, Destination } from '../../src/body/sink.js';
import type { TraceEvent } from '../../src/flow/trace.js';
import type { RetrieveOptions } from '../../src/retrieval/options.js';
import { failureOf } from '../support/failure.js';
import { silentAddress } from '../support/full-backlog.js';
import { answering, closed, pour, type RawServer, rawServer, type Script } from '../support/raw-server.js';
import { head, redirect, reply } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { retrieve } from '../support/unguarded.js';
import { until } from '../support/until.js';

const asked: Script = async ({ request }) => {
  await request();
};
const endless: Script = async ({ socket, request }) => {
  if ((await request()) === undefined) return;
  socket.write(head());
  pour(socket, 2 ** 40);
};
const stalling: Script = async ({ socket, request }) => {
  await request();
  socket.write(`${head({ fields: [['Content-Length', '1000']] })}some of it`);
};

interface Watched {
  /** Types of the events traced so far. */
  readonly types: TraceEvent['type'][];
}

/** Aborts as soon as `ripe` holds, and holds that the retrieval then ends at once and leaves nothing. */
async function abortedWhen(
  ripe: (watched: Watched) => boolean | Promise<boolean>,
  url: string,
  options: RetrieveOptions = {},
  server?: RawServer,
) {
  const controller = new AbortController();
  const directory = scratchDirectory();
  const file = join(directory, 'stuff.jpg');
  writeFileSync(file, 'older');
  const types: TraceEvent['type'][] = [];
  const trace = (event: TraceEvent) => void types.push(event.type);
  const failing = failureOf(retrieve(url, { ...options, trace, to: { file }, signal: controller.signal }));
  await until(() => ripe({ types }));
  const reason = new Error('enough');
  const began = performance.now();
  controller.abort(reason);
  const error = await failing;
  expect(performance.now() - began).toBeLessThan(1000);
  expect(error).toMatchObject({ code: 'aborted', exitCode: 130, cause: reason });
  expect(error.receipt.error?.code).toBe('aborted');
  expect(readdirSync(directory)).toEqual(['stuff.jpg']);
  for (const socket of server?.sockets ?? []) await closed(socket);
  return error;
}

describe('retrieve() with an AbortSignal', () => {
  test('rejects when it is aborted before, and asks nobody', async () => {
    const server = await rawServer(answering(reply('x')));
    const error = await failureOf(retrieve(server.url(), { signal: AbortSignal.abort(new Error('enough')) }));
    expect(error).toMatchObject({ code: 'aborted', exitCode: 130 });
    await sleep(20);
    expect(server.requests).toEqual([]);
    for (const socket of server.sockets) await closed(socket);
  });

  test('rejects at once while resolving', async () => {
    let looked = false;
    const lookup = () => {
      looked = true;
      return new Promise<never>(() => undefined);
    };
    await abortedWhen(() => looked, 'http://h.test/', { lookup });
  });

  test('rejects at once while connecting', async () => {
    const silent = await silentAddress();
    const tries = async () => (await silent.attempts()) > 0;
    const lookup = () => Promise.resolve([silent.address]);
    await abortedWhen(tries, `http://h.test:${silent.port}/`, { lookup });
    expect(await silent.attempts()).toBe(0);
  });

  test('rejects at once during the TLS handshake', async () => {
    const server = await rawServer(() => undefined);
    await abortedWhen(() => server.sockets.length === 1, `https://${server.authority}/`, {}, server);
  });

  test('rejects at once while waiting for the first byte', async () => {
    const server = await rawServer(asked);
    await abortedWhen(() => server.requests.length === 1, server.url(), {}, server);
  });

  test('rejects at once while receiving', async () => {
    const server = await rawServer(endless);
    const error = await abortedWhen(({ types }) => types.length > 100, server.url(), {}, server);
    expect(error.receipt.bodyBytes).toBeGreaterThan(0);
    expect(error.receipt.wireBytes).toBeGreaterThan(error.receipt.bodyBytes);
  });

  test('rejects at once while the body stalls', async () => {
    const server = await rawServer(stalling);
    const error = await abortedWhen(({ types }) => types.includes('receive'), server.url(), {}, server);
    expect(error.receipt).toMatchObject({ status: 200, bodyBytes: 10 });
  });

  test.each<[string, RetrieveOptions]>([
    ['for a delay', { delay: 60_000 }],
    ['for a rate', { limitRate: 1 }],
  ])('rejects at once while we pause %s', async (_, options) => {
    const server = await rawServer(endless);
    await abortedWhen(({ types }) => types.includes('stop'), server.url(), options, server);
  });

  test('rejects at once in the head of a redirect', async () => {
    const server = await rawServer(async ({ socket, request }) => {
      await request();
      socket.write(redirect('/x').subarray(0, -4));
    });
    await abortedWhen(({ types }) => types.includes('receive'), server.url(), {}, server);
  });

  test('rejects at once while the sink takes its time, and aborts the sink', async () => {
    const server = await rawServer(endless);
    const controller = new AbortController();
    const aborts: Error[] = [];
    let writing = false;
    const sink: BodySink = {
      write: () => {
        writing = true;
        return new Promise(() => undefined);
      },
      commit: () => undefined,
      abort: (error) => void aborts.push(error),
    };
    const failing = failureOf(retrieve(server.url(), { to: () => sink, signal: controller.signal }));
    await until(() => writing);
    controller.abort();
    const error = await failing;
    expect(error.code).toBe('aborted');
    expect(aborts).toEqual([error]);
    await closed(server.sockets[0]!);
  });

  test('rejects at once while the destination is chosen, and aborts the sink that comes later', async () => {
    const server = await rawServer(endless);
    const controller = new AbortController();
    let choose: ((sink: BodySink) => void) | undefined;
    const destination: Destination = () =>
      new Promise((resolve) => {
        choose = resolve;
      });
    const failing = failureOf(retrieve(server.url(), { to: destination, signal: controller.signal }));
    await until(() => choose !== undefined);
    controller.abort();
    const error = await failing;
    const calls: string[] = [];
    choose?.({
      write: () => void calls.push('write') as undefined,
      commit: () => void calls.push('commit') as undefined,
      abort: () => void calls.push('abort'),
    });
    await until(() => calls.length > 0);
    expect(error.code).toBe('aborted');
    expect(calls).toEqual(['abort']);
  });

  test('rejects at once while a FIFO has no reader', async () => {
    const server = await rawServer(endless);
    const file = join(scratchDirectory(), 'fifo');
    execFileSync('mkfifo', [file]);
    const controller = new AbortController();
    let stopped = false;
    const trace = (event: TraceEvent) => {
      stopped ||= event.type === 'stop';
    };
    const failing = failureOf(retrieve(server.url(), { to: { file }, trace, signal: controller.signal }));
    await until(() => stopped);
    controller.abort();
    expect((await failing).code).toBe('aborted');
    await closed(server.sockets[0]!);
  });

  test('errors the stream when it is aborted while nobody reads', async () => {
    const server = await rawServer(endless);
    const controller = new AbortController();
    const response = await retrieve(server.url(), { to: 'stream', signal: controller.signal });
    await sleep(30);
    controller.abort();
    expect((await failureOf(response.receipt)).code).toBe('aborted');
    await closed(server.sockets[0]!);
    expect((await failureOf(response.body.getReader().read())).code).toBe('aborted');
  });

  test('changes nothing when it comes after the end, and leaves no listener behind', async () => {
    const server = await rawServer(answering(reply('x')));
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    const receipt = await retrieve(server.url(), { signal });
    expect(listeners).toBe(0);
    controller.abort();
    expect(receipt.status).toBe(200);
    expect((await retrieve(server.url())).status).toBe(200);
    expect(server.sockets).toHaveLength(1);
  });
});
