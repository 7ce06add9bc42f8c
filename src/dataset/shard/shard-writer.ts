import type { Outcome, Picture } from '../outcome.js';
import { BackgroundSync } from './background-sync.js';
import { columnsOf, metadataJson } from './columns.js';
import type { Counts } from './counts.js';
import type { DataPart } from './data-part.js';
import { FORMATS } from './formats.js';
import type { Journal } from './journal.js';
import type { JournalEntry, StoredPicture } from './journal-line.js';
import { keyOf } from './key.js';
import { digitsOf, type Layout, partOf, type ShardPaths } from './layout.js';
import { publishing, syncNames } from './publish.js';
import { Messages, type ShardSummary, writeStats } from './stats.js';
import { writeTable } from './table-writer.js';

/** A row that was stored. */
export interface Stored {
  readonly key: string;
  /** Where its picture lies, for `PictureReader`; null where it has none. */
  readonly picture: StoredPicture | null;
}

/** An open shard. Rows are stored in any order, each once; a place is a row's index in the shard, from 0. */
export interface ShardWriter {
  readonly shard: number;
  readonly rows: number;
  /** How many rows are not done. */
  readonly left: number;
  isDone(place: number): boolean;
  /** What became of a row that is done. */
  outcomeAt(place: number): Outcome;
  /** What became of the rows that are done. */
  summary(): ShardSummary;
  /**
   * Stores what became of a row, with its picture where it succeeded. When it has resolved, no kill can undo it; a slow disk makes it wait. Rejects with
   * `write-failed`, and so does everything after that but `abandon`: the shard can be opened again when there is room.
   */
  store(outcome: Outcome, picture: Picture | undefined): Promise<Stored>;
  /** Gives the whole shard its names; every row has to be done. Rejects with `write-failed`, like `store`. */
  finish(): Promise<ShardSummary>;
  /** Closes it as it is, after a failure too, to be gone on with by `openShard`. Does nothing to a finished one. */
  abandon(): Promise<void>;
}

export class OpenShard implements ShardWriter {
  readonly #json: ReturnType<typeof metadataJson>;
  readonly #sync = new BackgroundSync(() => this.#makeDurable());
  /** What it can't go on after: a failure, or its end. */
  #over: unknown;

  constructor(
    private readonly paths: ShardPaths,
    private readonly layout: Layout,
    private readonly part: DataPart,
    private readonly journal: Journal,
    /** Of the rows that the journal tells of. */
    private readonly counts: Counts,
  ) {
    this.#json = metadataJson(columnsOf(layout));
  }

  get shard(): number {
    return this.journal.header.shard;
  }

  get rows(): number {
    return this.journal.header.rows;
  }

  get left(): number {
    return this.rows - this.journal.done;
  }

  isDone(place: number): boolean {
    return this.journal.isDone(place);
  }

  outcomeAt(place: number): Outcome {
    return this.journal.read(place).outcome;
  }

  summary(): ShardSummary {
    return this.counts.tally.summary(this.journal.header.began);
  }

  async store(outcome: Outcome, picture: Picture | undefined): Promise<Stored> {
    this.#requireOpen();
    const place = this.#placeOf(outcome, picture);
    const key = keyOf(this.shard, place, digitsOf(this.layout));
    try {
      const stored = picture === undefined ? null : this.part.put(this.#entryOf(key, outcome, picture));
      this.journal.append({ place, outcome, stored });
      this.counts.add(outcome);
      const behind = this.#sync.wrote(picture?.bytes.length ?? 0);
      if (behind !== undefined) await behind;
      return { key, picture: stored };
    } catch (error) {
      this.#over = error;
      throw error;
    }
  }

  async finish(): Promise<ShardSummary> {
    const summary = this.summary();
    for await (const _ of this.finishing(summary));
    return summary;
  }

  /** Finishes it, and yields after each step. */
  async *finishing(summary = this.summary()): AsyncGenerator<string> {
    this.#requireOpen();
    if (this.left > 0) throw new RangeError(`shard ${this.shard} has ${this.left} rows that are not done`);
    const { paths, journal, part } = this;
    try {
      await this.#sync.settled();
      await part.complete();
      yield 'pictures whole';
      const messages = new Messages();
      await writeTable(partOf(paths.table), {
        shard: this.shard,
        layout: this.layout,
        types: this.counts.types,
        entries: this.#entries(messages),
        read: part.read?.bind(part),
      });
      yield 'table written';
      await writeStats(partOf(paths.stats), summary, messages);
      yield 'stats written';
      await syncNames(paths);
      await journal.commit();
      yield 'committed';
      yield* publishing(paths, FORMATS[this.layout.format]);
    } catch (error) {
      this.#over = error;
      throw error;
    }
    this.#close('finished');
  }

  async abandon(): Promise<void> {
    const told = this.#over;
    if (told === undefined) this.#over = new Error(`shard ${this.shard} was abandoned`);
    try {
      await this.#sync.settled();
    } catch (error) {
      if (told === undefined) throw error;
    } finally {
      this.#close('abandoned');
    }
  }

  /** Every row in the order of the list. */
  *#entries(messages: Messages): Generator<JournalEntry> {
    for (let place = 0; place < this.rows; place++) {
      const entry = this.journal.read(place);
      messages.add(entry.outcome);
      yield entry;
    }
  }

  #entryOf(key: string, outcome: Outcome, picture: Picture) {
    // As img2dataset does it: where there are captions, every picture has a text, if an empty one.
    const caption = this.layout.captions ? (outcome.row.caption ?? '') : null;
    return { key, picture, caption, json: this.#json(outcome, key) };
  }

  async #makeDurable(): Promise<void> {
    const { length } = this.journal;
    await this.part.sync();
    await this.journal.markDurable(length);
  }

  #placeOf({ row, status }: Outcome, picture: Picture | undefined): number {
    const place = row.index - this.shard * this.layout.shardSize;
    if (!(place >= 0 && place < this.rows))
      throw new RangeError(`row ${row.index} is not of shard ${this.shard}`);
    if (this.isDone(place)) throw new RangeError(`row ${row.index} is stored already`);
    if ((status === 'success') !== (picture !== undefined))
      throw new TypeError(`row ${row.index}, ${status}, has ${picture ? 'a' : 'no'} picture`);
    return place;
  }

  #requireOpen(): void {
    if (this.#over !== undefined) throw this.#over;
  }

  #close(how: string): void {
    this.#over ??= new Error(`shard ${this.shard} was ${how}`);
    this.part.close();
    this.journal.close();
  }
}
