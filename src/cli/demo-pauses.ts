import type { BodySink } from '../body/sink.js';
import type { Origin } from '../lab/origin.js';
import type { SentResponse } from '../lab/origin-connection.js';
import type { Page } from '../lab/pages.js';
import { shownBytes } from '../quantities.js';
import type { Receipt } from '../retrieval/receipt.js';
import { retrieve } from '../retrieval/retrieve.js';
import { type DemoStage, type Receive, receiveLine, shownSeconds } from './demo-screen.js';

/**
 * After each receive, in milliseconds: the textbook's pause, and one that takes some seconds over the large
 * picture.
 */
const LONG_PAUSE_MS = 250;
const SHORT_PAUSE_MS = 1;

const CHART_EVERY_MS = 400;
const CHART_CELLS = 44;

/** S6: `page` again, with the textbook's pause; `unpaused` is the receipt of the same without. */
export async function pauseAfterEach(
  { screen, origin, options }: DemoStage,
  page: Page,
  unpaused: Receipt,
): Promise<void> {
  screen.step('S6', `The picture again, with a pause of ${LONG_PAUSE_MS / 1000} s after each receive`);
  screen.say(
    'While we pause the server runs ahead: its bytes lie in the kernel, and the next receive finds plenty.',
  );
  const receives: Receive[] = [];
  const receipt = await retrieve(origin.url + page.path, {
    ...options,
    delay: LONG_PAUSE_MS,
    sha256: true,
    to: drop,
    trace: (event) => {
      if (event.type !== 'receive') return;
      receives.push(event);
      screen.line(receiveLine(event));
    },
  });
  const short = receives.slice(1, -1).filter(({ length }) => length < options.recvSize).length;
  const every = short === 0 ? 'Every receive' : `All receives but ${short}, and`;
  const { count, full } = receipt.receives;
  screen.claim(
    short === 0 && count > 2,
    `${every} but the first and the last is the full ${options.recvSize} bytes: in all ${full} of ${count} are; without the pause it was ${unpaused.receives.full} of ${unpaused.receives.count}.`,
  );
  const same = receipt.sha256 === unpaused.sha256;
  screen.claim(same, same ? 'It is the same picture, byte for byte.' : 'It is not the same picture.');
  const { durationMs, stalls } = sentOf(origin, page);
  screen.say(
    `The server ${stoodStill(stalls.length)}: it had handed over its last byte after ${shownMs(durationMs)}, and we had it after ${shownSeconds(receipt.timing.total)}.`,
  );
}

/** S7: `page`, larger than the kernel's buffers, with short pauses; and what both ends saw. */
export async function holdTheServer({ screen, origin, options }: DemoStage, page: Page): Promise<void> {
  screen.step(
    'S7',
    `A picture of ${shownBytes(page.length)}, with a pause of ${SHORT_PAUSE_MS} ms after each receive`,
  );
  screen.say(
    "When the buffers of both kernels are full, TCP makes the server wait. Below, # is what we have received, - what the server's kernel has taken beyond it.",
  );
  screen.line();
  screen.line(`${' '.repeat(CHART_CELLS + 9)} received    sent`);
  let received = 0;
  const began = performance.now();
  const chart = setInterval(() => {
    const { bytesSent } = sentOf(origin, page);
    screen.line(chartLine(performance.now() - began, received, bytesSent, page.length));
  }, CHART_EVERY_MS);
  try {
    const receipt = await retrieve(origin.url + page.path, {
      ...options,
      delay: SHORT_PAUSE_MS,
      kernelQueue: true,
      to: drop,
      trace: (event) => {
        if (event.type === 'receive') received = event.total;
      },
    });
    screen.line();
    tellBothEnds(screen, receipt, sentOf(origin, page));
  } finally {
    clearInterval(chart);
  }
}

function tellBothEnds(screen: DemoStage['screen'], receipt: Receipt, sent: SentResponse): void {
  const { stalls, stalledMs, durationMs } = sent;
  const longest = Math.max(0, ...stalls.map(({ ms }) => ms));
  screen.claim(
    stalls.length > 0,
    `The server's end: it ${stoodStill(stalls.length)}, for ${shownSeconds(stalledMs)} of ${shownSeconds(durationMs ?? 0)} in all, at the longest for ${shownMs(longest)}.`,
  );
  const { wireBytes, flow, receives } = receipt;
  const queue =
    flow.kernelQueueMax === null
      ? "this system does not show the kernel's queue"
      : `up to ${flow.kernelQueueMax} bytes lay ready in our kernel`;
  screen.claim(
    sent.outcome === 'complete' && sent.bytesSent === wireBytes,
    `Our end: ${wireBytes} of ${sent.bytesSent} bytes came, in ${receives.count} receives; we paused for ${shownSeconds(flow.pausedMs)} in all, and ${queue}.`,
  );
  screen.claim(flow.limit === 'receiver', `Who set the pace: ${flow.limit}. ${flow.evidence}`);
}

/** What the server saw of its last response with this page. */
function sentOf(origin: Origin, page: Page): SentResponse {
  const sent = origin.responses.findLast(({ path }) => path === page.path);
  if (sent === undefined) throw new Error(`The origin has sent no ${page.path}.`);
  return sent;
}

/** Takes a body and keeps nothing of it. */
function drop(): BodySink {
  return { write: () => undefined, commit: () => undefined, abort: () => undefined };
}

function chartLine(ms: number, received: number, sent: number, all: number): string {
  const cells = (bytes: number) => Math.min(CHART_CELLS, Math.round((bytes / all) * CHART_CELLS));
  const bar = '#'.repeat(cells(received)).padEnd(cells(sent), '-').padEnd(CHART_CELLS);
  return `${shownSeconds(ms).padStart(5)} [${bar}] ${shownBytes(received).padStart(9)} ${shownBytes(sent).padStart(7)}`;
}

function stoodStill(count: number): string {
  if (count === 0) return 'never stood still';
  return `stood still ${count === 1 ? 'once' : `${count} times`}`;
}

function shownMs(ms = 0): string {
  return `${Math.round(ms)} ms`;
}
