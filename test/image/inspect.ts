/** Runs a body through an `ImageInspector` as the wire does, and gathers all that it tells. */

import { readFileSync } from 'node:fs';
import { ImageInspector, type ImageVerdict } from '../../src/image/inspector.js';

export interface Outcome {
  readonly verdict: ImageVerdict;
  readonly type: string | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly bytesSeen: number;
  readonly signatureDecided: boolean;
}

export function outcomeOf(inspector: ImageInspector): Outcome {
  const { width, height, bytesSeen, signatureDecided } = inspector;
  return { verdict: inspector.end(), type: inspector.type?.name, width, height, bytesSeen, signatureDecided };
}

/**
 * Pushes the bytes in chunks that end at `ends`, out of one Buffer that is overwritten after each push, like a
 * connection's receive buffer.
 */
export function inspect(body: Uint8Array, ends: Iterable<number> = [body.length]): Outcome {
  const inspector = new ImageInspector();
  const buffer = Buffer.alloc(body.length);
  let at = 0;
  for (const end of ends) {
    const chunk = buffer.subarray(0, end - at);
    chunk.set(body.subarray(at, end));
    inspector.push(chunk);
    chunk.fill(0xaa);
    at = end;
  }
  return outcomeOf(inspector);
}

/** The reason why a body is not whole; undefined for one that is. */
export function reasonOf(body: Uint8Array): string | undefined {
  const { verdict } = inspect(body);
  return verdict.outcome === 'whole' ? undefined : verdict.reason;
}

export function fixture(name: string): Buffer {
  return readFileSync(new URL(`./fixtures/${name}`, import.meta.url));
}
