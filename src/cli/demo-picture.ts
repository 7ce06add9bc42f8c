import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ImageInspector } from '../image/inspector.js';
import type { Page } from '../lab/pages.js';
import type { Receipt } from '../retrieval/receipt.js';
import { retrieve } from '../retrieval/retrieve.js';
import { type DemoStage, type Receive, receiveLine } from './demo-screen.js';
import { headText } from './escape.js';

/** Of the receives' lines, those that are printed. */
const SHOWN_FIRST = 8;
const SHOWN_LAST = 3;

/** The picture as it came. */
export interface ReceivedPicture {
  readonly receipt: Receipt;
  readonly headerLines: readonly string[];
}

/** S1 and S2: asks for `page`, receives it a few thousand bytes at a time, and saves it as `file`. */
export async function receivePicture(
  { screen, origin, options }: DemoStage,
  page: Page,
  file: string,
): Promise<ReceivedPicture> {
  const { recvSize } = options;
  screen.step('S1, S2', `Ask for a picture, and receive at most ${recvSize} bytes at a time`);
  screen.say(
    'Each line is one receive, its length and the total so far: a receive gives what has come, which may be less than was asked for.',
  );
  const receives: Receive[] = [];
  let headerLines: readonly string[] = [];
  const receipt = await retrieve(origin.url + page.path, {
    ...options,
    sha256: true,
    to: { file },
    trace: (event) => {
      if (event.type === 'request')
        screen.line(`> ${headText(event.text.slice(0, event.text.indexOf('\r\n')))}`);
      else if (event.type === 'head') headerLines = event.lines;
      else if (event.type === 'receive') receives.push(event);
    },
  });
  const leftOut = receives.slice(SHOWN_FIRST, -SHOWN_LAST).length;
  receives.forEach((receive, index) => {
    if (index < SHOWN_FIRST || index >= SHOWN_FIRST + leftOut) screen.line(receiveLine(receive));
    else if (index === SHOWN_FIRST) screen.line(`... (${leftOut} more)`);
  });
  const short = receives.slice(0, -1).filter(({ length }) => length < recvSize).length;
  screen.claim(
    short > 0,
    `${receives.length} receives brought ${receipt.wireBytes} bytes; ${short} before the last were shorter than ${recvSize}.`,
  );
  return { receipt, headerLines };
}

/** S3: the header, and where it ends. */
export function cutHeader({ screen }: DemoStage, { receipt, headerLines }: ReceivedPicture): void {
  screen.step('S3', 'Find the blank line');
  screen.say('The header ends where CR LF CR LF stands first; what follows is the picture.');
  const { headerBytes, bodyBytes, wireBytes } = receipt;
  screen.line(`Header length ${headerBytes}`);
  for (const line of headerLines) screen.line(headText(line));
  screen.claim(
    headerBytes + 4 + bodyBytes === wireBytes,
    `${headerBytes} bytes of header, 4 of blank line and ${bodyBytes} of body are the ${wireBytes} that came.`,
  );
}

/** S8: the media type, by the server and by the bytes. */
export function nameWhatCame({ screen }: DemoStage, { receipt }: ReceivedPicture): void {
  const { contentType, mediaType } = receipt;
  screen.step('S8', 'What is it?');
  screen.say('Content-Type says what the server takes it for; the first bytes say what it is.');
  screen.claim(
    contentType !== null && contentType === mediaType,
    `The server says ${headText(contentType ?? 'nothing')}, the bytes say ${mediaType ?? 'nothing known'}.`,
  );
}

/** S4: the saved file, held against what the server has. */
export async function lookAtFile(
  { screen }: DemoStage,
  { receipt }: ReceivedPicture,
  page: Page,
  file: string,
): Promise<void> {
  screen.step('S4', 'Save what follows the blank line as stuff.jpg');
  screen.say(
    'It got that name only when its last byte was there and the picture had been followed to its own end.',
  );
  const saved = await readFile(file);
  const announced = receipt.fields.find(([name]) => name.toLowerCase() === 'content-length')?.[1];
  screen.claim(
    String(saved.length) === announced,
    `The file has ${saved.length} bytes; Content-Length says ${headText(announced ?? 'nothing')}.`,
  );
  const inspector = new ImageInspector();
  inspector.push(saved);
  const verdict = inspector.end();
  const { width, height, type } = inspector;
  screen.claim(
    verdict.outcome === 'whole',
    verdict.outcome === 'whole'
      ? `It is a whole ${type?.name}, ${width} x ${height} pixels.`
      : `It is no whole image: ${verdict.reason}.`,
  );
  const theirs = sha256Of(page.read(0, page.length));
  screen.claim(
    sha256Of(saved) === theirs && receipt.sha256 === theirs,
    `Its SHA-256 is that of the server's picture: ${theirs.slice(0, 16)}...`,
  );
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
