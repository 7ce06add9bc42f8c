import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { readBothQueues } from '../flow/kernel-queue.js';
import { emptyColumns, type RunBatch, roundMs } from '../flow/run.js';
import { packageFile } from '../package-file.js';
import type { Begin, FromThread, RunWork, ToOrigin } from './run-messages.js';
import type { RunSettings } from './run-settings.js';

/** Between two looks at the kernel's queues, in milliseconds. */
const LOOK_MS = 20;
/** A look may cost at most this share of the time: the table is long where there are many sockets. */
const COST_SHARE = 0.1;
/** How long the origin may take to tell what is left, when the retrieval is over. */
const FINISH_MS = 1000;

/** Whom a run tells. */
export interface RunListener {
  batch(batch: RunBatch): void;
  mediaType(mediaType: string): void;
  body(bytes: Uint8Array): void;
}

/**
 * One experiment: an origin and a retrieval, each in a thread of its own, both told of on one clock. A URL of one's own has no origin
 * here.
 */
export class LabRun {
  #clientPort: number | undefined;

  constructor(
    private readonly settings: RunSettings,
    private readonly listener: RunListener,
    private readonly signal: AbortSignal,
  ) {}

  /** Resolves when all has been told; rejects with the signal's reason, or where a thread broke: a bug. */
  async run(): Promise<void> {
    const ended = new AbortController();
    const signal = AbortSignal.any([this.signal, ended.signal]);
    const isOwn = this.settings.source.kind !== 'url';
    const origin = isOwn ? new Thread('lab-origin.js', this.settings, signal) : undefined;
    const retrieval = new Thread('lab-retrieval.js', this.settings, signal);
    try {
      await this.#work(origin, retrieval, signal);
    } finally {
      ended.abort();
    }
  }

  async #work(origin: Thread | undefined, retrieval: Thread, signal: AbortSignal): Promise<void> {
    const { source } = this.settings;
    const [originUrl] = await Promise.all([origin?.said('ready'), retrieval.said('ready')]);
    const url = source.kind === 'url' ? source.url : (originUrl?.url ?? '');
    const begun = performance.now();
    const start = performance.timeOrigin + begun;
    for (const thread of [origin, retrieval]) thread?.onMessage((message) => this.#pass(message));
    if (origin !== undefined) this.listener.batch({ facts: { url } });
    const retrieved = retrieval.said('over');
    origin?.post({ type: 'begin', start });
    retrieval.post({ type: 'begin', url, start });
    if (origin === undefined) return void (await retrieved);
    const looked = new AbortController();
    const looking = this.#lookAtQueues(
      Number(new URL(url).port),
      begun,
      AbortSignal.any([signal, looked.signal]),
    );
    await retrieved.finally(() => looked.abort());
    await looking;
    const finished = origin.said('over');
    origin.post({ type: 'finish' });
    await Promise.race([finished, pause(FINISH_MS, undefined, { signal })]);
  }

  #pass(message: FromThread): void {
    if (message.type === 'batch') {
      this.#clientPort ??= message.clientPort;
      this.listener.batch(message.batch);
    } else if (message.type === 'body') this.listener.body(message.bytes);
    else if (message.type === 'media-type') this.listener.mediaType(message.mediaType);
  }

  /** Both ends' queues at one look each, from the time that the connection is known. */
  async #lookAtQueues(originPort: number, begun: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const at = performance.now();
      const seen =
        this.#clientPort === undefined
          ? undefined
          : readBothQueues({ localPort: originPort, remotePort: this.#clientPort, family: 4 });
      const until = performance.now();
      if (seen !== undefined) {
        const { queues } = emptyColumns();
        queues.at.push(roundMs(at - begun));
        queues.until.push(roundMs(until - begun));
        queues.server.push(seen.local.tx);
        queues.client.push(seen.remote.rx);
        this.listener.batch({ columns: { queues } });
      }
      await pause(Math.max(LOOK_MS, (until - at) / COST_SHARE), undefined, { signal }).catch(() => undefined);
    }
  }
}

type Said<Type extends FromThread['type']> = Extract<FromThread, { type: Type }>;

/** A worker thread that ends with the signal. */
class Thread {
  readonly #worker: Worker;
  readonly #failed: Promise<never>;

  constructor(
    name: string,
    settings: RunSettings,
    private readonly signal: AbortSignal,
  ) {
    this.#worker = new Worker(packageFile('dist', name), { workerData: { settings } satisfies RunWork });
    this.#failed = once(this.#worker, 'error', { signal }).then(([error]) => Promise.reject(error as Error));
    // Whoever waits for the thread is told; nobody may wait at that moment.
    this.#failed.catch(() => undefined);
    signal.addEventListener('abort', () => void this.#worker.terminate(), { once: true });
  }

  post(message: Begin | ToOrigin): void {
    this.#worker.postMessage(message);
  }

  onMessage(listener: (message: FromThread) => void): void {
    this.#worker.on('message', (message: FromThread) => {
      if (!this.signal.aborted) listener(message);
    });
  }

  /** Resolves with the first message of this type; rejects when the thread breaks or the signal comes first. */
  said<Type extends FromThread['type']>(type: Type): Promise<Said<Type>> {
    const said = new Promise<Said<Type>>((resolve) => {
      this.#worker.on('message', (message: FromThread) => {
        if (message.type === type) resolve(message as Said<Type>);
      });
    });
    return Promise.race([said, this.#failed]);
  }
}
