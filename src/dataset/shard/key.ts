/**
 * Names of shards and keys of rows, as img2dataset has them: a key is the shard's number and the row's place in the shard, side by side.
 * They follow from the row's place in the list alone, so that they are the same at every run.
 */

/** How many digits each half of a key has. */
export interface KeyDigits {
  readonly shard: number;
  readonly place: number;
}

const LEAST_SHARD_DIGITS = 5;

/** The digits of a data set with `shardSize` rows a shard; of the shard's number more than five only where so many shards are known of. */
export function keyDigits(shardSize: number, shards = 1): KeyDigits {
  return { shard: Math.max(LEAST_SHARD_DIGITS, String(shards - 1).length), place: orderOf(shardSize) };
}

/** `00012` of `00012.tar`. A number with more digits than that keeps them all. */
export function shardName(shard: number, digits: KeyDigits): string {
  return String(shard).padStart(digits.shard, '0');
}

/** `000120345`: the row at `place`, counted from 0, of shard 12. */
export function keyOf(shard: number, place: number, digits: KeyDigits): string {
  const name = shardName(shard, digits);
  return digits.place === 0 ? name : name + String(place).padStart(digits.place, '0');
}

/** The two halves of a key again. */
export function placeOf(key: string, digits: KeyDigits): { readonly shard: number; readonly place: number } {
  const at = key.length - digits.place;
  return { shard: Number(key.slice(0, at)), place: Number(key.slice(at)) };
}

/** ceil(log10(n)), without the rounding of a logarithm: shards of one row need no digit for it. */
function orderOf(n: number): number {
  return String(n - 1).length - (n === 1 ? 1 : 0);
}
