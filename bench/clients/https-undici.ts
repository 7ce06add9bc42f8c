import { readFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { gathered } from './gathering.js';
import { addressFor, originOfTurn, type Work } from './origins.js';
import { inLoops, readWork } from './work.js';

const work = readWork<Work>();
const { Agent, buildConnector }: typeof import('undici') = await import(work.module);

const lookup: LookupFunction = (host, { all }, done) => {
  const address = addressFor(host);
  if (all === true) done(null, [{ address, family: 4 }]);
  else done(null, address, 4);
};
// One connector for all origins: the Agent's own would be forgotten, with its sessions, as soon as an origin has no connection. And its default, 100
// sessions, would have lost each by the time that it is asked for.
const connect = buildConnector({
  ca: readFileSync(work.ca, 'utf8'),
  lookup,
  maxCachedSessions: work.origins,
});
const agent = new Agent({ connect });
const path = `${work.path}?undici`;

await inLoops(work.connections, work.origins * work.times, async (turn) => {
  await gathered(agent, path, originOfTurn(turn, work));
});
await agent.close();
