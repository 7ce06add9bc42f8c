/** Small bodies that decode to large ones: one compressed block again and again, so that nobody holds them whole. They lack their end, which nobody is to reach. */

import { constants, createBrotliCompress, deflateRawSync } from 'node:zlib';

const MIB = 1024 * 1024;
const ZEROS = Buffer.alloc(MIB);
/** What a gzip member begins with. */
export const GZIP_HEADER = Buffer.from('1f8b08000000000000ff', 'hex');

/** 1 GiB of zeros in 1 MB of gzip, behind `start` as it is. */
export function gzipBomb(start: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([GZIP_HEADER, flushed(start), ...Array(1024).fill(flushed(ZEROS))]);
}

/** The same in gzip once more: 100 GiB in 240 kB. */
export function nestedGzipBomb(): Buffer {
  const many = Buffer.concat(Array(1024).fill(flushed(ZEROS)));
  return Buffer.concat([GZIP_HEADER, flushed(GZIP_HEADER), ...Array(100).fill(flushed(many))]);
}

/** 1 GiB in 13 kB of Brotli. */
export async function brotliBomb(): Promise<Buffer> {
  const stream = createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
  const block = async (): Promise<Buffer> => {
    stream.write(ZEROS);
    await new Promise<void>((resolve) => stream.flush(() => resolve()));
    return stream.read() as Buffer;
  };
  // The first begins the stream; the second goes on with it, and may do so any number of times.
  const first = await block();
  return Buffer.concat([first, ...Array(1023).fill(await block())]);
}

/** A part of a gzip member that may stand there any number of times: 1 MiB of zeros. */
export function gzipBlock(): Buffer {
  return flushed(ZEROS);
}

/** Ends at a whole byte, and refers to nothing before. */
function flushed(data: Buffer): Buffer {
  return deflateRawSync(data, { finishFlush: constants.Z_FULL_FLUSH });
}
