import { runClient } from './clients.js';
import { workFor } from './pictures.js';
import { type Contestant, inTurn } from './rounds.js';
import type { Row } from './row.js';

const ROUNDS = 9;

/** The pictures of the row `pictures`, verified, with the SHA-256 of each: against the same without. */
export const digests: Row = {
  name: 'digests',
  needs: [],
  async run(setting) {
    const work = await workFor(setting);
    const contestant = (name: string, sha256: boolean): Contestant => ({
      name,
      run: () => runClient(setting.client('sluice'), { ...work, sha256 }),
    });
    const [without, digested] = await inTurn(setting.rounds(ROUNDS), [
      contestant('without', false),
      contestant('sha256', true),
    ]);
    return {
      claims: [
        {
          work: 'pictures, with sha256',
          ours: digested!,
          peer: without!,
          target: { kind: 'speed', bound: 0.7 },
        },
      ],
    };
  },
};
