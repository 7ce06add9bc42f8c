import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { packingByMagic, packingOf } from './format.js';
import type { Source } from './source.js';
import { unreadable } from './unreadable.js';
import { unpackedZstd } from './zstd.js';

/** One read of a file, and one piece of what is unpacked: a batch of rows is about as large. */
const PIECE = 64 * 1024;

/** The bytes of a list, unpacked. `tell` sees them as they are stored. */
export async function* bytesOf(source: Source, tell: (data: Buffer) => void): AsyncGenerator<Buffer> {
  const { head, stored } = await begun(storedBytes(source, tell));
  const packing = packingByMagic(head);
  const named = packingOf(source.name);
  if (named !== undefined && named !== packing && head.length > 0)
    throw unreadable(source.path ?? source.name, `its name says ${named}, its first bytes do not`);
  if (packing === 'gzip') yield* unpackedGzip(stored);
  else if (packing === 'zstd') yield* unpackedZstd(stored);
  else yield* stored;
}

async function* storedBytes(source: Source, tell: (data: Buffer) => void): AsyncGenerator<Buffer> {
  const stream =
    source.path === null ? process.stdin : createReadStream(source.path, { highWaterMark: PIECE });
  for await (const data of stream) {
    tell(data as Buffer);
    yield data as Buffer;
  }
}

/** Reads until four bytes are there, or the end; what was read is given again. */
async function begun(
  bytes: AsyncGenerator<Buffer>,
): Promise<{ head: Buffer; stored: AsyncGenerator<Buffer> }> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 4) {
    const { value, done } = await bytes.next();
    if (done === true) break;
    head = head.length === 0 ? value : Buffer.concat([head, value]);
  }
  return { head, stored: following(head, bytes) };
}

async function* following(head: Buffer, bytes: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  yield* bytes;
}

async function* unpackedGzip(stored: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  // The failures of either end come out of the iteration.
  const unpacked = pipeline(stored, createGunzip({ chunkSize: PIECE }), () => {});
  for await (const data of unpacked) yield data as Buffer;
}
