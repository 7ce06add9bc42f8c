/** Pictures to serve. */

import { readFileSync } from 'node:fs';

/** A picture of `test/image/fixtures`. */
export function picture(name: string): Buffer {
  return readFileSync(new URL(`../image/fixtures/${name}`, import.meta.url));
}

/** A JPEG of 70 x 46 pixels. */
export const SMALL_JPEG = picture('jpeg-baseline-70x46.jpg');

/** The longest data of one segment: its length field counts itself, too. */
const SEGMENT_BYTES = 65_533;

/** A well-formed JPEG of exactly `bytes` bytes: the small one with comments (COM segments) after SOI. */
export function jpegOf(bytes: number): Buffer {
  const comments: Buffer[] = [];
  let room = bytes - SMALL_JPEG.length;
  while (room > 0) {
    // Never leaves fewer bytes than the four that an empty comment takes.
    let data = Math.min(room - 4, SEGMENT_BYTES);
    const left = room - 4 - data;
    if (left > 0 && left < 4) data -= 4;
    if (data < 0) throw new RangeError(`no JPEG of ${bytes} bytes can be made of comments`);
    const comment = Buffer.alloc(4 + data);
    for (let i = 4; i < comment.length; i++) comment[i] = (i * 31 + comments.length) % 251;
    comment.writeUInt16BE(0xfffe, 0);
    comment.writeUInt16BE(data + 2, 2);
    comments.push(comment);
    room -= comment.length;
  }
  return Buffer.concat([SMALL_JPEG.subarray(0, 2), ...comments, SMALL_JPEG.subarray(2)]);
}
