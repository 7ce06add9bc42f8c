import { createHash, type Hash } from 'node:crypto';
import type { ListRow } from '../row.js';
import { bytesOf } from './bytes.js';
import type { Wanted } from './columns.js';
import { asUtf8 } from './encoding.js';
import type { ListFormat } from './format.js';
import { identityOf, type ListIdentity, type Read } from './identity.js';
import { type RowCounter, RowMaker } from './row-maker.js';
import { checkUnchanged, type Source, sourcesOf } from './source.js';
import { textReader } from './text-readers.js';
import { readingFailed } from './unreadable.js';

/** How a list is read. */
export interface ListOptions {
  /** The column of the URLs, where the list has columns; default `url`. A name is matched exactly, else without regard to case where one alone fits. */
  readonly urlCol?: string;
  /** The column of the captions; default none. */
  readonly captionCol?: string;
  /** Columns that are kept in the metadata, under the names that are given here; default none. */
  readonly columns?: readonly string[];
  /** Default: what each file's name says, and `txt` for standard input. Of a directory only the files of this format are taken. */
  readonly inputFormat?: ListFormat;
}

/**
 * Opens a list of URLs: files, directories (`sourcesOf` has the rules) or `-` for standard input, one after the other. Nothing is read yet. Rejects with
 * `list-unreadable` where a file is not there or its format unknown, with `option-invalid` where there is no list at all.
 */
export async function openList(sources: readonly string[], options: ListOptions = {}): Promise<List> {
  return new List(await sourcesOf(sources, options.inputFormat), options);
}

/** What tells that a later call has the same list; of standard input nothing is known before it was read (`List.identity`). */
export async function listIdentity(
  sources: readonly string[],
  options: ListOptions = {},
): Promise<ListIdentity> {
  return (await openList(sources, options)).identity();
}

/** An open list. */
export class List {
  readonly #sources: readonly Source[];
  readonly #wanted: Wanted;
  /** What was read to its end of that which can be read only once. */
  readonly #read = new Map<Source, Read>();

  constructor(sources: readonly Source[], options: ListOptions) {
    this.#sources = sources;
    this.#wanted = {
      url: options.urlCol ?? 'url',
      caption: options.captionCol ?? null,
      kept: options.columns ?? [],
    };
  }

  /**
   * The rows, numbered through from 0, in batches: some hundred to some ten thousand, since a step for each row would cost more than the row. Nothing is
   * read ahead of the batch that is asked for. Rejects with `list-unreadable` where a file can't be read on, after the rows before that place. Once
   * only where there is standard input.
   */
  async *rows(): AsyncGenerator<readonly ListRow[], void, void> {
    const counter: RowCounter = { next: 0 };
    for (const source of this.#sources) {
      const first = counter.next;
      try {
        for await (const rows of this.#rowsOf(source, counter)) if (rows.length > 0) yield rows;
        await checkUnchanged(source);
      } catch (error) {
        throw readingFailed(source.path ?? source.name, counter.next - first, error);
      }
    }
  }

  /** What tells that a later call has the same list; of standard input it is known once it was read to its end. */
  identity(): ListIdentity {
    return identityOf(this.#sources, this.#wanted, this.#read);
  }

  async *#rowsOf(source: Source, counter: RowCounter): AsyncGenerator<readonly ListRow[]> {
    if (source.format === 'parquet') {
      // Only here: it is most of what a list can need.
      const { parquetRows } = await import('./parquet.js');
      yield* parquetRows(
        source.path!,
        this.#wanted,
        new RowMaker(counter, source.name, 'row', this.#wanted.kept),
      );
      return;
    }
    const reader = textReader(source.format, source.path ?? source.name, source.name, this.#wanted, counter);
    try {
      for await (const data of asUtf8(this.#bytesOf(source))) yield reader.push(data);
      yield reader.end();
    } catch (error) {
      yield reader.broken();
      throw error;
    }
  }

  async *#bytesOf(source: Source): AsyncGenerator<Buffer> {
    const hash: Hash | undefined = source.stored === null ? createHash('sha256') : undefined;
    let size = 0;
    yield* bytesOf(source, (data) => {
      size += data.length;
      hash?.update(data);
    });
    if (hash !== undefined) this.#read.set(source, { size, sha256: hash.digest('hex') });
  }
}
