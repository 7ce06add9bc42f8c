import { createSocket } from 'node:dgram';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { dnsLookup } from '../../src/connection/dns-lookup.js';
import { resolveHost } from '../../src/connection/resolve.js';
import { SluiceError } from '../../src/errors.js';
import { type DnsAnswer, dnsServer } from '../support/dns-server.js';
import { errorOf, failureOf } from '../support/failure.js';
import { answering, rawServer } from '../support/raw-server.js';
import { typed } from '../support/replies.js';
import { retrieve } from '../support/unguarded.js';

const HELLO = typed('hello', 'text/plain');

/** What a name server's answer makes of resolving `pictures.test`. */
async function messageFor(answer: DnsAnswer): Promise<string> {
  const server = await dnsServer(() => answer);
  const error = await errorOf(resolveHost('pictures.test', 80, dnsLookup([server.address])));
  expect(error).toMatchObject({ code: 'name-not-resolved', phase: 'resolve', exitCode: 6 });
  return error.message;
}

/** An address and port of 127.0.0.1 at which no name server listens. */
async function nobody(): Promise<string> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return `127.0.0.1:${port}`;
}

describe('dnsLookup()', () => {
  test('gives every A and AAAA', async () => {
    const server = await dnsServer(() => ['192.0.2.1', '2001:db8::1', '192.0.2.2', '2001:db8::2']);
    expect(await dnsLookup([server.address])('pictures.test', 80)).toEqual([
      { address: '192.0.2.1', family: 4 },
      { address: '192.0.2.2', family: 4 },
      { address: '2001:db8::1', family: 6 },
      { address: '2001:db8::2', family: 6 },
    ]);
    expect(server.questions.toSorted()).toEqual(['pictures.test A', 'pictures.test AAAA']);
  });

  test('keeps an answer for its TTL, and then learns that it has changed', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const server = await dnsServer((_, __, count) => [`192.0.2.${count + 1}`], 30);
    const lookup = dnsLookup([server.address]);
    const first = async () => (await lookup('pictures.test', 80))[0]?.address;
    expect(await first()).toBe('192.0.2.1');
    vi.advanceTimersByTime(29_900);
    expect(await first()).toBe('192.0.2.1');
    vi.advanceTimersByTime(200);
    expect(await first()).toBe('192.0.2.2');
    expect(server.questions).toHaveLength(4);
  });

  test('keeps nothing with a TTL of 0', async () => {
    const server = await dnsServer((_, __, count) => [`192.0.2.${count + 1}`], 0);
    const lookup = dnsLookup([server.address]);
    for (const n of [1, 2, 3]) {
      expect(await lookup('pictures.test', 80)).toEqual([{ address: `192.0.2.${n}`, family: 4 }]);
    }
  });

  test('asks one question of each kind for 50 who want the name at once', async () => {
    const server = await dnsServer(() => ['192.0.2.1']);
    const lookup = dnsLookup([server.address]);
    await Promise.all(Array.from({ length: 50 }, () => lookup('pictures.test', 80)));
    expect(server.questions).toHaveLength(2);
  });

  test.each<[DnsAnswer, string]>([
    ['NXDOMAIN', 'no such name is known'],
    [[], 'it has no address'],
    ['SERVFAIL', 'the name server failed'],
  ])('%j fails by its own name', async (answer, reason) => {
    expect(await messageFor(answer)).toBe(`The host name pictures.test could not be resolved: ${reason}.`);
  });

  test('a server that is not there, or silent, fails by its own name', async () => {
    const gone = await errorOf(resolveHost('pictures.test', 80, dnsLookup([await nobody()])));
    expect(gone.message).toContain('could not be resolved: the name server could not be reached.');
    const silent = await errorOf(
      resolveHost('pictures.test', 80, () =>
        Promise.reject(Object.assign(new Error(), { code: 'ETIMEOUT' })),
      ),
    );
    expect(silent.message).toContain('could not be resolved: the name server did not answer.');
  });

  test('gives the addresses of one kind where the server fails for the other', async () => {
    const server = await dnsServer((_, type) => (type === 'A' ? ['192.0.2.1'] : 'SERVFAIL'));
    expect(await dnsLookup([server.address])('pictures.test', 80)).toEqual([
      { address: '192.0.2.1', family: 4 },
    ]);
  });

  test('a failure for one kind counts where the other has no record: there may be an address', async () => {
    const server = await dnsServer((_, type) => (type === 'A' ? [] : 'SERVFAIL'));
    const error = await errorOf(resolveHost('pictures.test', 80, dnsLookup([server.address])));
    expect(error.message).toContain('the name server failed');
  });

  test('asks nobody for localhost (RFC 6761 section 6.3)', async () => {
    const server = await dnsServer(() => ['192.0.2.1']);
    for (const name of ['localhost', 'a.localhost']) {
      const addresses = await dnsLookup([server.address])(name, 80);
      expect(addresses.map(({ address }) => address)).toEqual(['127.0.0.1', '::1']);
    }
    expect(server.questions).toEqual([]);
  });

  test('is the same for the same servers, so that they share connections', async () => {
    expect(dnsLookup(['127.0.0.1:5', '127.0.0.2'])).toBe(dnsLookup(['127.0.0.1:5', '127.0.0.2']));
    expect(dnsLookup(['127.0.0.1:5'])).not.toBe(dnsLookup(['127.0.0.1:6']));
    const names = await dnsServer(() => ['127.0.0.1']);
    const server = await rawServer(answering(HELLO));
    const url = `http://pictures.test:${server.port}/`;
    await retrieve(url, { dns: [names.address] });
    await retrieve(url, { dns: [names.address] });
    expect(server.sockets).toHaveLength(1);
  });

  test.each([
    [['dns.example']],
    [['127.0.0.1:0']],
    [['127.0.0.1:65536']],
    [['[127.0.0.1]:53']],
    [['::1:53:x']],
    [['127.0.0.1', '']],
    [[]],
  ])('refuses %j', (servers) => {
    expect(() => dnsLookup(servers)).toThrow(SluiceError);
    expect(() => dnsLookup(servers)).toThrow(/^The option dns .* must list IP addresses, .*\.$/);
  });

  test.each([[['127.0.0.1', '127.0.0.1:5353', '::1', '[::1]:5353', '[::1]']]])('takes %j', (servers) => {
    expect(dnsLookup(servers)).toBeTypeOf('function');
  });
});

