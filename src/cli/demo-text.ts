import type { Page } from '../lab/pages.js';
import { retrieve } from '../retrieval/retrieve.js';
import { type DemoStage, shownSeconds } from './demo-screen.js';
import { escapeText } from './escape.js';

/** Slow enough to be read as it comes: about two seconds. */
export const TEXT_PACE = { sendSize: 24, pauseMs: 50, framing: 'close' } as const;

/** S5: copies a text to the screen as it arrives. */
export async function copyText({ screen, origin, options }: DemoStage, page: Page): Promise<void> {
  const { sendSize, pauseMs } = TEXT_PACE;
  screen.step('S5', 'The same with a text, copied to the screen as it arrives');
  screen.say(
    `The server sends ${sendSize} bytes every ${pauseMs} ms and no Content-Length: its close is the end.`,
  );
  screen.line();
  const { body, fields, receipt } = await retrieve(origin.url + page.path, { ...options, to: 'stream' });
  const decoder = new TextDecoder();
  const copiedAt: number[] = [];
  for await (const chunk of body) {
    screen.copy(escapeText(decoder.decode(chunk, { stream: true })));
    copiedAt.push(performance.now());
  }
  screen.line();
  const { bodyBytes } = await receipt;
  const spread = (copiedAt.at(-1) ?? 0) - (copiedAt[0] ?? 0);
  // Half of what the server took over it: not gathered somewhere and shown at once.
  screen.claim(
    spread > (copiedAt.length * pauseMs) / 2,
    `It came in ${copiedAt.length} pieces; the first was on the screen ${shownSeconds(spread)} before the last.`,
  );
  const framed = fields.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name));
  screen.claim(
    !framed && bodyBytes === page.length,
    `A receive of length zero, the server's close, ended it after ${bodyBytes} of ${page.length} bytes.`,
  );
}
