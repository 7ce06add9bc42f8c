import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { hostPort } from '../connection/origin.js';
import { SluiceError } from '../errors.js';
import { type OriginWatcher, type SentResponse, serveConnection } from './origin-connection.js';
import { type Page, type PageSource, pagesOf } from './pages.js';
import type { SendSettings } from './send-settings.js';

/** What to serve, where, and at what pace. */
export interface OriginOptions extends Partial<SendSettings> {
  readonly pages: readonly Page[] | PageSource;
  /** Default '127.0.0.1'. */
  readonly host?: string;
  /** Default 0: one that is free. */
  readonly port?: number;
  /** Milliseconds after which a connection without a request is closed. Default 10 000. */
  readonly idleTimeoutMs?: number;
  readonly watcher?: OriginWatcher;
}

/** An origin server that is running. */
export interface Origin {
  /** Without a slash at its end: `http://127.0.0.1:40001`. */
  readonly url: string;
  readonly port: number;
  /** The last responses, oldest first, at most `KEPT_RESPONSES`; the last one may still be growing. */
  readonly responses: readonly SentResponse[];
  /** Breaks all connections and stops listening. */
  close(): Promise<void>;
}

const DEFAULTS: SendSettings = {
  sendSize: 8320,
  pauseMs: 0,
  headerDelayMs: 0,
  framing: 'length',
  httpVersion: '1.1',
  end: 'proper',
};
const IDLE_TIMEOUT_MS = 10_000;
const KEPT_RESPONSES = 64;
const MAX_CONNECTIONS = 1024;
const MAX_SEND_SIZE = 16 * 1024 * 1024;

/**
 * Starts an HTTP/1.x origin server whose every `send` is its own: sizes and times are set, and how long the
 * kernel kept each waiting is measured. It speaks on a bare socket since a server library would gather and
 * cut the sends as it likes.
 *
 * A client that stops reading stops it, for as long as it likes: that is what it is for. Rejects with
 * `SluiceError` `option-invalid`, or as `listen` fails.
 */
export async function startOrigin(options: OriginOptions): Promise<Origin> {
  const { host = '127.0.0.1', port = 0, idleTimeoutMs = IDLE_TIMEOUT_MS, watcher } = options;
  const settings = withDefaults(options);
  check(settings);
  const given = options.pages;
  const pages = 'paths' in given ? given : pagesOf(given);
  if (!('paths' in given)) for (const page of given) check({ ...settings, ...page.settings });
  const responses: SentResponse[] = [];
  const service = {
    pages,
    settings,
    idleTimeoutMs,
    watcher,
    onResponse: (response: SentResponse) => {
      responses.push(response);
      if (responses.length > KEPT_RESPONSES) responses.shift();
    },
  };
  const sockets = new Set<Socket>();
  // Half open: a client may end its side after the request and still wants the response. No delay: each send
  // leaves by itself.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    void serveConnection(socket, service);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    url: `http://${hostPort(host, address.port)}`,
    port: address.port,
    responses,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function withDefaults(options: OriginOptions): SendSettings {
  return {
    sendSize: options.sendSize ?? DEFAULTS.sendSize,
    pauseMs: options.pauseMs ?? DEFAULTS.pauseMs,
    limitRate: options.limitRate,
    hold: options.hold,
    dropAfter: options.dropAfter,
    headerDelayMs: options.headerDelayMs ?? DEFAULTS.headerDelayMs,
    framing: options.framing ?? DEFAULTS.framing,
    httpVersion: options.httpVersion ?? DEFAULTS.httpVersion,
    end: options.end ?? DEFAULTS.end,
  };
}

function check({ sendSize, pauseMs, headerDelayMs, limitRate, hold, dropAfter }: SendSettings): void {
  if (!Number.isSafeInteger(sendSize) || sendSize < 1 || sendSize > MAX_SEND_SIZE) {
    throw new SluiceError(
      'option-invalid',
      `The send size is ${sendSize}; it must be from 1 to ${MAX_SEND_SIZE} bytes.`,
    );
  }
  for (const ms of [pauseMs, headerDelayMs, hold?.ms ?? 0]) {
    // setTimeout takes no more than 2^31-1 ms: beyond, it would fire at once.
    if (!(ms >= 0 && ms < 2 ** 31)) {
      throw new SluiceError(
        'option-invalid',
        `A pause is ${ms}; it must be from 0 to below 2^31 milliseconds.`,
      );
    }
  }
  for (const at of [hold?.atByte ?? 0, dropAfter ?? 0]) {
    if (!Number.isSafeInteger(at) || at < 0)
      throw new SluiceError('option-invalid', `A place is byte ${at}; it must be a whole number from 0.`);
  }
  if (limitRate !== undefined && !(limitRate >= 1))
    throw new SluiceError('option-invalid', `The rate is ${limitRate}; it must be at least 1 byte a second.`);
}
