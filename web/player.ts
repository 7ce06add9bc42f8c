import { computed, signal } from '@preact/signals';
import type { Run } from '../src/flow/run.js';
import { RunIndex } from '../src/flow/run-at.js';

/** The run that is shown, live or over, and the time at which it is shown: everything that is drawn is a function of these. */

export const run = signal<Run | null>(null);
/** Raised whenever the run has grown. */
export const grown = signal(0);
/** In milliseconds of the run's clock. */
export const time = signal(0);
export const playing = signal(false);
/** Times as fast as it was. */
export const speed = signal(1);
/** The run is still growing: its last moment is shown. */
export const live = signal(false);

/** Where the picture of a run of this page comes from, as it comes. */
export const liveSource = signal<string | null>(null);

const index = computed(() => (run.value === null ? null : new RunIndex(run.value)));

/** The run as it stands at the time shown; null where there is none. */
export const moment = computed(() => {
  void grown.value;
  return index.value?.at(time.value) ?? null;
});

export const end = computed(() => {
  void grown.value;
  return index.value?.end ?? 0;
});

export function indexOfRun(): RunIndex | null {
  return index.value;
}

/** Shows another run from its beginning; `isLive`: it is about to grow. */
export function show(shown: Run | null, isLive: boolean): void {
  playing.value = false;
  live.value = isLive;
  run.value = shown;
  grown.value++;
  time.value = isLive || shown === null ? 0 : end.value;
}

export function hasGrown(): void {
  grown.value++;
  if (live.value) time.value = end.value;
}

export function isOver(): void {
  live.value = false;
  grown.value++;
  time.value = end.value;
}

export function seek(to: number): void {
  if (live.value) return;
  time.value = Math.min(Math.max(0, to), end.value);
}

let last: number | undefined;

/** Plays from the time shown, or again from the beginning. */
export function play(): void {
  if (live.value || run.value === null) return;
  if (time.value >= end.value) time.value = 0;
  playing.value = true;
  last = undefined;
  requestAnimationFrame(step);
}

export function pausePlaying(): void {
  playing.value = false;
}

function step(now: number): void {
  if (!playing.value) return;
  const passed = last === undefined ? 0 : now - last;
  last = now;
  time.value = Math.min(end.value, time.value + passed * speed.value);
  if (time.value >= end.value) playing.value = false;
  else requestAnimationFrame(step);
}
