import type { TraceEvent } from '../flow/trace.js';
import type { Origin } from '../lab/origin.js';
import type { RetrieveOptions } from '../retrieval/options.js';

/** The width that a projector's terminal surely has, in columns. */
const COLUMNS = 80;
const INDENT = '  ';

const SGR = { bold: '1', dim: '2', red: '31', green: '32', cyan: '1;36' } as const;

/**
 * How the demo is laid out: headings, sentences, lines as a program prints them, and claims that hold or
 * don't.
 */
export class DemoScreen {
  /** Claims that did not hold. */
  failed = 0;
  #claims = 0;

  constructor(
    private readonly out: (text: string) => void,
    private readonly colour: boolean,
  ) {}

  title(text: string): void {
    this.out(`${this.#paint('bold', text)}\n${'='.repeat(text.length)}\n`);
  }

  /** A step of the experiment, such as `S3`, and what it does. */
  step(name: string, what: string): void {
    this.out(`\n${this.#paint('cyan', `${name}  ${what}`)}\n`);
  }

  /** A sentence for people. */
  say(text: string): void {
    for (const line of wrapped(text, COLUMNS - INDENT.length)) this.out(`${INDENT}${line}\n`);
  }

  /** A line as a program prints it. */
  line(text = ''): void {
    this.out(text === '' ? '\n' : `${INDENT}${INDENT}${text}\n`);
  }

  /** Part of a text that is copied as it comes; `\n` ends a line of it. */
  copy(text: string): void {
    this.out(text);
  }

  /** Something that this run has shown, or has not. */
  claim(holds: boolean, text: string): void {
    this.#claims++;
    if (!holds) this.failed++;
    const [first, ...rest] = wrapped(text, COLUMNS - 2 * INDENT.length - 4);
    this.out(`${INDENT}${holds ? this.#paint('green', 'yes') : this.#paint('red', 'NO!')}  ${first}\n`);
    for (const line of rest) this.out(`${INDENT}     ${line}\n`);
  }

  /** How many of the claims held, in words. */
  tally(): string {
    return `${this.#claims - this.failed} of ${this.#claims} claims held`;
  }

  #paint(style: keyof typeof SGR, text: string): string {
    return this.colour ? `\x1b[${SGR[style]}m${text}\x1b[0m` : text;
  }
}

/** What every step is given. */
export interface DemoStage {
  readonly screen: DemoScreen;
  readonly origin: Origin;
  readonly options: RetrieveOptions & { readonly recvSize: number };
}

/** One receive, as it is traced. */
export type Receive = Extract<TraceEvent, { type: 'receive' | 'record' }>;

/** The textbook's line: length, total. */
export function receiveLine({ length, total }: Receive): string {
  return `${length} ${total}`;
}

export function shownSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Broken at spaces into lines of at most `width` characters; a longer word stands alone. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
