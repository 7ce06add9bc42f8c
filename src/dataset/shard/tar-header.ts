import { Header } from 'tar/header';

/** Headers, and what pads contents, come in blocks of so many bytes (POSIX.1-1988, ustar). */
export const BLOCK_BYTES = 512;

/** Where a header has what differs from one member to the next. */
const NAME = { at: 0, length: 100 };
const SIZE = { at: 124, length: 12 };
const CHECKSUM = { at: 148, length: 8 };
/** Ten octal digits. */
const MOST_SIZE = 8 ** 10 - 1;
const SPACE = 0x20;

/** Made once, for that takes longer than to encode it. */
const HEADER = new Header({ type: 'File', mode: 0o644, uid: 0, gid: 0 });

/** A header without name, size and checksum, of one second, and the sum of its bytes. */
interface Form {
  readonly seconds: number;
  readonly block: Buffer;
  readonly sum: number;
}

let form: Form = formOf(0);

/** The header of a member of `size` bytes. Those of one second differ in few bytes: encoding each whole takes longer than taking a picture's structure apart. */
export function headerOf(name: string, size: number, modified: Date): Buffer {
  if (name.length >= NAME.length || size > MOST_SIZE || Buffer.byteLength(name) > name.length)
    return encoded(name, size, modified);
  const seconds = Math.floor(modified.getTime() / 1000);
  if (form.seconds !== seconds) form = formOf(seconds);
  const header = Buffer.from(form.block);
  const sum =
    form.sum + put(header, NAME.at, name) + put(header, SIZE.at, `${octal(size, SIZE.length - 2)} `);
  put(header, CHECKSUM.at, `${octal(sum, CHECKSUM.length - 2)} `);
  return header;
}

function encoded(name: string, size: number, modified: Date): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  HEADER.path = name;
  HEADER.size = size;
  HEADER.mtime = modified;
  HEADER.encode(block);
  return block;
}

function formOf(seconds: number): Form {
  const block = encoded('', 0, new Date(seconds * 1000));
  block.fill(0, SIZE.at, SIZE.at + SIZE.length);
  // It counts as spaces while it is summed up.
  block.fill(SPACE, CHECKSUM.at, CHECKSUM.at + CHECKSUM.length);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.fill(0, CHECKSUM.at, CHECKSUM.at + CHECKSUM.length);
  return { seconds, block, sum };
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** Writes ASCII text, and gives the sum of its bytes. */
function put(block: Buffer, at: number, text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    block[at + i] = code;
    sum += code;
  }
  return sum;
}
