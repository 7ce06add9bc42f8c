import { runCrew, type Work } from './crew.js';
import { gathered } from './gathering.js';
import { readWork } from './work.js';

const work = readWork<Work>();
const { Pool }: typeof import('undici') = await import(work.module);
const pool = new Pool(work.origin, { connections: work.connections, pipelining: 1 });

await runCrew(work, (path) => gathered(pool, path));
await pool.close();
