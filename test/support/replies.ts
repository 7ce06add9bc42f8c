/** Bytes of replies. */

import type { Field } from '../../src/http/fields.js';

interface Parts {
  readonly status?: string;
  readonly version?: string;
  readonly fields?: readonly Field[];
}

/** A head with its blank line. */
export function head({ status = '200 OK', version = 'HTTP/1.1', fields = [] }: Parts = {}): string {
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `${version} ${status}\r\n${lines}\r\n`;
}

/** A reply with Content-Length. */
export function reply(body: Buffer | string, parts: Parts = {}): Buffer {
  const bytes = Buffer.from(body as string);
  const fields: Field[] = [...(parts.fields ?? []), ['Content-Length', String(bytes.length)]];
  return Buffer.concat([Buffer.from(head({ ...parts, fields }), 'latin1'), bytes]);
}

/** A reply with Content-Length and a Content-Type. */
export function typed(body: Buffer | string, contentType: string, fields: readonly Field[] = []): Buffer {
  return reply(body, { fields: [['Content-Type', contentType], ...fields] });
}

/** A chunked reply, one chunk a piece. */
export function chunked(pieces: readonly (Buffer | string)[], fields: readonly Field[] = []): Buffer {
  const parts: Buffer[] = [
    Buffer.from(head({ fields: [...fields, ['Transfer-Encoding', 'chunked']] }), 'latin1'),
  ];
  for (const piece of pieces) {
    const bytes = Buffer.from(piece as string);
    parts.push(Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

/** A redirect without a body. */
export function redirect(location: string, status = '302 Found', fields: readonly Field[] = []): Buffer {
  const text = head({ status, fields: [['Location', location], ...fields, ['Content-Length', '0']] });
  return Buffer.from(text, 'latin1');
}
