/** Hosts that serve pictures at a pace that the test sets, and count who asks at once. */

import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
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
  readonly #running = new Map<string, number>();
  #silent = '';
  /** Answers that are held back. */
  #held: (() => void)[] | undefined = [];

  /** `hosts` of them: 127.0.0.1, 127.0.0.2 and so on. */
  static async start(hosts: number): Promise<PictureHosts> {
    const all = new PictureHosts();
    for (let host = 1; host <= hosts; host++)
      all.#origins.push(
        await listening(`127.0.0.${host}`, (request, response) => all.#serve(request, response)),
      );
    all.#silent = await listening(`127.0.0.${hosts + 1}`, (_, response) => {
      const answer = () => response.writeHead(404).end();
      if (all.#held === undefined) answer();
      else all.#held.push(answer);
    });
    return all;
  }

  /** A URL of a host that answers nothing until it is told to. */
  silentUrl(row: number): string {
    return `${this.#silent}/${row}.jpg`;
  }

  /** From now on that host answers. */
  speak(): void {
    for (const answer of this.#held ?? []) answer();
    this.#held = undefined;
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

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const host = request.headers.host!;
    this.requests++;
    const running = (this.#running.get(host) ?? 0) + 1;
    this.#running.set(host, running);
    this.most = Math.max(this.most, running);
    setTimeout(() => {
      this.#running.set(host, this.#running.get(host)! - 1);
      const [, kind, name] = request.url!.split('/');
      if (kind !== 'picture') response.writeHead(404).end();
      else {
        const bytes = jpegOf(SMALLEST_BYTES + Number.parseInt(name!, 10));
        response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(bytes);
      }
    }, this.delayMs);
  }
}

/** Starts a server; gives its origin. */
async function listening(host: string, serve: RequestListener): Promise<string> {
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return `http://${host}:${address.port}`;
}
