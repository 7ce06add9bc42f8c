import type { ListRow } from '../row.js';
import { type CellKind, widened } from './cell-type.js';
import { type Column, type ColumnType, cellOf } from './columns.js';
import type { ListColumn } from './layout.js';

/** The types of the list's columns: what the list tells, and its values. */
export class ListTypes {
  readonly #kinds = new Map<string, CellKind>();

  constructor(private readonly columns: readonly ListColumn[]) {
    for (const { name, type } of columns) if (type !== undefined) this.#kinds.set(name, type);
  }

  add(row: ListRow): void {
    for (const { name } of this.columns) {
      const kind = widened(this.#kinds.get(name), cellOf(row, name));
      if (kind !== undefined) this.#kinds.set(name, kind);
    }
  }

  /** Text where all values were null. */
  of({ type, listName }: Column): ColumnType {
    const kind = type ?? this.#kinds.get(listName ?? '') ?? 'string';
    return kind === 'integer' ? 'int64' : kind;
  }
}
