import type { Destination } from '../../src/index.js';
import { measured, ON_LOOPBACK, readWork } from './work.js';

/** Which body to receive, and how. */
export interface Work {
  readonly url: string;
  /** The library's module, as a URL. */
  readonly module: string;
  readonly recvSize: number;
  /** Keep every receive. */
  readonly record: boolean;
  /** Retrievals while it is measured; one is made before. */
  readonly times: number;
}

const { url, module, recvSize, record, times } = readWork<Work>();
const { retrieve, Recording }: typeof import('../../src/index.js') = await import(module);

const dropping: Destination = () => ({
  write: () => undefined,
  commit: () => undefined,
  abort: () => undefined,
});

async function receiveOnce(): Promise<void> {
  const recording = record ? new Recording() : undefined;
  const { receives } = await retrieve(url, {
    ...ON_LOOPBACK,
    to: dropping,
    recvSize,
    observer: recording,
  });
  if (recording !== undefined && recording.count < receives.count) {
    throw new Error(`Of ${receives.count} receives ${recording.count} events were recorded.`);
  }
}

await receiveOnce();
await measured(async () => {
  for (let i = 0; i < times; i++) await receiveOnce();
});
