import { Header } from 'tar/header';
import { BLOCK_BYTES, headerOf } from './tar-header.js';

/** What an archive ends with. */
export const END_OF_ARCHIVE = Buffer.alloc(2 * BLOCK_BYTES);

/** What tar calls one of its files. */
export interface Member {
  readonly name: string;
  /** Where its contents begin, in bytes. */
  readonly offset: number;
  readonly length: number;
}

const PADDING = Buffer.alloc(BLOCK_BYTES);

/** The bytes of a member: header, contents, and padding up to the next block. */
export function memberBytes(name: string, contents: Uint8Array, modified: Date): readonly Uint8Array[] {
  return [
    headerOf(name, contents.length, modified),
    contents,
    PADDING.subarray(0, paddingOf(contents.length)),
  ];
}

/** The members of an archive of such bytes, in order; reads their headers only. */
export function* membersOf(read: (offset: number, length: number) => Buffer): Generator<Member> {
  for (let at = 0; ; ) {
    const member = memberIn(read(at, BLOCK_BYTES), at);
    if (member === undefined) return;
    yield member;
    at = endOf(member);
  }
}

/** The member whose header, at `offset` of its archive, `block` is; undefined where it is none. */
export function memberIn(block: Buffer, offset: number): Member | undefined {
  if (block.length < BLOCK_BYTES) return undefined;
  const { path, size, cksumValid } = new Header(block);
  if (!cksumValid || path === undefined || size === undefined) return undefined;
  return { name: path, offset: offset + BLOCK_BYTES, length: size };
}

/** How long the archive is up to and with a member. */
export function endOf({ offset, length }: Member): number {
  return offset + length + paddingOf(length);
}

function paddingOf(length: number): number {
  return -length & (BLOCK_BYTES - 1);
}
