import { runCrew, type Work } from './crew.js';
import { readWork } from './work.js';

const work = readWork<Work>();

await runCrew(work, async (path) => {
  const response = await fetch(work.origin + path);
  if (response.status !== 200) throw new Error(`${path} was answered with status ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
});
