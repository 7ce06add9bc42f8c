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
  const table = readTable(ends.family);
  return table === undefined ? undefined : findQueues(table, ends);
}

/** The same of both ends of a connection on this machine, at one look. */
export function readBothQueues(ends: Ends): { local: KernelQueues; remote: KernelQueues } | undefined {
  const table = readTable(ends.family);
  if (table === undefined) return undefined;
  const { localPort, remotePort, family } = ends;
  const local = findQueues(table, ends);
  const remote = findQueues(table, { localPort: remotePort, remotePort: localPort, family });
  return local === undefined || remote === undefined ? undefined : { local, remote };
}

function readTable(family: Ends['family']): string | undefined {
  try {
    return readFileSync(TABLES[family], 'latin1');
  } catch {
    return undefined; // Not Linux, or no /proc: what is told then rests on our own clock alone.
  }
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
