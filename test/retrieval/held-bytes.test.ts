import { expect, test } from 'vitest';
import type { BodySink } from '../../src/body/sink.js';
import { failureOf } from '../support/failure.js';
import { rawServer } from '../support/raw-server.js';
import { head, reply } from '../support/replies.js';
import { retrieve } from '../support/unguarded.js';
import { until } from '../support/until.js';

/** More than keep a receive buffer of their own. */
const OTHERS = 100;
const CHUNKED = [['Transfer-Encoding', 'chunked']] as const;

test('retrieve() leaves the bytes that a sink has not taken yet as they are, though the reply has failed and others receive', async () => {
  const server = await rawServer(async ({ socket, request }) => {
    const asked = await request();
    if (asked === undefined) return;
    if (asked.startsWith('GET /broken '))
      socket.write(`${head({ fields: CHUNKED })}5\r\nfirst\r\nno size\r\n`);
    else if (asked.startsWith('GET /waiting ')) socket.write(head({ fields: [['Content-Length', '1']] }));
    else socket.end(reply('x'.repeat(1000)));
  });
  const abort = new AbortController();
  let begun = 0;
  const waiting = Array.from({ length: OTHERS }, () =>
    failureOf(
      retrieve(server.url('/waiting'), {
        signal: abort.signal,
        to: () => {
          throw new Error('no body comes');
        },
        trace: ({ type }: { type: string }) => {
          if (type === 'head') begun++;
        },
      }),
    ),
  );
  await until(() => begun === OTHERS);
  let held: Buffer | undefined;
  let take: (() => void) | undefined;
  const sink: BodySink = {
    write(data) {
      held = data;
      return new Promise<void>((resolve) => {
        take = resolve;
      });
    },
    commit: () => undefined,
    abort: () => undefined,
  };
  const broken = failureOf(retrieve(server.url('/broken'), { to: () => sink }));
  await until(() => held !== undefined);
  for (let round = 0; round < 3; round++) await retrieve(server.url('/other'));
  expect(held?.toString()).toBe('first');
  take!();
  expect((await broken).code).toBe('reply-malformed');
  abort.abort();
  await Promise.all(waiting);
});
