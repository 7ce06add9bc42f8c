/**
 * The type of a list's column in the table. A parquet column has one type; where the list does not tell it, it is the narrowest that
 * holds every value of the shard as it is, and text where there is none.
 */

import type { Cell } from '../row.js';

export type CellType = 'boolean' | 'int64' | 'double' | 'string';

/** What a column's values are so far. `integer`: integers that a double holds too. */
export type CellKind = CellType | 'integer';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** The narrowest kind that holds what `kind` holds, and `cell`; undefined as long as there were only nulls. */
export function widened(kind: CellKind | undefined, cell: Cell): CellKind | undefined {
  const own = kindOf(cell);
  if (own === undefined || own === kind) return kind;
  if (kind === undefined) return own;
  if (own === 'integer' || kind === 'integer') {
    const other = own === 'integer' ? kind : own;
    if (other === 'int64' || other === 'double') return other;
  }
  return 'string';
}

/** `cell` as a value of `type`, which holds it. */
export function asType(type: CellType, cell: Cell): Cell {
  if (cell === null) return null;
  if (type === 'int64') return BigInt(cell);
  if (type === 'double') return Number(cell);
  return type === 'string' ? String(cell) : cell;
}

function kindOf(cell: Cell): CellKind | undefined {
  switch (typeof cell) {
    case 'boolean':
      return 'boolean';
    case 'string':
      return 'string';
    case 'number':
      return Number.isSafeInteger(cell) ? 'integer' : 'double';
    case 'bigint':
      if (Number.isSafeInteger(Number(cell))) return 'integer';
      return cell >= INT64_MIN && cell <= INT64_MAX ? 'int64' : 'string';
    default:
      return undefined;
  }
}
