import { describe, expect, test } from 'vitest';
import { certificateFor } from '../support/certificates.js';
import { child } from '../support/child.js';
import { proxyServer } from '../support/proxy-server.js';
import { answering, rawServer } from '../support/raw-server.js';
import { reply } from '../support/replies.js';

const certificate = certificateFor('IP:127.0.0.1');

/** Prints how long the process lived on after its last retrieval. */
const RETRIEVE_TWICE = `
const [, url, ca, proxy] = process.argv;
const options = { ca: ca || undefined, proxy, addresses: 'any' };
await sluice.retrieve(url, options);
await Promise.all([sluice.retrieve(url, options), sluice.retrieve(url, options)]);
const done = performance.now();
process.on('exit', () => console.log(Math.round(performance.now() - done)));
`;

describe('a process that has retrieved', () => {
  test.each([
    ['http', undefined],
    ['https', certificate],
  ])('ends by itself at once, though its %s connections are kept alive', async (_, tls) => {
    const server = await rawServer(answering(reply('x')), tls === undefined ? {} : { tls });
    const { ended } = await child(RETRIEVE_TWICE, server.url(), ...(tls === undefined ? [] : [tls.cert]));
    const { code, stdout, stderr } = await ended;
    expect(stderr).toBe('');
    expect(code).toBe(0);
    // An idle connection is closed by the server never, and by us after 4 s.
    expect(Number(stdout)).toBeLessThan(1500);
    expect(server.sockets).toHaveLength(2);
  });

  test.each([
    ['http', undefined],
    ['https', certificate],
  ])('ends by itself at once, though its connections to an %s proxy are kept alive', async (_, tls) => {
    const proxy = await proxyServer(tls === undefined ? {} : { tls });
    for (const origin of [{}, { tls: certificate }]) {
      const server = await rawServer(answering(reply('x')), origin);
      const { ended } = await child(RETRIEVE_TWICE, server.url(), certificate.cert, proxy.url);
      const { code, stdout, stderr } = await ended;
      expect([code, stderr]).toEqual([0, '']);
      expect(Number(stdout)).toBeLessThan(1500);
      expect(server.sockets).toHaveLength(2);
    }
  });

  test('does not end while a response is still to come on a connection that was idle', async () => {
    const server = await rawServer(async ({ socket, request }) => {
      for (let n = 0; (await request()) !== undefined; n++)
        setTimeout(() => socket.write(reply('x')), n * 150);
    });
    const { ended } = await child(
      `for (const n of [1, 2, 3]) {
        const { attempts } = await sluice.retrieve(process.argv[1], { addresses: 'any' });
        console.log(n, attempts);
      }`,
      server.url(),
    );
    expect(await ended).toMatchObject({ code: 0, stdout: '1 1\n2 1\n3 1\n' });
    expect(server.sockets).toHaveLength(1);
  });

  test('ends by itself after a failure, a cancelled stream and an abort', async () => {
    const server = await rawServer(async ({ socket, request }) => {
      const asked = await request();
      if (asked?.startsWith('GET /cut') === true) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx');
      else if (asked?.startsWith('GET /stall') === true)
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx');
    });
    const { ended } = await child(
      `const at = (path) => new URL(path, process.argv[1]);
      const options = { addresses: 'any' };
      await sluice.retrieve(at('/cut'), options).catch((error) => console.log(error.code));
      const { body, receipt } = await sluice.retrieve(at('/stall'), { ...options, to: 'stream' });
      await body.cancel();
      await receipt.catch((error) => console.log(error.code));
      await sluice.retrieve(at('/silent'), { ...options, signal: AbortSignal.timeout(50) })
        .catch((error) => console.log(error.code));
      const done = performance.now();
      process.on('exit', () => console.log(performance.now() - done < 1500));`,
      server.url(),
    );
    expect(await ended).toMatchObject({ code: 0, stderr: '', stdout: 'cut-short\naborted\naborted\ntrue\n' });
  });
});
