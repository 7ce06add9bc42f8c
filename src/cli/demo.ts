import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { ConnectionPool } from '../connection/pool.js';
import { startOrigin } from '../lab/origin.js';
import { coverPage, posterPage, textPage } from '../lab/pages.js';
import { writeFailed } from '../save/write-failed.js';
import { holdTheServer, pauseAfterEach } from './demo-pauses.js';
import { cutHeader, lookAtFile, nameWhatCame, receivePicture } from './demo-picture.js';
import { DemoScreen, shownSeconds } from './demo-screen.js';
import { copyText, TEXT_PACE } from './demo-text.js';

/** Bytes at most in one receive, as in the textbook. */
const RECV_SIZE = 5120;
/** In bytes. No multiple of what is received at once, so that receives show where a send ends. */
const SEND_SIZE = 8320;

export interface DemoOptions {
  /** Where stuff.jpg is left. */
  readonly directory: string;
  readonly out: (text: string) => void;
  readonly colour: boolean;
  readonly signal?: AbortSignal;
}

/**
 * The textbook experiment "Retrieving an image over HTTP", its steps S1 to S8, against an origin in this
 * process; under 30 s. Every claim that is printed is computed from this very run.
 *
 * Resolves with the exit status: 0 when all claims held, otherwise 1. Rejects with `SluiceError`:
 * `write-failed` where stuff.jpg can't be written, `aborted` by the signal.
 */
export async function runDemo({ directory, out, colour, signal }: DemoOptions): Promise<number> {
  const began = performance.now();
  const file = join(directory, 'stuff.jpg');
  await access(directory, constants.W_OK).catch((error: unknown) => {
    throw writeFailed(file, error);
  });
  const cover = await coverPage();
  const text = textPage(TEXT_PACE);
  const poster = posterPage();
  const origin = await startOrigin({ pages: [cover, text, poster], sendSize: SEND_SIZE });
  const pool = new ConnectionPool();
  try {
    const screen = new DemoScreen(out, colour);
    const stage = {
      screen,
      origin,
      // The embedded server is on loopback.
      options: { pool, signal, httpVersion: '1.0', recvSize: RECV_SIZE, addresses: 'any' },
    } as const;
    screen.title('The textbook experiment: retrieving an image over HTTP');
    screen.say(`The server is inside this demo, at ${origin.url}; it sends ${SEND_SIZE} bytes at a time.`);
    const picture = await receivePicture(stage, cover, file);
    cutHeader(stage, picture);
    nameWhatCame(stage, picture);
    await lookAtFile(stage, picture, cover, file);
    await copyText(stage, text);
    await pauseAfterEach(stage, cover, picture.receipt);
    await holdTheServer(stage, poster);
    screen.line();
    screen.say(
      `${screen.tally()}, in ${shownSeconds(performance.now() - began)}. Any image viewer opens ${file}.`,
    );
    return screen.failed === 0 ? 0 : 1;
  } finally {
    pool.close();
    await origin.close();
  }
}
