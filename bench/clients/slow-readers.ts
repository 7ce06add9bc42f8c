import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ON_LOOPBACK, print, readWork } from './work.js';

/** How many bodies to read at once, and how slowly. */
export interface Work {
  readonly url: string;
  /** In bytes. */
  readonly length: number;
  readonly connections: number;
  /** Milliseconds between two pieces. */
  readonly pauseMs: number;
  /** The library's module, as a URL. */
  readonly module: string;
}

const { url, length, connections, pauseMs, module }: Work = readWork();
const { retrieve }: typeof import('../../src/index.js') = await import(module);

/** All bodies have begun before the first is read, so that all are there at once. */
const began = performance.now();
const bodies = await Promise.all(
  Array.from({ length: connections }, () => retrieve(url, { ...ON_LOOPBACK, to: 'stream' })),
);
await Promise.all(
  bodies.map(async ({ body }) => {
    let bytes = 0;
    for await (const piece of body) {
      bytes += piece.length;
      await sleep(pauseMs);
    }
    if (bytes !== length) throw new Error(`A body came as ${bytes} bytes of ${length}.`);
  }),
);
const { user, system } = process.cpuUsage();
print({ wallMs: performance.now() - began, cpuMs: (user + system) / 1000, peakBytes: peakBytes() });

/** The most memory that was ever resident. getrusage(2) tells it too, but there a child's figure begins with its parent's. */
function peakBytes(): number {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (kibibytes === undefined) throw new Error('/proc/self/status tells no VmHWM.');
  return Number(kibibytes) * 1024;
}
