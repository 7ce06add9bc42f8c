/** A server of one body with a strong ETag that answers ranges, and breaks off where it is told to. */

import type { Field } from '../../src/http/fields.js';
import { type RawServer, rawServer } from './raw-server.js';
import { head, reply } from './replies.js';

export interface RangeServer {
  readonly body: Buffer;
  readonly contentType?: string;
  /** Default `"one"`. */
  readonly etag?: string;
  /** After how many bytes of its body the reply number `n` (from 0) breaks off; undefined: it is whole. */
  readonly cutAfter?: (n: number) => number | undefined;
  /** Answers request number `n` in another way; undefined: in this one. */
  readonly instead?: (n: number, request: string, range: AskedRange | undefined) => Buffer | undefined;
}

/** What a request asks for. */
export interface AskedRange {
  readonly from: number;
  readonly ifRange: string | undefined;
}

/** Starts it. A connection is closed after a reply that breaks off. */
export async function rangeServer(how: RangeServer): Promise<RawServer> {
  let count = 0;
  return await rawServer(async ({ socket, request }) => {
    for (let asked = await request(); asked !== undefined; asked = await request()) {
      const n = count++;
      const bytes = how.instead?.(n, asked, askedRange(asked)) ?? answer(how, asked);
      const cut = how.cutAfter?.(n);
      if (cut === undefined) socket.write(bytes);
      else socket.end(bytes.subarray(0, bytes.indexOf('\r\n\r\n') + 4 + cut));
    }
  });
}

/** The range that a request asks for. */
export function askedRange(request: string): AskedRange | undefined {
  const from = /^range: bytes=(\d+)-\r$/im.exec(request)?.[1];
  if (from === undefined) return undefined;
  return { from: Number(from), ifRange: /^if-range: (.*)\r$/im.exec(request)?.[1] };
}

/** A 206 with the bytes from `from` on. */
export function part(body: Buffer, from: number, fields: readonly Field[] = []): Buffer {
  const range = `bytes ${from}-${body.length - 1}/${body.length}`;
  return reply(body.subarray(from), {
    status: '206 Partial Content',
    fields: [['Content-Range', range], ...fields],
  });
}

function answer({ body, etag = '"one"', contentType = 'image/jpeg' }: RangeServer, request: string): Buffer {
  const fields: Field[] = [
    ['Content-Type', contentType],
    ['ETag', etag],
  ];
  const range = askedRange(request);
  if (range === undefined || (range.ifRange !== undefined && range.ifRange !== etag))
    return reply(body, { fields });
  if (range.from < body.length) return part(body, range.from, fields);
  const unsatisfied: Field[] = [
    ...fields,
    ['Content-Range', `bytes */${body.length}`],
    ['Content-Length', '0'],
  ];
  return Buffer.from(head({ status: '416 Range Not Satisfiable', fields: unsatisfied }), 'latin1');
}