describe('retrieve() with dns', () => {
  test('connects to the third of many addresses when the first ones are dead', async () => {
    const server = await rawServer(answering(HELLO), { host: '127.0.0.4' });
    const names = await dnsServer(() => ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5', '::1']);
    const receipt = await retrieve(`http://pictures.test:${server.port}/`, { dns: [names.address] });
    expect(receipt).toMatchObject({ address: '127.0.0.4', bodyBytes: 5 });
    expect(server.requests[0]).toContain(`\r\nHost: pictures.test:${server.port}\r\n`);
  });

  test('NXDOMAIN fails at once, silence when the time for connecting is over', async () => {
    const names = await dnsServer((name) => (name === 'no.test' ? 'NXDOMAIN' : 'silence'));
    const options = { dns: [names.address], timeouts: { connect: 150 } };
    const unknown = await failureOf(retrieve('http://no.test/', options));
    expect(unknown).toMatchObject({ code: 'name-not-resolved', exitCode: 6 });
    expect(unknown.message).toContain('no such name is known');
    const silent = await failureOf(retrieve('http://silent.test/', options));
    expect(silent).toMatchObject({ code: 'timeout-resolve', exitCode: 28 });
    expect(silent.message).toBe('Resolving silent.test took longer than 0.15 s.');
  });

  test('refuses a list that holds no addresses before anything is asked', async () => {
    const failure = await errorOf(retrieve('http://pictures.test/', { dns: ['dns.example'] }));
    expect(failure).toMatchObject({ code: 'option-invalid', exitCode: 2 });
  });
});
