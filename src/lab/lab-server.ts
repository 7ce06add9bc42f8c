import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { streamSSE } from 'hono/streaming';
import { hostPort } from '../connection/origin.js';
import { guard, hostRule, isLoopback } from './lab-guard.js';
import { LabRuns } from './lab-runs.js';
import { coverPage, type Page, posterPage } from './pages.js';
import { RUN_BOUNDS, type RunSettings, readRunSettings } from './run-settings.js';
import { webFiles } from './web-files.js';

/** A lab that is running. */
export interface Lab {
  /** With a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
}

/** A request's body of more bytes is refused: settings are a few hundred. */
const LONGEST_REQUEST = 16 * 1024;
/** A picture is read in pieces of this many bytes. */
const PIECE_BYTES = 256 * 1024;

/** Starts the lab's server. Rejects as `listen` fails. */
export async function startLab({ host = '127.0.0.1', port = 0 } = {}): Promise<Lab> {
  const runs = new LabRuns();
  let listensOn = port;
  const app = labApp(
    runs,
    hostRule(host, () => listensOn),
    isLoopback(host),
  );
  const server = createAdaptorServer({ fetch: app.fetch });
  server.listen(port, host);
  await once(server, 'listening');
  listensOn = (server.address() as AddressInfo).port;
  return {
    url: `http://${hostPort(host, listensOn)}/`,
    close: () => {
      runs.close();
      return new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
    },
  };
}

/** `takesUrls`: not from other machines, which would reach through us what only we can. */
function labApp(runs: LabRuns, isOurs: (host: string) => boolean, takesUrls: boolean): Hono {
  const app = new Hono();
  app.use(guard(isOurs));
  app.post('/runs', bodyLimit({ maxSize: LONGEST_REQUEST }), async (context) => {
    if (context.req.header('content-type') !== 'application/json')
      return context.text('JSON is taken here.\n', 415);
    let settings: RunSettings;
    try {
      settings = readRunSettings(await context.req.json());
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
      return context.json({ refused: error.message }, 400);
    }
    if (settings.source.kind === 'url' && !takesUrls) {
      return context.json({ refused: 'A URL is only taken from the machine that the lab runs on.' }, 403);
    }
    const id = runs.make(settings);
    if (id === undefined) return context.json({ refused: 'Too many runs wait already.' }, 503);
    return context.json({ id }, 201);
  });
  app.get('/runs/:id/events', (context) => {
    const id = context.req.param('id');
    // 204 tells an EventSource not to ask again.
    if (!runs.isNew(id)) return context.body(null, 204);
    return streamSSE(context, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      const say = (event: string, data: unknown) =>
        void stream.writeSSE({ event, data: JSON.stringify(data) });
      await runs.follow(
        id,
        { waiting: (ahead) => say('waiting', ahead), batches: (batches) => say('batches', batches) },
        gone.signal,
      );
      await stream.writeSSE({ event: 'over', data: '' });
    });
  });
  app.get('/runs/:id/picture', async (context) => {
    const picture = runs.picture(context.req.param('id'));
    const mediaType = await picture?.mediaType();
    // What came was no picture, or is forgotten.
    if (picture === undefined || mediaType === undefined) return context.body(null, 204);
    return new Response(ReadableStream.from(picture.bytes()), {
      headers: { 'Content-Type': mediaType, 'Cache-Control': 'no-store' },
    });
  });
  app.get('/pictures/cover.jpg', async () => pageResponse(await coverPage()));
  app.get('/pictures/poster.bmp', (context) => {
    const bytes = Number(context.req.query('bytes'));
    const { least, most } = RUN_BOUNDS.posterBytes;
    if (!(Number.isInteger(bytes) && bytes >= least && bytes <= most)) {
      return context.text(`bytes must be from ${least} to ${most}.\n`, 400);
    }
    return pageResponse(posterPage(bytes));
  });
  for (const [path, file] of webFiles()) {
    app.get(path, () => new Response(file.bytes, { headers: file.headers }));
  }
  app.notFound((context) => context.text('There is no such page here.\n', 404));
  return app;
}

function pageResponse(page: Page): Response {
  return new Response(ReadableStream.from(piecesOf(page)), {
    headers: { 'Content-Type': page.mediaType, 'Content-Length': String(page.length) },
  });
}

/** Piece by piece, as they are taken. */
function* piecesOf({ length, read }: Page): Generator<Uint8Array> {
  for (let from = 0; from < length; from += PIECE_BYTES)
    yield read(from, Math.min(from + PIECE_BYTES, length));
}
