import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { systemCode } from '../errors.js';
import { Dropped, type Send, type SendRecord, sendPaced } from './paced-send.js';
import type { Page, PageSource } from './pages.js';
import { type Request, RequestReader, RequestRefused } from './request-reader.js';
import { errorResponse, pageResponse, type Response } from './response.js';
import type { SendSettings } from './send-settings.js';

/** What the origin saw of one response. */
export interface SentResponse extends SendRecord {
  /** Both null where the request could not be read. */
  readonly method: string | null;
  readonly path: string | null;
  readonly status: number;
  /** The client's port. */
  readonly remotePort: number | undefined;
  /** 'broken': the connection ended before the kernel had taken everything; 'dropped': we ended it, as we were told. */
  outcome: 'sending' | 'complete' | 'broken' | 'dropped';
  /** From the request to the last send's end; undefined while it is sent. */
  durationMs: number | undefined;
}

/** What all connections of an origin have in common. */
export interface Service {
  readonly pages: PageSource;
  readonly settings: SendSettings;
  /**
   * Milliseconds that a connection may wait for a request, or for the client's close after the last response.
   */
  readonly idleTimeoutMs: number;
  readonly onResponse: (response: SentResponse) => void;
  readonly watcher?: OriginWatcher | undefined;
}

/** Told of each response as it is sent. */
export interface OriginWatcher {
  /** A request was read: the response begins. */
  request(response: SentResponse): void;
  send(response: SentResponse, send: Send): void;
  ended(response: SentResponse): void;
}

/**
 * Answers the requests of one connection in turn until either side closes. A connection that breaks ends only
 * itself.
 */
export async function serveConnection(socket: Socket, service: Service): Promise<void> {
  const closed = new AbortController();
  socket.once('close', () => closed.abort());
  // Whoever reads or sends at that moment is told as well; without a listener the event would end the
  // process.
  socket.on('error', () => closed.abort());
  const requests = new RequestReader();
  const chunks: AsyncIterator<Buffer> = socket.iterator({ destroyOnReturn: false });
  try {
    for (let keepsAlive = true; keepsAlive; ) {
      const request = await within(service.idleTimeoutMs, socket, () => nextRequest(requests, chunks));
      if (request === undefined) break;
      keepsAlive = await answer(socket, request, service, closed.signal);
    }
    if (service.settings.end === 'open') await drain(chunks);
    socket.end();
    // Closing while bytes of the client lie unread would reset the connection, and what we sent might be lost
    // (RFC 9112 §9.6).
    await within(service.idleTimeoutMs, socket, () => drain(chunks));
  } catch (error) {
    socket.destroy();
    // Resets, our own time limit and close(): each carries a code. What carries none is a bug.
    if (systemCode(error) === undefined && !closed.signal.aborted && !(error instanceof Dropped)) throw error;
  }
}

type Asked = Request | RequestRefused;

async function nextRequest(
  requests: RequestReader,
  chunks: AsyncIterator<Buffer>,
): Promise<Asked | undefined> {
  for (;;) {
    try {
      const request = requests.next();
      if (request !== undefined) return request;
    } catch (error) {
      if (error instanceof RequestRefused) return error;
      throw error;
    }
    const chunk = await chunks.next();
    if (chunk.done) return undefined;
    requests.push(chunk.value);
  }
}

async function drain(chunks: AsyncIterator<Buffer>): Promise<void> {
  for (let chunk = await chunks.next(); !chunk.done; ) chunk = await chunks.next();
}

/** Waits for the client, but not for ever. */
async function within<T>(ms: number, socket: Socket, wait: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => socket.destroy(), ms);
  try {
    return await wait();
  } finally {
    clearTimeout(timer);
  }
}

async function answer(socket: Socket, asked: Asked, service: Service, signal: AbortSignal): Promise<boolean> {
  const refused = asked instanceof RequestRefused;
  const page = refused ? undefined : service.pages.find(asked.path);
  const settings = { ...service.settings, ...page?.settings };
  const response = responseTo(asked, page, service, settings);
  const record: SentResponse = {
    method: refused ? null : asked.method,
    path: refused ? null : asked.path,
    status: response.status,
    remotePort: socket.remotePort,
    startedAt: performance.now(),
    bytesSent: 0,
    sends: 0,
    stalls: [],
    stalledMs: 0,
    pending: undefined,
    outcome: 'sending',
    durationMs: undefined,
  };
  service.onResponse(record);
  service.watcher?.request(record);
  try {
    if (settings.headerDelayMs > 0) await pause(settings.headerDelayMs, undefined, { signal });
    const onSend = (send: Send) => service.watcher?.send(record, send);
    await sendPaced(socket, response.pieces, settings, record, signal, onSend);
    // Where the close is the end of the body, only a reset leaves the end untold.
    if (settings.end === 'missing' && settings.framing === 'close') await resetWhenTaken(socket, signal);
    record.outcome = 'complete';
  } catch (error) {
    record.outcome = error instanceof Dropped ? 'dropped' : 'broken';
    throw error;
  } finally {
    record.durationMs = performance.now() - record.startedAt;
    page?.close?.();
    service.watcher?.ended(record);
  }
  return response.keepsAlive;
}

/** A reset throws away what the kernel still holds: the client is given a moment to receive it. */
const BEFORE_RESET_MS = 100;

async function resetWhenTaken(socket: Socket, signal: AbortSignal): Promise<never> {
  await pause(BEFORE_RESET_MS, undefined, { signal });
  socket.resetAndDestroy();
  throw new Dropped();
}

function responseTo(
  asked: Asked,
  page: Page | undefined,
  service: Service,
  settings: SendSettings,
): Response {
  if (asked instanceof RequestRefused) return errorResponse(asked.status, asked.message);
  if (page !== undefined) return pageResponse(asked, page, settings);
  const paths = service.pages.paths().join(', ');
  return errorResponse(404, `There is no such page here. There are: ${paths}`, asked);
}
