import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { Run } from '../../../src/flow/run.js';
import { readTrace } from '../../../src/flow/trace-file.js';
import { CLI } from '../../cli/support/command.js';

/** `sluice lab` as a process. */
export class TestLab {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(): Promise<TestLab> {
    const child = spawn(process.execPath, [CLI, 'lab'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (data: Buffer) => resolve(data.toString().trim()));
      child.once('exit', (status) => reject(new Error(`the lab ended with status ${status}`)));
    });
    return new TestLab(url, child);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Threads of the process: two more for each run. */
  threads(): number {
    return readdirSync(`/proc/${this.pid}/task`).length;
  }

  /** The same when no run goes on any more: what has not changed for a while. */
  async idleThreads(): Promise<number> {
    for (let before = -1; before !== this.threads(); ) {
      before = this.threads();
      await sleep(300);
    }
    return this.threads();
  }

  /** Ends it as Ctrl-C does; resolves with the exit status. */
  close(): Promise<number | null> {
    return new Promise((resolve) => {
      this.child.once('exit', resolve);
      this.child.kill('SIGINT');
    });
  }
}

/** Opens the lab's page with an experiment chosen. */
export async function openExperiment(page: Page, lab: TestLab, name: string): Promise<void> {
  await page.goto(lab.url);
  await page.locator(`#tab-${name}`).click();
}

/** Runs the chosen experiment to its end. */
export async function runToEnd(page: Page): Promise<void> {
  await page.locator('button.run').click();
  await page.locator('[data-limit]').waitFor({ timeout: 60_000 });
}

/** What the page saves of its run, and where it lies. */
export async function savedTrace(page: Page): Promise<{ run: Run; file: string }> {
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save this run' }).click();
  const file = await (await downloading).path();
  return { run: readTrace(readFileSync(file, 'utf8')), file };
}

/** The text of the first element that fits. */
export async function textOf(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).first().textContent()) ?? '';
}
