import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Programs } from './programs.js';
import type { Sample } from './row.js';

/** How a command is run and what is measured of it. */
export interface Run {
  readonly command: readonly string[];
  /** So many processes one after another; the sample is the mean of one. For processes that are short beside the clock's millisecond. */
  readonly times?: number;
  /** Where standard output goes: a file's path. Default: /dev/null. */
  readonly stdout?: string;
  /** A file to write the peak memory to: given, it is measured. */
  readonly peakTo?: string;
}

/** bash's own `time`: milliseconds, of the processes it waited for; GNU time rounds to hundredths of a second. */
const TIMED =
  'TIMEFORMAT="%3R %3U %3S"; n=$1; shift; time for ((i = 0; i < n; i++)); do "$@" 2>&3 || exit; done';

/**
 * Runs a command as a process of its own and waits for it. Rejects when its status is not 0. Peak memory is asked of GNU time, a small
 * process between: a child's count begins with its parent's memory at the fork, and Node's would be in it.
 */
export async function measure({ bash, time }: Programs, run: Run): Promise<Sample> {
  const { command, times = 1, peakTo } = run;
  const metered = peakTo === undefined ? command : [time, '-f', '%M', '-o', peakTo, ...command];
  const stdout = openSync(run.stdout ?? '/dev/null', 'w');
  const child = spawn(bash, ['-c', TIMED, 'bash', String(times), ...metered], {
    stdio: ['ignore', stdout, 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  });
  closeSync(stdout);
  const forget = endWithUs(child);
  const [status, report, complaint] = await Promise.all([
    new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve)),
    text(child.stderr!),
    text(child.stdio[3] as NodeJS.ReadableStream),
  ]).finally(forget);
  if (status !== 0)
    throw new Error(`${command.join(' ')} ended with status ${status}: ${complaint}${report}`);
  const [wall, user, system] = report.trim().split(' ').map(Number);
  return {
    wallMs: (wall! * 1000) / times,
    cpuMs: ((user! + system!) * 1000) / times,
    ...(peakTo === undefined ? {} : { peakBytes: Number(readFileSync(peakTo, 'utf8')) * 1024 }),
  };
}

/** Ends `child` when the bench ends first. The function returned forgets it again. */
export function endWithUs(child: { kill(signal: 'SIGTERM'): boolean }): () => void {
  const end = () => void child.kill('SIGTERM');
  process.once('exit', end);
  return () => void process.off('exit', end);
}
