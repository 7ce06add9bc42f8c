import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { BareSocket } from './bare-socket.js';
import { inLoops, readWork } from './work.js';

/** Which pictures to retrieve, and where to. */
export interface Work {
  readonly origin: string;
  /** `/pictures/0.jpg` up to this, exclusive. */
  readonly pictures: number;
  readonly connections: number;
  /** All bodies are written to it, one after the other. */
  readonly file: string;
}

const work = readWork<Work>();
const server = new URL(work.origin);

/**
 * The least that one thread of Node can do for a list of pictures: each received whole by a bare socket, its SHA-256 taken, and appended to one file.
 * No metadata, nothing that could be gone on with.
 */
const idle = Array.from({ length: work.connections }, () => new BareSocket(server));
const file = openSync(work.file, 'wx');
await inLoops(work.connections, work.pictures, async (n) => {
  const socket = idle.pop()!;
  const body = await socket.get(`/pictures/${n}.jpg`);
  idle.push(socket);
  createHash('sha256').update(body).digest('hex');
  writeSync(file, body);
});
closeSync(file);
for (const socket of idle) socket.close();
