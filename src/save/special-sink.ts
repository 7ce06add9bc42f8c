import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BodySink, Taken } from '../body/sink.js';
import { systemCode } from '../errors.js';
import { writeFailed } from './write-failed.js';

/** /dev/null on Linux: major 1, minor 3 (null(4)). */
const NULL_DEVICE = process.platform === 'linux' ? 0x103 : undefined;

/** Between two looks whether a FIFO has a reader, or a terminal takes bytes again. */
const POLL_MS = 20;

/**
 * An output that exists and is no regular file, written to directly. A device takes bytes at once. A FIFO is opened without blocking and
 * written to by the event loop: a thread that hangs in open(2) or write(2) could not be ended by Ctrl-C.
 */
export async function openSpecial(path: string, signal?: AbortSignal): Promise<BodySink> {
  for (;;) {
    try {
      const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
      const status = fstatSync(fd);
      if (status.isFIFO()) return new FifoSink(path, fd);
      return new DeviceSink(path, fd, status.isCharacterDevice() && status.rdev === NULL_DEVICE);
    } catch (error) {
      // ENXIO (open(2)): a FIFO without a reader. A socket's name gives it too, and always will.
      if (systemCode(error) !== 'ENXIO' || !statSync(path).isFIFO()) throw writeFailed(path, error);
      await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal });
    }
  }
}

class DeviceSink implements BodySink {
  readonly irrevocable: boolean;
  #open = true;

  constructor(
    readonly file: string,
    private readonly fd: number,
    /** What is written to it is nowhere. */
    private readonly isNull: boolean,
  ) {
    this.irrevocable = !isNull;
  }

  write(data: Buffer): Taken {
    // Nobody can tell whether it was: a system call a receive is spared.
    if (this.isNull) return undefined;
    let at = 0;
    try {
      while (at < data.length) at += writeSync(this.fd, data, at);
    } catch (error) {
      if (systemCode(error) === 'EAGAIN') return this.#writeLater(data.subarray(at));
      throw writeFailed(this.file, error);
    }
    return undefined;
  }

  commit(): Taken {
    this.#close();
    return undefined;
  }

  abort(): void {
    this.#close();
  }

  #close(): void {
    if (this.#open) closeSync(this.fd);
    this.#open = false;
  }

  /** A terminal that shows more slowly than we write says EAGAIN. */
  async #writeLater(data: Buffer): Promise<void> {
    await sleep(POLL_MS);
    if (this.#open) await this.write(data);
  }
}

class FifoSink implements BodySink {
  readonly irrevocable = true;
  readonly #socket: Socket;
  #failure: Error | undefined;

  constructor(
    readonly file: string,
    fd: number,
  ) {
    this.#socket = new Socket({ fd, readable: false, writable: true });
    this.#socket.on('error', (error) => {
      this.#failure = writeFailed(file, error);
    });
  }

  write(data: Buffer): Promise<void> {
    return this.#settled((done) => this.#socket.write(data, done));
  }

  commit(): Promise<void> {
    return this.#settled((done) => this.#socket.end(done));
  }

  abort(): void {
    this.#socket.destroy();
  }

  #settled(call: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      call((error) => (error ? reject(writeFailed(this.file, error)) : resolve()));
    });
  }
}
