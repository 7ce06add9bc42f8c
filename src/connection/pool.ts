import { openConnection } from './connect.js';
import type { Connection } from './connection.js';
import type { Guard } from './guard.js';
import type { Origin } from './origin.js';
import type { ConnectSettings } from './settings.js';
import { openThroughProxy } from './through-proxy.js';

/** Servers close idle connections after 5 s (Node), 15 s (Apache), 60 to 75 s (others); ours should be gone a little before. */
const IDLE_MS = 4_000;
/** More than browsers keep. */
const IDLE_PER_ORIGIN = 256;
/** Of all origins: a crawl that sees thousands a second, most of them once, must run out of neither memory nor descriptors. */
const MOST_IDLE = 1024;

interface Idle {
  readonly origin: string;
  readonly connection: Connection;
  /** How it was opened. */
  readonly settings: ConnectSettings;
  readonly since: number;
}

/** Kept-alive connections by origin. Idle ones don't keep the process alive. */
export class ConnectionPool {
  readonly #idle = new Map<string, Idle[]>();
  /** All of them, those that are idle longest in front. */
  readonly #all = new Set<Idle>();
  #sweep: NodeJS.Timeout | undefined;

  /** An idle connection that fits and that `guard` allows, the one used last first; undefined where there is none. */
  take(origin: Origin, settings: ConnectSettings, guard?: Guard): Connection | undefined {
    const idle = this.#idle.get(origin.key);
    if (idle === undefined) return undefined;
    for (let i = idle.length - 1; i >= 0; i--) {
      const one = idle[i]!;
      const { connection, since, settings: opened } = one;
      if (!isSame(opened, settings) || guard?.allows(origin, connection.address) === false) continue;
      this.#remove(one);
      if (connection.usable && performance.now() - since < IDLE_MS) return connection;
      connection.destroy();
    }
    return undefined;
  }

  /** A new connection, whatever is idle, to an address that `guard` admits. Throws `SluiceError`. */
  open(origin: Origin, settings: ConnectSettings, signal?: AbortSignal, guard?: Guard): Promise<Connection> {
    const { proxy } = settings;
    if (proxy === undefined) return openConnection(origin, settings, signal, guard);
    return openThroughProxy(origin, proxy, settings, signal);
  }

  /** Keeps a connection whose last response was read to its end. */
  give(connection: Connection, origin: Origin, settings: ConnectSettings): void {
    let idle = this.#idle.get(origin.key);
    if (idle === undefined) {
      idle = [];
      this.#idle.set(origin.key, idle);
    }
    connection.uses++;
    connection.detach();
    const one = { origin: origin.key, connection, settings, since: performance.now() };
    idle.push(one);
    this.#all.add(one);
    if (idle.length > IDLE_PER_ORIGIN) this.#drop(idle[0]!);
    else if (this.#all.size > MOST_IDLE) this.#drop(this.#all.values().next().value!);
    this.#sweep ??= setTimeout(() => this.#removeOld(), IDLE_MS).unref();
  }

  /** Closes every idle connection. */
  close(): void {
    clearTimeout(this.#sweep);
    this.#sweep = undefined;
    for (const one of this.#all) this.#drop(one);
  }

  #removeOld(): void {
    this.#sweep = undefined;
    const now = performance.now();
    for (const one of this.#all) {
      if (now - one.since < IDLE_MS) break;
      this.#drop(one);
    }
    if (this.#all.size > 0) this.#sweep = setTimeout(() => this.#removeOld(), IDLE_MS).unref();
  }

  #drop(one: Idle): void {
    this.#remove(one);
    one.connection.destroy();
  }

  #remove(one: Idle): void {
    this.#all.delete(one);
    const idle = this.#idle.get(one.origin)!;
    idle.splice(idle.indexOf(one), 1);
    if (idle.length === 0) this.#idle.delete(one.origin);
  }
}

/**
 * Connections differ by how much they receive at once, by whom they trust and who they say we are, by the proxy between, and by who resolved the name: a lookup of one's own may be there to
 * keep away from some addresses, and what another found is not for it.
 */
function isSame(one: ConnectSettings, other: ConnectSettings): boolean {
  return (
    one.recvSize === other.recvSize &&
    one.lookup === other.lookup &&
    one.proxy === other.proxy &&
    one.tls.insecure === other.tls.insecure &&
    one.tls.ca === other.tls.ca &&
    one.tls.cert === other.tls.cert &&
    one.tls.key === other.tls.key &&
    one.tls.passphrase === other.tls.passphrase
  );
}
