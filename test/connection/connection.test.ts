import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openConnection } from '../../src/connection/connect.js';
import type { Connection, Receiver } from '../../src/connection/connection.js';
import { originOf } from '../../src/connection/origin.js';
import { certificateFor } from '../support/certificates.js';
import { closed, pour, type RawServer, rawServer } from '../support/raw-server.js';

const certificate = certificateFor('IP:127.0.0.1');

async function connectTo(server: RawServer, recvSize: number): Promise<Connection> {
  const connection = await openConnection(originOf(new URL(server.url())), {
    recvSize,
    tls: { ca: certificate.cert },
    connectTimeoutMs: 5000,
    tlsTimeoutMs: 5000,
  });
  onTestFinished(() => connection.destroy());
  return connection;
}

/** Bytes of which every position is told from its neighbours. */
function numberedBytes(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = (i ^ (i >> 8) ^ (i >> 16)) & 0xff;
  return bytes;
}

class Gatherer implements Receiver {
  readonly lengths: number[] = [];
  bytes = 0;
  ends = 0;
  readonly errors: Error[] = [];
  readonly over: Promise<void>;
  #pieces: Buffer[] = [];
  #finish!: () => void;

  constructor(private readonly after: (gatherer: Gatherer) => void = () => undefined) {
    this.over = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  get body(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  onReceive(data: Buffer): void {
    this.lengths.push(data.length);
    this.bytes += data.length;
    this.#pieces.push(Buffer.from(data));
    this.after(this);
  }

  onEnd(): void {
    this.ends++;
    this.#finish();
  }

  onError(error: Error): void {
    this.errors.push(error);
    this.#finish();
  }
}

describe.each([
  ['TCP', undefined],
  ['TLS', { key: certificate.key, cert: certificate.cert }],
])('Connection on %s', (_, tls) => {
  const options = tls === undefined ? {} : { tls };

  test('delivers nothing after stop until resume, in the end every byte in order', async () => {
    const bytes = numberedBytes(5 * 1024 * 1024);
    const server = await rawServer(({ socket }) => void socket.end(bytes), options);
    const connection = await connectTo(server, 9000);
    let stopped = false;
    let afterStop = 0;
    // A fixed sequence of stops of no, a short or a longer time, that looks like none.
    let seed = 1;
    const random = () => {
      seed = (seed * 48_271) % 0x7fffffff;
      return seed / 0x7fffffff;
    };
    const gatherer = new Gatherer(() => {
      if (stopped) afterStop++;
      if (random() < 0.7) return;
      connection.stop();
      stopped = true;
      const resume = () => {
        stopped = false;
        connection.resume();
      };
      const chance = random();
      if (chance < 0.45) queueMicrotask(resume);
      else if (chance < 0.9) setImmediate(resume);
      else setTimeout(resume, 1);
    });
    connection.attach(gatherer);
    await gatherer.over;
    expect(gatherer.errors).toEqual([]);
    expect(afterStop).toBe(0);
    expect(gatherer.ends).toBe(1);
    expect(gatherer.body.equals(bytes)).toBe(true);
    expect(Math.max(...gatherer.lengths)).toBeLessThanOrEqual(9000);
  });

  test('really stops reading: the server can send no more than the kernel holds', async () => {
    const total = 64 * 1024 * 1024;
    let pouring: ReturnType<typeof pour> | undefined;
    const server = await rawServer(({ socket }) => {
      pouring = pour(socket, total);
    }, options);
    const connection = await connectTo(server, 64 * 1024);
    const gatherer = new Gatherer(() => connection.stop());
    connection.attach(gatherer);
    await sleep(250);
    const writtenWhileStopped = pouring?.written ?? 0;
    const deliveredWhileStopped = gatherer.bytes;
    await sleep(100);
    expect(pouring?.written).toBe(writtenWhileStopped);
    expect(gatherer.bytes).toBe(deliveredWhileStopped);
    expect(deliveredWhileStopped).toBeGreaterThan(0);
    expect(deliveredWhileStopped).toBeLessThanOrEqual(64 * 1024);
    expect(writtenWhileStopped).toBeLessThan(total / 4);
    expect(connection.stopped).toBe(true);
  });

  test('tells the end only after all that was received, even when it came while stopped', async () => {
    const server = await rawServer(({ socket }) => void socket.end(numberedBytes(30_000)), options);
    const connection = await connectTo(server, 1000);
    const gatherer = new Gatherer((self) => {
      expect(self.ends).toBe(0);
      connection.stop();
      setTimeout(() => connection.resume(), self.lengths.length === 1 ? 60 : 0);
    });
    connection.attach(gatherer);
    await gatherer.over;
    expect(gatherer.ends).toBe(1);
    expect(gatherer.body.equals(numberedBytes(30_000))).toBe(true);
  });

  test('is not usable once the server has closed it, nor when bytes came that nobody asked for', async () => {
    const server = await rawServer(({ socket }, index) => {
      setTimeout(() => (index === 0 ? socket.end() : socket.write('unasked')), 20);
    }, options);
    for (let i = 0; i < 2; i++) {
      const connection = await connectTo(server, 1000);
      expect(connection.usable).toBe(true);
      connection.attach(new Gatherer());
      connection.detach();
      await closed(connection.socket);
      expect(connection.usable).toBe(false);
    }
  });

  test('destroy tells its receiver nothing', async () => {
    const server = await rawServer(({ socket }) => void socket.write('x'), options);
    const connection = await connectTo(server, 1000);
    const gatherer = new Gatherer();
    connection.attach(gatherer);
    connection.destroy();
    await closed(connection.socket);
    expect([gatherer.ends, gatherer.errors.length]).toEqual([0, 0]);
  });
});

describe('Connection', () => {
  test('tells an error once, and no end after it', async () => {
    const server = await rawServer(({ socket }) => {
      socket.write('x');
      setTimeout(() => socket.resetAndDestroy(), 30);
    });
    const connection = await connectTo(server, 1000);
    const gatherer = new Gatherer();
    connection.attach(gatherer);
    await gatherer.over;
    await closed(connection.socket);
    await sleep(10);
    expect(gatherer.errors.map((error) => 'code' in error && error.code)).toEqual(['ECONNRESET']);
    expect(gatherer.ends).toBe(0);
    expect(connection.usable).toBe(false);
  });

  test('says on TLS how long the handshake took, and 0 on TCP', async () => {
    const plain = await rawServer(() => undefined);
    const secure = await rawServer(() => undefined, { tls: certificate });
    expect((await connectTo(plain, 1000)).openedIn.tls).toBe(0);
    expect((await connectTo(secure, 1000)).openedIn.tls).toBeGreaterThan(0);
  });
});
