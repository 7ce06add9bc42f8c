import { unreadable } from './unreadable.js';

/** The columns that were asked for, by the names that the caller has for them. */
export interface Wanted {
  readonly url: string;
  /** Null: none. */
  readonly caption: string | null;
  /** Kept in the metadata under these names. */
  readonly kept: readonly string[];
}

/** Where the wanted columns stand among those of one file: indices. */
export interface Places {
  readonly url: number;
  /** -1: none. */
  readonly caption: number;
  readonly kept: readonly number[];
}

/** As many names are told where one is not there. */
const MOST_NAMES = 20;

/** Longer names are cut where they are told. */
const MOST_CHARACTERS = 60;

/**
 * Finds the wanted columns among `names`, those of the list `list`: one of exactly that name, else the only one that differs by case and white space around it
 * alone. Throws `list-unreadable` where there is none, or more than one.
 */
export function placesOf(wanted: Wanted, names: readonly string[], list: string): Places {
  const exact = placesBy(names, (name) => name);
  const loose = placesBy(names, looseName);
  const find = (name: string): number => {
    const found = exact.get(name) ?? loose.get(looseName(name)) ?? [];
    if (found.length === 1) return found[0]!;
    throw unreadable(
      list,
      found.length === 0
        ? `it has no column ${told(name)}; it has ${toldAll(names)}`
        : `it has ${found.length} columns ${told(name)}`,
    );
  };
  return {
    url: find(wanted.url),
    caption: wanted.caption === null ? -1 : find(wanted.caption),
    kept: wanted.kept.map(find),
  };
}

/** Throws `list-unreadable` where a column is asked for of a list that has none: each row is a URL and no more. */
export function refuseColumns(wanted: Wanted, list: string): void {
  const [name] = wanted.caption === null ? wanted.kept : [wanted.caption, ...wanted.kept];
  if (name === undefined) return;
  throw unreadable(
    list,
    `it is a list of URLs alone, without a column ${told(name)}; if it is in another format, say so with --input-format`,
  );
}

function placesBy(names: readonly string[], keyOf: (name: string) => string): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [index, name] of names.entries()) {
    const key = keyOf(name);
    const there = places.get(key);
    if (there === undefined) places.set(key, [index]);
    else there.push(index);
  }
  return places;
}

function looseName(name: string): string {
  return name.trim().toLowerCase();
}

function told(name: string): string {
  return JSON.stringify(name.length > MOST_CHARACTERS ? `${name.slice(0, MOST_CHARACTERS)}...` : name);
}

function toldAll(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const shown = names.slice(0, MOST_NAMES).map(told).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}
