import { TextDecoder } from 'node:util';

/**
 * The bytes of a text as UTF-8 without a byte order mark. UTF-16 is recognised by its mark and decoded; an unpaired surrogate becomes
 * U+FFFD. Anything else is taken for UTF-8: what of it is none, the lines will tell.
 */
export async function* asUtf8(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  let decoder: TextDecoder | undefined;
  for await (const data of bytes) {
    let piece = data;
    if (head !== undefined) {
      piece = Buffer.concat([head, data]);
      head = piece.length < 3 ? piece : undefined;
      if (head !== undefined) continue;
      ({ decoder, piece } = unmarked(piece));
    }
    yield decoder === undefined ? piece : Buffer.from(decoder.decode(piece, { stream: true }));
  }
  if (head !== undefined) {
    const { decoder: late, piece } = unmarked(head);
    if (late === undefined) yield piece;
  }
  if (decoder !== undefined) yield Buffer.from(decoder.decode());
}

/** What follows the byte order mark, and what decodes it where it is UTF-16. */
function unmarked(head: Buffer): { piece: Buffer; decoder: TextDecoder | undefined } {
  const [first, second, third] = head;
  if (first === 0xef && second === 0xbb && third === 0xbf)
    return { piece: head.subarray(3), decoder: undefined };
  if (first === 0xff && second === 0xfe)
    return { piece: head.subarray(2), decoder: new TextDecoder('utf-16le') };
  if (first === 0xfe && second === 0xff)
    return { piece: head.subarray(2), decoder: new TextDecoder('utf-16be') };
  return { piece: head, decoder: undefined };
}
