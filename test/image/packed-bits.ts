/** Fields of a JPEG XL codestream, written bit by bit. */

/** A value and in how many bits it is written. */
export type Field = readonly [value: number, bits: number];

/** Bits from the least significant one on; the last byte is filled with zeros. */
export function packed(...written: readonly Field[]): Buffer {
  const bits = written.flatMap(([value, count]) =>
    Array.from({ length: count }, (_, index) => Math.floor(value / 2 ** index) % 2),
  );
  const out = Buffer.alloc(Math.ceil(bits.length / 8));
  bits.forEach((bit, index) => {
    out[index >> 3]! |= bit << (index & 7);
  });
  return out;
}

export const YES: Field = [1, 1];
export const NO: Field = [0, 1];

export function zeros(bits: number): readonly Field[] {
  return Array.from({ length: bits }, () => NO);
}

/** A U32: which of the four ways, then its bits. */
export function way(choice: number, value = 0, bits = 0): readonly Field[] {
  return [
    [choice, 2],
    [value, bits],
  ];
}

export const SIGNATURE = Buffer.from([0xff, 0x0a]);
/** 300 x 280: four groups of 256 x 256. */
export const LARGE = [NO, ...way(0, 279, 9), [0, 3], ...way(0, 299, 9)] as const;
/** 16 x 8, by the ratio 2:1. */
export const SMALL = [YES, [0, 5], [7, 3]] as const;
export const DEFAULT_METADATA = [YES, YES] as const;
/** Regular, VarDCT, XYB, one pass, no crop, replacing; then last or not. */
export const PLAIN_HEADER = [NO, [0, 2], NO, [0, 2], [0, 2], [3, 3], [2, 3], [0, 2], NO, [0, 2]] as const;
/** Neither name nor own filter nor extensions. */
export const HEADER_END = [[0, 2], YES, [0, 2]] as const;
/** The header of a frame that is not the last: it says where it is kept, and whether before the colour transform. */
export const KEPT_HEADER = [...PLAIN_HEADER, NO, [1, 2], YES, ...HEADER_END] as const;
