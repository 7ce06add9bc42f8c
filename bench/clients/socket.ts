import { BareSocket } from './bare-socket.js';
import { runCrew, type Work } from './crew.js';
import { readWork } from './work.js';

const work = readWork<Work>();
const server = new URL(work.origin);

const idle = Array.from({ length: work.connections }, () => new BareSocket(server));

await runCrew(work, async (path) => {
  const socket = idle.pop()!;
  const body = await socket.get(path);
  idle.push(socket);
  return body;
});
process.exit(0);
