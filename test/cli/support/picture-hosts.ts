/** Hosts that serve pictures at a pace that the test sets, and count who asks at once. */

import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';
import { jpegOf } from '../../support/pictures.js';

const SMALLEST_BYTES = 6000;

export class PictureHosts {
  /** Milliseconds before each answer. */
  delayMs = 0;
  /** Requests so far. */
  requests = 0;
  /** The most that were under way at once at any host. */
  most = 0;
  #origins: string[] = [];

  /** `hosts` of them: 127.0.0.1, 127.0.0.2 and so on. */
  static async start(hosts: number): Promise<PictureHosts> {
    const all = new PictureHosts();
    for (let host = 1; host <= hosts; host++) await all.#listen(`127.0.0.${host}`);
    return all;
  }

  /** A list of `rows` rows: each seventh leads nowhere, each eleventh repeats the one before. */
  list(rows: number): string {
    const urls: string[] = [];
    for (let row = 0; row < rows; row++) {
      const origin = this.#origins[row % this.#origins.length];
      const kind = row % 7 === 3 ? 'missing' : 'picture';
      urls.push(row % 11 === 10 ? urls[row - 1]! : `${origin}/${kind}/${row}.jpg`);
    }
    return `${urls.join('\n')}\n`;
  }

  async #listen(host: string): Promise<void> {
    let running = 0;
    const server = createServer((request, response) => {
      this.requests++;
      running++;
      this.most = Math.max(this.most, running);
      setTimeout(() => {
        running--;
        const [, kind, name] = request.url!.split('/');
        if (kind !== 'picture') response.writeHead(404).end();
        else {
          const bytes = jpegOf(SMALLEST_BYTES + Number.parseInt(name!, 10));
          response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(bytes);
        }
      }, this.delayMs);
    });
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no address');
    this.#origins.push(`http://${host}:${address.port}`);
  }
}
