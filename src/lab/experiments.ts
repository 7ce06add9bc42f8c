import type { RunSettings } from './run-settings.js';

/** One experiment of the lab: what is asked, and how it is run. */
export interface Experiment {
  readonly name: string;
  readonly title: string;
  /** One sentence. */
  readonly question: string;
  readonly settings: RunSettings;
}

/** As in the textbook: sends of a length that is no multiple of a receive's, and receives of at most 5120 bytes. */
const TEXTBOOK: RunSettings = {
  source: { kind: 'cover' },
  sendSize: 8320,
  sendPause: 0,
  recvSize: 5120,
  pause: 0,
  limitRate: null,
};

/** In the order of the tabs; the last one's settings are a start for one's own. */
export const EXPERIMENTS: readonly Experiment[] = [
  {
    name: 'fast',
    title: 'As fast as it comes',
    question: 'We ask for 5120 bytes at a time and never pause: how much does each receive bring?',
    settings: TEXTBOOK,
  },
  {
    name: 'pause',
    title: 'A pause after each receive',
    question: 'We pause for a tenth of a second after each receive: where are the bytes meanwhile?',
    settings: { ...TEXTBOOK, pause: 100 },
  },
  {
    name: 'reservoir',
    title: 'Larger than the buffers',
    question:
      'The picture is larger than all buffers together, and we pause: what can the server do when they are full?',
    settings: { ...TEXTBOOK, source: { kind: 'poster', bytes: 17_000_000 }, pause: 1 },
  },
  {
    name: 'slow-server',
    title: 'A slow server',
    question: 'The server pauses after each send: what do we see of it at our end?',
    settings: { ...TEXTBOOK, sendSize: 4096, sendPause: 50, recvSize: 65_536 },
  },
  {
    name: 'small',
    title: 'Small receives',
    question: 'We ask for 256 bytes at a time: what does it cost to carry water by the cup?',
    settings: { ...TEXTBOOK, source: { kind: 'poster', bytes: 10_000_000 }, sendSize: 65_536, recvSize: 256 },
  },
  {
    name: 'rate',
    title: 'Hold the rate',
    question: 'We want 100 KB a second and no more: how does the server learn of it, since nobody tells it?',
    settings: { ...TEXTBOOK, limitRate: 100_000 },
  },
  {
    name: 'own',
    title: 'Your own',
    question: 'What happens if you choose the sizes and the pauses yourself?',
    settings: { ...TEXTBOOK, pause: 20 },
  },
];
