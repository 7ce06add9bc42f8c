import { openConnection } from './connect.js';
import type { Connection } from './connection.js';
import type { Guard } from './guard.js';
import type { Origin } from './origin.js';
import type { ConnectSettings } from './settings.js';
import { openThroughProxy } from './through-proxy.js';

/** Servers close idle connections after 5 s (Node), 15 s (Apache), 60 to 75 s (others); ours should be gone a little before. */
const IDLE_MS = 4_000;
/** More than browsers keep, few enough that a crawl over many origins does not run out of descriptors. */
const IDLE_PER_ORIGIN = 256;

interface Idle {
  readonly connection: Connection;
  /** How it was opened. */
  readonly settings: ConnectSettings;
  readonly since: number;
}

/** Kept-alive connections by origin. Idle ones don't keep the process alive. */
export class ConnectionPool {
  readonly #idle = new Map<string, Idle[]>();
  #sweep: NodeJS.Timeout | undefined;

  /** An idle connection that fits and that `guard` allows, the one used last first; undefined where there is none. */
  take(origin: Origin, settings: ConnectSettings, guard?: Guard): Connection | undefined {
    const idle = this.#idle.get(origin.key);
    if (idle === undefined) return undefined;
    for (let i = idle.length - 1; i >= 0; i--) {
      const { connection, since, settings: opened } = idle[i]!;
      if (!isSame(opened, settings) || guard?.allows(origin, connection.address) === false) continue;
      idle.splice(i, 1);
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
    idle.push({ connection, settings, since: performance.now() });
    if (idle.length > IDLE_PER_ORIGIN) idle.shift()?.connection.destroy();
    this.#sweep ??= setTimeout(() => this.#removeOld(), IDLE_MS).unref();
  }

  /** Closes every idle connection. */
  close(): void {
    clearTimeout(this.#sweep);
    this.#sweep = undefined;
    for (const idle of this.#idle.values()) for (const { connection } of idle) connection.destroy();
    this.#idle.clear();
  }

  #removeOld(): void {
    this.#sweep = undefined;
    const now = performance.now();
    for (const [key, idle] of this.#idle) {
      while (idle.length > 0 && now - idle[0]!.since >= IDLE_MS) idle.shift()!.connection.destroy();
      if (idle.length === 0) this.#idle.delete(key);
    }
    if (this.#idle.size > 0) this.#sweep = setTimeout(() => this.#removeOld(), IDLE_MS).unref();
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
