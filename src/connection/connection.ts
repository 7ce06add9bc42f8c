import type { Socket } from 'node:net';
import { IdleClock } from './idle-clock.js';
import type { Address } from './resolve.js';
import { endedByCloseNotify } from './tls-end.js';
import { TurnQueue } from './turn-queue.js';

const requests = new TurnQueue<{ socket: Socket; text: string }>(({ socket, text }) => {
  if (socket.writable) socket.write(text, 'latin1');
});

/** Who takes what a connection receives. One at a time: whoever retrieves on it now. */
export interface Receiver {
  /** One `recv` (on TLS: one record). The bytes lie in a buffer that is used again: copy what is kept, or stop the connection for as long as it is not. */
  onReceive(data: Buffer): void;
  /** A receive of length zero: the server closed its side. `orderly`: on TLS, it said so before (close_notify); else always true. */
  onEnd(orderly: boolean): void;
  onError(error: Error): void;
}

/**
 * One open TCP or TLS connection: sends, and receives into a buffer that is used again and again. `stop` really stops
 * reading: the kernel's buffer fills and TCP tells the server to pause. Node tells nobody of that (no 'pause' event, `isPaused()` stays false),
 * so this class is where it is known.
 */
export class Connection {
  /** Milliseconds it took to become ready: 0 for what had not to be done. */
  readonly openedIn: { readonly resolve: number; readonly connect: number; readonly tls: number };
  readonly address: Address;
  /** Tells whoever retrieves on it that the server is silent. */
  readonly clock = new IdleClock();
  /** How many responses were received on it before. */
  uses = 0;

  #receiver: Receiver | undefined;
  #stopped = false;
  #ended = false;
  #orderly = true;
  #error: Error | undefined;
  /** TLS only: records that came after `stop`. The decryption of what lay in one read is not stopped by Node. */
  readonly #late: Buffer[] = [];

  constructor(
    readonly socket: Socket,
    address: Address,
    openedIn: { resolve: number; connect: number; tls: number },
  ) {
    this.address = address;
    this.openedIn = openedIn;
    socket.on('end', () => {
      // Stopped, no end of TCP can have been read: it was TLS's own, in what had come before.
      if (!this.#stopped) this.#orderly = endedByCloseNotify(socket);
      this.#end();
    });
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#end());
  }

  /** Called by the socket for each receive; the return value tells Node whether to go on reading. */
  received(data: Buffer): boolean {
    if (this.#stopped) {
      this.#late.push(data);
      return false;
    }
    // Without a receiver, bytes on an idle connection belong to no request: nobody may use it again.
    if (this.#receiver === undefined) this.destroy();
    else this.#receiver.onReceive(data);
    return !this.#stopped;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Nobody receives, and nobody holds a view on what was received last. */
  get isIdle(): boolean {
    return this.#receiver === undefined && !this.#stopped;
  }

  get usable(): boolean {
    return !this.#ended && this.#error === undefined && this.#late.length === 0 && !this.socket.destroyed;
  }

  /** Hands what is received from now on to `receiver`. */
  attach(receiver: Receiver): void {
    this.#receiver = receiver;
    this.socket.ref();
  }

  /** Nobody receives now; the process may end while the connection is idle. */
  detach(): void {
    this.#receiver = undefined;
    this.socket.unref();
  }

  send(text: string): void {
    requests.add({ socket: this.socket, text });
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.socket.pause();
  }

  resume(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    while (this.#late.length > 0) {
      this.#receiver?.onReceive(this.#late.shift()!);
      if (this.#stopped) return;
    }
    if (this.#ended) this.#receiver?.onEnd(this.#orderly);
    else if (this.#error !== undefined) this.#receiver?.onError(this.#error);
    else this.socket.resume();
  }

  destroy(): void {
    this.#receiver = undefined;
    this.clock.close();
    this.socket.destroy();
  }

  #end(): void {
    if (this.#ended || this.#error !== undefined) return;
    this.#ended = true;
    if (!this.#stopped) this.#receiver?.onEnd(this.#orderly);
  }

  #fail(error: Error): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    // A reset is told at once, stopped or not: what still lay in the kernel's buffer is gone with it.
    this.#receiver?.onError(error);
  }
}
