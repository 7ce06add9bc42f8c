import { runCrew, type Work } from './crew.js';
import { ON_LOOPBACK, readWork } from './work.js';

const work = readWork<Work>();
const { retrieve }: typeof import('../../src/index.js') = await import(work.module);
const { verify, sha256 } = work;
const { addresses } = ON_LOOPBACK;

await runCrew(work, async (path) => {
  const { bytes } = await retrieve(work.origin + path, { addresses, to: 'bytes', verify, sha256 });
  return bytes;
});
