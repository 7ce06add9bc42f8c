/** The built command, and other programs, as processes. */

import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const CLI = fileURLToPath(new URL('../../../dist/cli.cjs', import.meta.url));

/** What became of a process. */
export interface Outcome {
  /** Null where a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface Start {
  /** The working directory. Default: this process's. */
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** A file descriptor, or 'pipe', to be written to. Default: nothing. */
  readonly stdin?: 'pipe' | number;
  /** A file descriptor, or 'pipe', which is gathered (default), or 'unread', a pipe that nobody reads. */
  readonly stdout?: 'pipe' | 'unread' | number;
  readonly stderr?: 'pipe' | number;
}

/** This process's environment, but for the proxies of whoever runs the tests. */
const OUR_ENV = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name)));

/** A process that was started. */
export class Running {
  readonly ended: Promise<Outcome>;
  /** What it wrote so far. */
  stdout = Buffer.alloc(0);
  stderr = '';

  constructor(
    readonly child: ChildProcess,
    readsStdout: boolean,
  ) {
    if (readsStdout) {
      child.stdout?.on('data', (data: Buffer) => {
        this.stdout = Buffer.concat([this.stdout, data]);
      });
    }
    child.stderr?.on('data', (data: Buffer) => {
      this.stderr += data.toString();
    });
    this.ended = new Promise((resolve, reject) => {
      child.on('error', reject);
      // 'close' would wait for a pipe that nobody reads.
      child.on(readsStdout ? 'close' : 'exit', (status, signal) => {
        resolve({ status, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  get pid(): number {
    const { pid } = this.child;
    if (pid === undefined) throw new Error('the process could not be started');
    return pid;
  }

  /** Sends a signal to this process only. */
  kill(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }
}

/** Starts a program; it is killed at the end of the test if it still runs. */
export function start(program: string, args: readonly string[], how: Start = {}): Running {
  const { cwd, env, stdin = 'ignore', stdout = 'pipe', stderr = 'pipe' } = how;
  const child = spawn(program, args, {
    cwd,
    env: { ...OUR_ENV, ...env },
    stdio: [stdin, stdout === 'unread' ? 'pipe' : stdout, stderr],
  });
  const running = new Running(child, stdout !== 'unread');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    child.stdout?.destroy();
    await running.ended;
  });
  return running;
}

/** Starts `sluice get`. */
export function startGet(args: readonly string[], how?: Start): Running {
  return start(process.execPath, [CLI, 'get', ...args], how);
}

/** Runs `sluice get` to its end. */
export function get(args: readonly string[], how?: Start): Promise<Outcome> {
  return startGet(args, how).ended;
}

/** Waits until `holds`; the test's time-out ends the wait. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(5);
}
