import { Decompress, ZstdErrorCode } from 'fzstd';

/** What is unpacked at once: a block of four bytes may stand for 128 KiB. */
const SLICE = 1024;

/**
 * The content of zstd frames (RFC 8878), one after the other. By fzstd: Node's own, from 22.15 on, leaves out all frames but the first, which is how
 * pzstd and appending write, and takes one that is cut short for whole. Checksums are not checked.
 */
export async function* unpackedZstd(stored: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const unpacked: Buffer[] = [];
  const decompress = new Decompress((data) => {
    if (data.length > 0) unpacked.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  });
  function* push(data: Uint8Array, final: boolean): Generator<Buffer> {
    let failure: Error | undefined;
    try {
      decompress.push(data, final);
    } catch (error) {
      failure = unpackingFailed(error);
    }
    // Also before a failure: what comes before it is good.
    yield* unpacked.splice(0);
    if (failure !== undefined) throw failure;
  }
  for await (const data of stored) {
    for (let at = 0; at < data.length; at += SLICE) yield* push(data.subarray(at, at + SLICE), false);
  }
  yield* push(new Uint8Array(0), true);
}

function unpackingFailed(error: unknown): Error {
  const isCut = error instanceof Error && 'code' in error && error.code === ZstdErrorCode.UnexpectedEOF;
  return new Error(`its compressed data is ${isCut ? 'cut short' : 'damaged'}`, { cause: error });
}
