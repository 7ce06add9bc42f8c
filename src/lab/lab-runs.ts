import { randomUUID } from 'node:crypto';
import type { RunBatch } from '../flow/run.js';
import { GrowingPicture } from './growing-picture.js';
import { LabRun } from './lab-run.js';
import { RunLine } from './run-line.js';
import type { RunSettings } from './run-settings.js';

/** So many runs are remembered, and of those that are over so many bytes of pictures. */
const MOST_RUNS = 200;
const MOST_PICTURE_BYTES = 96_000_000;

/** Between two messages to a page, in milliseconds: at most 25 a second, whatever there is to tell. */
const MESSAGE_MS = 40;

/** What a page is told of its run. */
export interface PageListener {
  /** So many runs come before it. */
  waiting(ahead: number): void;
  batches(batches: readonly RunBatch[]): void;
}

interface Entry {
  readonly settings: RunSettings;
  readonly picture: GrowingPicture;
  begun: boolean;
}

/** The runs of a lab: made by one request, begun when a page listens, ended when it no longer does. */
export class LabRuns {
  readonly #line = new RunLine();
  readonly #entries = new Map<string, Entry>();
  readonly #pictures: GrowingPicture[] = [];
  readonly #closed = new AbortController();

  /** Makes a run, and gives its name; undefined where too many wait already. */
  make(settings: RunSettings): string | undefined {
    if (this.#line.isFull) return undefined;
    const id = randomUUID();
    this.#entries.set(id, { settings, picture: new GrowingPicture(), begun: false });
    for (const [oldest, { begun }] of this.#entries) {
      if (this.#entries.size <= MOST_RUNS) break;
      if (!begun) this.#entries.delete(oldest);
    }
    return id;
  }

  picture(id: string): GrowingPicture | undefined {
    return this.#entries.get(id)?.picture;
  }

  /** Whether there is such a run that nobody has begun. */
  isNew(id: string): boolean {
    return this.#entries.get(id)?.begun === false;
  }

  /** Begins a run and tells of it until it is over, the page's signal comes, or the lab is closed. */
  async follow(id: string, listener: PageListener, pageGone: AbortSignal): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.begun) return;
    entry.begun = true;
    const { settings, picture } = entry;
    const signal = AbortSignal.any([pageGone, this.#closed.signal]);
    let pending: RunBatch[] = [];
    const tell = () => {
      if (pending.length > 0) listener.batches(pending);
      pending = [];
    };
    let timer: NodeJS.Timeout | undefined;
    let leave: (() => void) | undefined;
    try {
      leave = await this.#line.enter(signal, (ahead) => listener.waiting(ahead));
      timer = setInterval(tell, MESSAGE_MS);
      const run = new LabRun(
        settings,
        {
          batch: (batch) => void pending.push(batch),
          mediaType: (mediaType) => picture.begin(mediaType),
          body: (bytes) => picture.add(bytes),
        },
        signal,
      );
      await run.run();
      tell();
    } catch (error) {
      // The page went away, or the lab is closed: nobody is left to be told.
      if (!signal.aborted) throw error;
    } finally {
      clearInterval(timer);
      leave?.();
      picture.end();
      this.#keep(id, picture);
    }
  }

  /** Ends all runs. */
  close(): void {
    this.#closed.abort();
  }

  #keep(id: string, picture: GrowingPicture): void {
    this.#pictures.push(picture);
    let bytes = this.#pictures.reduce((sum, { length }) => sum + length, 0);
    while (bytes > MOST_PICTURE_BYTES || this.#pictures.length > MOST_RUNS) {
      const oldest = this.#pictures.shift()!;
      bytes -= oldest.length;
      oldest.forget();
    }
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= MOST_RUNS || oldest === id) break;
      if (entry.begun) this.#entries.delete(oldest);
    }
  }
}
