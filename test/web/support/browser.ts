import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Installed by `npm test` (scripts/require-system.ts). */
const CHROMIUM = '/usr/bin/chromium';
/** Nothing of its own on the network, nothing of a user's. */
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser with a profile of its own, whose pages may have no errors and ask nothing of anybody but this machine. */
export class TestBrowser {
  /** What went wrong: errors of scripts and consoles, requests that lead away. */
  readonly complaints: string[] = [];

  private constructor(
    private readonly context: BrowserContext,
    private readonly profile: string,
  ) {
    context.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      const isHere = hostname === '127.0.0.1' || ['data:', 'blob:', 'file:'].includes(protocol);
      if (!isHere) this.complaints.push(`a request to ${request.url()}`);
    });
    context.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    context.on('weberror', (error) => this.complaints.push(String(error.error())));
  }

  static async start(options: BrowserContextOptions = {}): Promise<TestBrowser> {
    const profile = mkdtempSync(join(tmpdir(), 'sluice-browser-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM,
      args: ARGUMENTS,
      viewport: { width: 1440, height: 900 },
      reducedMotion: 'reduce',
      ...options,
    });
    return new TestBrowser(context, profile);
  }

  newPage(): Promise<Page> {
    return this.context.newPage();
  }

  async close(): Promise<void> {
    await this.context.close();
    rmSync(this.profile, { recursive: true, force: true });
  }
}
