import { reasonOf } from '../../errors.js';
import type { ListRow } from '../row.js';
import { placesOf, refuseColumns, type Wanted } from './columns.js';
import type { Piece } from './lines.js';
import type { RowMaker } from './row-maker.js';

/**
 * Objects need not have the same members, and writers leave out those that are null: the columns of a list are those of its first so many
 * rows together.
 */
const ROWS_FOR_COLUMNS = 1000;

/** A row's JSON, parsed: its members, or a string that is the URL itself; or why it is neither. */
type Value =
  | { readonly members: Readonly<Record<string, unknown>> }
  | { readonly url: string }
  | { readonly problem: string };

/** The names of the wanted columns as they are in the objects. */
interface Names {
  readonly url: string;
  readonly caption: string | undefined;
  readonly kept: readonly string[];
}

/** Makes rows of JSON texts, one a row: objects, or strings that are URLs. */
export class JsonValues {
  /** The first rows, until the columns are known. */
  #waiting: { place: number; value: Value }[] = [];
  #names: Names | undefined;

  constructor(
    private readonly maker: RowMaker,
    private readonly wanted: Wanted,
    private readonly list: string,
  ) {}

  /** The rows of `pieces`; those before the columns are known are kept back. */
  push(pieces: readonly Piece[]): ListRow[] {
    const rows: ListRow[] = [];
    for (const piece of pieces) {
      const value = parsed(piece);
      if (this.#names !== undefined) {
        rows.push(this.#row(piece.place, value, this.#names));
        continue;
      }
      this.#waiting.push({ place: piece.place, value });
      if (this.#waiting.length === ROWS_FOR_COLUMNS) rows.push(...this.flush());
    }
    return rows;
  }

  /** The rows that were kept back. */
  flush(): ListRow[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length === 0) return [];
    const names = this.#namesAmong(waiting.map(({ value }) => value));
    this.#names = names;
    return waiting.map(({ place, value }) => this.#row(place, value, names));
  }

  #namesAmong(values: readonly Value[]): Names {
    const there = new Set<string>();
    let objects = 0;
    let strings = 0;
    for (const value of values) {
      if ('url' in value) strings++;
      if (!('members' in value)) continue;
      objects++;
      for (const name of Object.keys(value.members)) there.add(name);
    }
    const names = [...there];
    if (objects > 0) {
      const places = placesOf(this.wanted, names, this.list);
      return {
        url: names[places.url]!,
        caption: names[places.caption],
        kept: places.kept.map((index) => names[index]!),
      };
    }
    if (strings > 0) refuseColumns(this.wanted, this.list);
    return { url: this.wanted.url, caption: this.wanted.caption ?? undefined, kept: this.wanted.kept };
  }

  #row(place: number, value: Value, names: Names): ListRow {
    if ('problem' in value) return this.maker.bad(place, value.problem);
    if ('url' in value) return this.maker.row(place, value.url);
    const { members } = value;
    const caption = names.caption === undefined ? null : memberOf(members, names.caption);
    return this.maker.row(
      place,
      memberOf(members, names.url),
      caption,
      names.kept.map((name) => memberOf(members, name)),
    );
  }
}

function parsed({ text, problem }: Piece): Value {
  if (problem !== null) return { problem };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `not valid JSON (${inOneLine(reasonOf(error))})` };
  }
  if (typeof value === 'string') return { url: value };
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return { members: value as Record<string, unknown> };
  return { problem: 'neither an object nor a string' };
}

/** Of its own: every object has a `constructor` that no list gave it. */
function memberOf(members: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

/** V8's reason quotes some of the text. */
function inOneLine(reason: string): string {
  return reason.replace(/ is not valid JSON$/, '').replace(/\s+/g, ' ');
}
