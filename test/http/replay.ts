import { SluiceError } from '../../src/errors.js';
import type { Field } from '../../src/http/fields.js';
import type { Framing } from '../../src/http/framing.js';
import type { HttpLimits } from '../../src/http/limits.js';
import { type ResponseHead, ResponseReader } from '../../src/http/response-reader.js';

/** One head as it was told. */
export interface ToldHead {
  readonly httpVersion: string;
  readonly status: number;
  readonly reason: string;
  readonly framing: Framing;
  readonly headerBytes: number;
  readonly fields: Field[];
}

/** All that a reader told of one reply, the pieces of the body joined. */
export interface Told {
  readonly interims: ToldHead[];
  head: ToldHead | undefined;
  /** Latin-1 text, a character a byte. */
  body: string;
  trailers: Field[] | undefined;
  reusable: boolean;
  excess: number;
  error: { readonly code: string; readonly message: string } | undefined;
}

function toldHead(head: ResponseHead): ToldHead {
  const { httpVersion, status, reason, framing, headerBytes } = head;
  return { httpVersion, status, reason, framing, headerBytes, fields: head.fields.toArray() };
}

/** Cuts `bytes` before each of the ascending indices in `cuts`. */
export function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    pieces.push(bytes.subarray(from, cut));
    from = cut;
  }
  return pieces;
}

/** Cuts `bytes` into pieces of `size`, the last one shorter. */
export function cutEvery(bytes: Buffer, size: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

/** Gives the pieces to a new reader, and the end of the connection if the server `closes`. */
export function replay(
  method: string,
  pieces: readonly Buffer[],
  closes: boolean,
  limits?: HttpLimits,
): Told {
  const told: Told = {
    interims: [],
    head: undefined,
    body: '',
    trailers: undefined,
    reusable: false,
    excess: 0,
    error: undefined,
  };
  const handler = {
    onInterim: (head: ResponseHead) => void told.interims.push(toldHead(head)),
    onHead: (head: ResponseHead) => {
      if (told.head !== undefined) throw new Error('onHead was called twice');
      told.head = toldHead(head);
    },
    onBody: (data: Buffer) => {
      if (data.length === 0) throw new Error('onBody was called with nothing');
      told.body += data.toString('latin1');
    },
    onComplete: (trailers: Iterable<Field>) => {
      if (told.trailers !== undefined) throw new Error('onComplete was called twice');
      told.trailers = [...trailers];
    },
  };
  const reader = new ResponseReader(method, handler, limits);
  try {
    for (const piece of pieces) reader.push(piece);
    if (closes) reader.end();
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    told.error = { code: error.code, message: error.message };
    silentAfterFailure(reader, told);
  }
  if (reader.complete !== (told.trailers !== undefined)) throw new Error('complete without onComplete');
  told.reusable = reader.reusable;
  if (told.error === undefined) told.excess = reader.excess;
  return told;
}

/** A reader that failed once must neither tell nor throw anything again. */
function silentAfterFailure(reader: ResponseReader, told: Told): void {
  const before = JSON.stringify(told);
  reader.push(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  reader.end();
  if (JSON.stringify(told) !== before) throw new Error('the reader told something after it had failed');
}
