import { readFileSync } from 'node:fs';
import type { FlowObserver } from './observer.js';

/** One end's queues in the kernel, in bytes: sent but not yet acknowledged, received but not yet read. */
export interface KernelQueues {
  readonly tx: number;
  readonly rx: number;
}

/** A connection by the ports and families of its ends, as seen from one of them. */
export interface Ends {
  readonly localPort: number;
  readonly remotePort: number;
  readonly family: 4 | 6;
}

const TABLES = { 4: '/proc/net/tcp', 6: '/proc/net/tcp6' };

/**
 * The queues of one end, from Linux's table of TCP sockets (proc(5)); undefined where there is no such table or row. A row:
 * `sl local_address rem_address st tx_queue:rx_queue ...`, all hexadecimal.
 */
export function readKernelQueues(ends: Ends): KernelQueues | undefined {
  let table: string;
  try {
    table = readFileSync(TABLES[ends.family], 'latin1');
  } catch {
    return undefined; // Not Linux, or no /proc: the ledger then rests on our own clock alone.
  }
  return findQueues(table, ends);
}

/** Finds the row of `ends` in the text of such a table. */
export function findQueues(table: string, ends: Ends): KernelQueues | undefined {
  const port = (value: number) => value.toString(16).toUpperCase().padStart(4, '0');
  const row = new RegExp(
    `:${port(ends.localPort)} [0-9A-F]+:${port(ends.remotePort)} [0-9A-F]{2} ([0-9A-F]{8}):([0-9A-F]{8})`,
  ).exec(table);
  return row === null ? undefined : { tx: Number.parseInt(row[1]!, 16), rx: Number.parseInt(row[2]!, 16) };
}

/** Between two looks, at the least. */
const INTERVAL_MS = 20;
/** A look may cost at most this share of the time: the table is long where there are many sockets. */
const COST_SHARE = 0.02;

/** Looks at our end's receive queue at intervals and tells the observer. Returns the function that ends it. */
export function watchKernelQueue(ends: Ends, observer: FlowObserver): () => void {
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    const began = performance.now();
    const queues = readKernelQueues(ends);
    const cost = performance.now() - began;
    if (queues === undefined) return;
    observer.queue(queues.rx, began);
    timer = setTimeout(look, Math.max(INTERVAL_MS, cost / COST_SHARE)).unref();
  };
  timer = setTimeout(look, INTERVAL_MS).unref();
  return () => clearTimeout(timer);
}
