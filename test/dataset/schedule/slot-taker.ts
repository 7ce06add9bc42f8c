import { parentPort, workerData } from 'node:worker_threads';
import { SharedHosts } from '../../../src/dataset/schedule/shared-hosts.js';

/** A thread that takes and gives slots of one host as fast as it can, together with others. */
const { buffer, counts, threads, now } = workerData as {
  readonly buffer: SharedArrayBuffer;
  readonly counts: Int32Array;
  readonly threads: number;
  readonly now: number;
};

const slots = new SharedHosts(buffer).slotsOf('a.example');
Atomics.add(counts, 2, 1);
while (Atomics.load(counts, 2) < threads) Atomics.wait(counts, 2, Atomics.load(counts, 2), 1);
let taken = 0;
while (taken < 20_000) {
  if (slots.take(now) !== 'taken') continue;
  taken++;
  const holders = Atomics.add(counts, 0, 1) + 1;
  for (let most = Atomics.load(counts, 1); holders > most; most = Atomics.load(counts, 1))
    Atomics.compareExchange(counts, 1, most, holders);
  // Held for a moment, so that one who should not have taken it is seen beside us.
  for (let i = 0; i < 100; i++) Atomics.load(counts, 0);
  Atomics.sub(counts, 0, 1);
  slots.give();
}

parentPort!.postMessage(taken);
