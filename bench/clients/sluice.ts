import { readWork, runCrew } from './crew.js';

const work = readWork();
const { retrieve }: typeof import('../../src/index.js') = await import(work.module);

await runCrew(work, async (path) => {
  const { bytes } = await retrieve(work.origin + path, {
    to: 'bytes',
    verify: work.verify,
    addresses: 'any',
  });
  return bytes;
});
