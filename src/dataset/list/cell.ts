import type { Cell } from '../row.js';

/**
 * A value of a list as it is kept: what JSON has no word for becomes a number, a string or null. Whole numbers beyond 2^53 become strings, dates
 * ISO strings, bytes hexadecimal, objects and arrays JSON text; what is no number (NaN, an infinity) becomes null, as it does in JSON.
 * Throws a RangeError for what is nested too deeply to be written.
 */
export function cellOf(value: unknown): Cell {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case 'object':
      if (value === null) return null;
      if (value instanceof Date) return dateText(value);
      if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
      return JSON.stringify(value, inJson);
    default:
      return null;
  }
}

function dateText(date: Date): string | null {
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** A date has become text before it comes here: by its toJSON(). */
function inJson(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' || value instanceof Uint8Array ? cellOf(value) : value;
}
