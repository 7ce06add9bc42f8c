import { getEventListeners } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { failureOf } from '../support/failure.js';
import { answering, rawServer } from '../support/raw-server.js';
import { reply } from '../support/replies.js';
import { retrieve } from '../support/unguarded.js';
import { until } from '../support/until.js';

/** Node warns from eleven listeners on. */
const MANY = 40;

test('one signal for many retrievals ends all that are under way, and none of them before', async () => {
  const warnings: Error[] = [];
  const warned = (warning: Error) => warnings.push(warning);
  process.on('warning', warned);
  onTestFinished(() => void process.off('warning', warned));
  const silent = await rawServer(async ({ request }) => void (await request()));
  const quick = await rawServer(answering(reply('x')));
  const { signal, ...controller } = aborting();

  const ended: number[] = [];
  const waiting = Array.from({ length: MANY }, async (_, n) => {
    const error = await failureOf(retrieve(silent.url(), { signal }));
    ended.push(n);
    return error;
  });
  for (let n = 0; n < MANY; n++) await retrieve(quick.url(), { signal });
  await until(() => silent.requests.length === MANY);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  expect(ended).toEqual([]);

  controller.abort(new Error('enough'));
  for (const error of await Promise.all(waiting)) {
    expect(error).toMatchObject({ code: 'aborted', cause: { message: 'enough' } });
  }
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect(warnings).toEqual([]);
});

test('a signal keeps no listener when the last of its retrievals is over, and is listened to again by the next', async () => {
  const server = await rawServer(answering(reply('x')));
  const { signal, abort } = aborting();
  for (let round = 0; round < 2; round++) {
    await Promise.all(Array.from({ length: 3 }, () => retrieve(server.url(), { signal })));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  }
  const silent = await rawServer(async ({ request }) => void (await request()));
  const failing = failureOf(retrieve(silent.url(), { signal }));
  await until(() => silent.requests.length === 1);
  abort(new Error('enough'));
  expect((await failing).code).toBe('aborted');
});

function aborting(): { signal: AbortSignal; abort: (reason: Error) => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
}
