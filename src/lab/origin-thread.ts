/** The thread of an experiment's origin: nothing that the receiving end does slows it, but TCP. */
import { parentPort, workerData } from 'node:worker_threads';
import { startOrigin } from './origin.js';
import { coverPage, type Page, posterPage } from './pages.js';
import { BATCH_MS, type FromThread, type RunWork, type ToOrigin } from './run-messages.js';
import type { RunSource } from './run-settings.js';
import { SendColumns } from './send-columns.js';

const { settings } = workerData as RunWork;
const columns = new SendColumns();
const page = await pageOf(settings.source);
const origin = await startOrigin({
  pages: [page],
  sendSize: settings.sendSize,
  pauseMs: settings.sendPause,
  watcher: columns,
});

/** Whole in memory before the run begins: making it meanwhile would be the server's slowness. */
async function pageOf(source: RunSource): Promise<Page> {
  if (source.kind !== 'poster') return coverPage();
  const page = posterPage(source.bytes);
  const bytes = page.read(0, page.length);
  return { ...page, read: (from, to) => bytes.subarray(from, to) };
}

function say(message: FromThread): void {
  parentPort!.postMessage(message);
}

function tell(): void {
  say({ type: 'batch', batch: columns.take(), clientPort: columns.clientPort });
}

let timer: NodeJS.Timeout | undefined;
parentPort!.on('message', async (message: ToOrigin) => {
  if (message.type === 'begin') {
    columns.begin(message.start - performance.timeOrigin);
    timer = setInterval(tell, BATCH_MS);
    return;
  }
  clearInterval(timer);
  // What was sent is known to be sent only a tick later; what can't be sent any more ends here.
  await origin.close();
  await new Promise((resolve) => setImmediate(resolve));
  tell();
  say({ type: 'over' });
  parentPort!.close();
});
say({ type: 'ready', url: origin.url + page.path });
