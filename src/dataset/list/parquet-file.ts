import { open } from 'node:fs/promises';
import type { AsyncBuffer } from 'hyparquet';

/** A file that is read in places, as hyparquet wants it; and its closing. */
export interface PlacedFile extends AsyncBuffer {
  slice(start: number, end?: number): Promise<ArrayBuffer>;
  close(): Promise<void>;
}

/** Opened once, unlike by hyparquet's own: all that is read is of one file, whatever gets its name meanwhile. */
export async function placedFile(path: string): Promise<PlacedFile> {
  const file = await open(path);
  const { size } = await file.stat();
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, at, bytes.length - at, start + at);
        if (bytesRead === 0) throw new Error(`it ends at byte ${start + at}`);
        at += bytesRead;
      }
      return bytes.buffer;
    },
    close: () => file.close(),
  };
}
