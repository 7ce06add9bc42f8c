import { existsSync } from 'node:fs';
import { SluiceError } from '../../errors.js';
import { bootId } from '../../save/part-record.js';
import { AppendFile } from './append-file.js';
import {
  type JournalEntry,
  type JournalHeader,
  type JournalLine,
  lineOf,
  parsedLine,
} from './journal-line.js';

const PIECE_BYTES = 1024 * 1024;
const NEWLINE = 10;
const COMMITTED = lineOf({ committed: true });

/** A line as it stands in the file. */
interface PlacedLine {
  readonly line: JournalLine;
  readonly offset: number;
  readonly length: number;
}

interface Readable {
  /** The bytes from `offset` on; fewer than `length` where the file ends before. */
  read(offset: number, length: number): Buffer;
}

/**
 * What is done of an open shard: a header, then a line for each row in the order in which they were done. A line is written after the picture
 * that it tells of, so that after a kill the pictures are those of the whole lines. After a power cut that holds only up to the last line that says
 * so: `durable` (docs/decisions/0016-shards.md). In memory are only the places of the lines.
 */
export class Journal {
  readonly #file: AppendFile;
  /** By the row's place: where its line begins, -1 while it is not done; and how long it is. */
  readonly #offsets: Float64Array;
  readonly #lengths: Uint32Array;
  #done = 0;
  /** How long the tar or the spool is with every picture that is told of. */
  #end = 0;

  private constructor(
    file: AppendFile,
    readonly header: JournalHeader,
  ) {
    this.#file = file;
    this.#offsets = new Float64Array(header.rows).fill(-1);
    this.#lengths = new Uint32Array(header.rows);
  }

  /** A new one, in the place of any that lies there. */
  static create(path: string, header: JournalHeader): Journal {
    const file = AppendFile.create(path);
    try {
      file.append(Buffer.from(lineOf(header) + lineOf({ boot: bootId() })));
    } catch (error) {
      file.close();
      throw error;
    }
    return new Journal(file, header);
  }

  /** Whether the shard of the journal at `path` has all that it needs, and only lacks its names. */
  static isCommitted(path: string): boolean {
    if (!existsSync(path)) return false;
    const file = AppendFile.open(path);
    try {
      const tail = file.read(Math.max(0, file.length - COMMITTED.length), COMMITTED.length);
      return tail.toString('latin1') === COMMITTED;
    } finally {
      file.close();
    }
  }

  /**
   * Goes on with the journal at `path`; undefined where there is none, or its first line was never written. Lines are believed in their order, as long as
   * their picture may be: where the system was started anew, those that are known to be on the disk, and everywhere those that `holds` says yes to.
   * The rest is cut off. Throws `option-invalid`, and changes nothing, where it is the journal of another run.
   */
  static open(
    path: string,
    expected: JournalHeader,
    holds: (entry: JournalEntry) => boolean,
  ): Journal | undefined {
    if (!existsSync(path)) return undefined;
    const file = AppendFile.open(path);
    try {
      const journal = Journal.#recovered(file, expected, holds);
      if (journal === undefined) file.close();
      return journal;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  static #recovered(
    file: AppendFile,
    expected: JournalHeader,
    holds: (entry: JournalEntry) => boolean,
  ): Journal | undefined {
    let durable = 0;
    for (const { line } of linesOf(file)) if ('durable' in line) durable = line.durable;
    const present = bootId();
    let believed = 0;
    let boot: string | null = null;
    let journal: Journal | undefined;
    for (const { line, offset, length } of linesOf(file)) {
      if (journal === undefined) {
        if (!('journal' in line)) return undefined;
        requireSame(file.path, line, expected);
        journal = new Journal(file, line);
      } else if ('boot' in line) {
        boot = line.boot;
      } else if ('outcome' in line) {
        const isSafe = offset < durable || (boot !== null && boot === present);
        if (!isSafe || !holds(line)) break;
        journal.#note(line, offset, length);
      }
      believed = offset + length;
    }
    if (journal === undefined) return undefined;
    file.cut(believed);
    // All that is believed of an earlier start is on the disk; the line that said so may be cut off.
    if (boot !== present) file.append(Buffer.from(lineOf({ durable: believed }) + lineOf({ boot: present })));
    return journal;
  }

  /** How many rows are done. */
  get done(): number {
    return this.#done;
  }

  get end(): number {
    return this.#end;
  }

  get length(): number {
    return this.#file.length;
  }

  isDone(place: number): boolean {
    return this.#offsets[place]! >= 0;
  }

  append(entry: JournalEntry): void {
    const line = Buffer.from(lineOf(entry));
    this.#note(entry, this.#file.append(line), line.length);
  }

  /** The line of a row that is done. */
  read(place: number): JournalEntry {
    const text = this.#file.read(this.#offsets[place]!, this.#lengths[place]!).toString();
    const line = parsedLine(text);
    if (line === undefined || !('outcome' in line)) {
      throw new SluiceError(
        'write-failed',
        `${JSON.stringify(this.#file.path)} was changed by others: its line of row ${place} is none.`,
      );
    }
    return line;
  }

  /** Tells that the pictures of the first `length` bytes of lines are on the disk; resolves when that is on the disk itself. */
  async markDurable(length: number): Promise<void> {
    this.#file.append(Buffer.from(lineOf({ durable: length })));
    await this.#file.sync();
  }

  /** Resolves when it is sure that the shard will be finished, whatever comes. */
  async commit(): Promise<void> {
    await this.#file.sync();
    this.#file.append(Buffer.from(COMMITTED));
    await this.#file.sync();
  }

  close(): void {
    this.#file.close();
  }

  #note({ place, stored }: JournalEntry, offset: number, length: number): void {
    if (!this.isDone(place)) this.#done++;
    this.#offsets[place] = offset;
    this.#lengths[place] = length;
    if (stored !== null && stored.end > this.#end) this.#end = stored.end;
  }
}

function requireSame(path: string, found: JournalHeader, expected: JournalHeader): void {
  const of = ({ rows, format, shard }: JournalHeader) => `${rows} rows of shard ${shard} as ${format}`;
  const differs =
    of(found) !== of(expected)
      ? `it is for ${of(found)}, not for ${of(expected)}`
      : found.digest !== expected.digest
        ? 'its options or its list were others'
        : undefined;
  if (differs === undefined) return;
  throw new SluiceError('option-invalid', `${JSON.stringify(path)} is of another run: ${differs}.`);
}

/** The whole lines of a journal, up to the first that is none. */
export function* linesOf(file: Readable): Generator<PlacedLine> {
  let rest: Buffer = Buffer.alloc(0);
  for (let at = 0; ; ) {
    const piece = file.read(at, PIECE_BYTES);
    if (piece.length === 0) return;
    at += piece.length;
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      const line = parsedLine(bytes.toString('utf8', from, end));
      if (line === undefined) return;
      yield { line, offset: at - bytes.length + from, length: end + 1 - from };
      from = end + 1;
    }
    rest = bytes.subarray(from);
  }
}
