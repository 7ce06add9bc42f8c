import { signal } from '@preact/signals';
import type { Run } from '../src/flow/run.js';
import { LONGEST_TRACE, readTrace, TraceRefused, traceText } from '../src/flow/trace-file.js';
import { status, stopRun } from './lab-client.js';
import { liveSource, play, show } from './player.js';

/** The trace that could not be opened, and why. */
export const traceProblem = signal<string | null>(null);

/** A picture from elsewhere is saved with its run up to this many bytes. */
const LARGEST_PICTURE = 2_000_000;

export async function saveTrace(run: Run): Promise<void> {
  const picture = run.facts.picture ?? (await pictureOf(run));
  const facts = picture === undefined ? run.facts : { ...run.facts, picture };
  const text = traceText({ ...run, facts });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = `${run.facts.experiment ?? 'sluice'}.trace.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}

export async function openTrace(file: File): Promise<void> {
  stopRun();
  try {
    if (file.size > LONGEST_TRACE) throw new TraceRefused('The file is too long for a trace.');
    const opened = readTrace(await file.text());
    // Nobody shall paste into a shell what a stranger wrote.
    delete opened.facts.command;
    traceProblem.value = null;
    liveSource.value = null;
    status.value = { kind: 'over' };
    show(opened, false);
    play();
  } catch (error) {
    if (!(error instanceof TraceRefused)) throw error;
    traceProblem.value = error.message;
  }
}

async function pictureOf({ facts }: Run): Promise<{ mediaType: string; base64: string } | undefined> {
  const mediaType = facts.outcome?.mediaType ?? null;
  if (mediaType === null || liveSource.value === null) return undefined;
  if ((facts.outcome?.bodyBytes ?? 0) > LARGEST_PICTURE) return undefined;
  const response = await fetch(liveSource.value);
  if (!response.ok) return undefined;
  const bytes = new Uint8Array(await response.arrayBuffer());
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return { mediaType, base64: btoa(text) };
}
