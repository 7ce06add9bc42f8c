import type { Work } from './clients/crew.js';
import { LIBRARY, runClient, UNDICI } from './clients.js';
import { type Contestant, inTurn } from './rounds.js';
import type { Row, Setting } from './row.js';

const PICTURES = 10_000;
const WARM_UP = 2_000;
const CONNECTIONS = 64;
const ROUNDS = 7;

/** 10,000 JPEGs of 36 kB by the library over 64 connections, each body gathered in memory: against undici's `dispatch` and Node's own `fetch`. */
export const pictures: Row = {
  name: 'pictures',
  needs: [],
  async run(setting) {
    const { client } = setting;
    const work = await workFor(setting);
    const contestant = (name: string, program: string, more: Partial<Work>): Contestant => ({
      name,
      run: () => runClient(program, { ...work, ...more }),
    });
    const [undici, fetch, verified, unverified, socket] = await inTurn(setting.rounds(ROUNDS), [
      contestant('undici dispatch', client('undici'), { module: UNDICI }),
      contestant('fetch', client('fetch'), {}),
      contestant('retrieve', client('sluice'), {}),
      contestant('retrieve', client('sluice'), { verify: 'none' }),
      contestant('bare socket', client('socket'), {}),
    ]);
    const timesUndici = { kind: 'speed', bound: 2.2 } as const;
    const timesFetch = { kind: 'speed', bound: 7 } as const;
    return {
      claims: [
        { work: 'pictures, verified', ours: verified!, peer: undici!, target: timesUndici },
        { work: 'pictures, verified', ours: verified!, peer: fetch!, target: timesFetch },
        { work: 'pictures, verify none', ours: unverified!, peer: undici!, target: timesUndici },
        { work: 'pictures, verify none', ours: unverified!, peer: fetch!, target: timesFetch },
        // What no client on Node's sockets can surpass: whether the targets above can be met at all.
        { work: 'pictures, the limit', ours: socket!, peer: undici!, target: timesUndici },
        { work: 'pictures, the limit', ours: socket!, peer: fetch!, target: timesFetch },
      ],
    };
  },
};

/** The work of a client that is to retrieve these pictures by the library. */
export async function workFor({ material, origin }: Setting): Promise<Work> {
  const { count, sizes } = await material.pictures();
  return {
    origin,
    pictures: PICTURES,
    warmUp: WARM_UP,
    connections: CONNECTIONS,
    sizes,
    names: count,
    module: LIBRARY,
  };
}
