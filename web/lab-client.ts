import { signal } from '@preact/signals';
import { addBatch, newRun, type RunBatch } from '../src/flow/run.js';
import { commandFor, picturePath, withoutUserinfo } from '../src/lab/run-command.js';
import type { RunSettings } from '../src/lab/run-settings.js';
import { hasGrown, isOver, liveSource, run, show } from './player.js';

/** The page's side of a run: asked for, followed, ended. */

export type Status =
  | { readonly kind: 'idle' }
  | { readonly kind: 'waiting'; readonly ahead: number }
  | { readonly kind: 'running' }
  | { readonly kind: 'over' }
  | { readonly kind: 'refused'; readonly reason: string };

export const status = signal<Status>({ kind: 'idle' });

let events: EventSource | undefined;

/** Runs an experiment; one that was still running ends. */
export async function startRun(experiment: string, settings: RunSettings): Promise<void> {
  stopRun();
  const { source } = settings;
  show(
    newRun({
      url: source.kind === 'url' ? withoutUserinfo(source.url) : picturePath(source),
      ends: source.kind === 'url' ? 'receiver' : 'both',
      recvSize: settings.recvSize,
      unit: 'receive',
      experiment,
      command: commandFor(settings, location.origin),
      ...(source.kind !== 'url' && { sendSize: settings.sendSize, picture: { path: picturePath(source) } }),
    }),
    true,
  );
  liveSource.value = null;
  status.value = { kind: 'running' };
  try {
    const response = await fetch('/runs', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(settings),
    });
    const answer = (await response.json()) as { id?: string; refused?: string };
    if (answer.id === undefined) refuse(answer.refused ?? `The lab answered with status ${response.status}.`);
    else follow(answer.id);
  } catch {
    refuse('The lab does not answer: is it still running?');
  }
}

/** Ends the run, if there is one. */
export function stopRun(): void {
  if (events === undefined) return;
  events.close();
  events = undefined;
  isOver();
  status.value = { kind: 'over' };
}

function refuse(reason: string): void {
  show(null, false);
  status.value = { kind: 'refused', reason };
}

function follow(id: string): void {
  const source = new EventSource(`/runs/${id}/events`);
  events = source;
  liveSource.value = `/runs/${id}/picture`;
  source.addEventListener('waiting', ({ data }) => {
    status.value = { kind: 'waiting', ahead: JSON.parse(data) as number };
  });
  source.addEventListener('batches', ({ data }) => {
    const { value } = run;
    if (events !== source || value === null) return;
    if (status.value.kind !== 'running') status.value = { kind: 'running' };
    for (const batch of JSON.parse(data) as RunBatch[]) addBatch(value, batch);
    hasGrown();
  });
  source.addEventListener('over', () => {
    if (events === source) stopRun();
  });
  source.addEventListener('error', () => {
    // The server went away, or the run is over already: asking again would help neither.
    if (events === source) stopRun();
  });
}
