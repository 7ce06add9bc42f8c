import type { Work } from './clients/recording.js';
import { LIBRARY, runClient } from './clients.js';
import { inTurn } from './rounds.js';
import type { Row } from './row.js';

const MEBIBYTES = 256;
const RECV_SIZE = 5120;
const TIMES = 2;
const ROUNDS = 9;

/** 256 MiB by receives of 5120 bytes by the library, dropped: every receive kept by a `Recording`, against none. */
export const recording: Row = {
  name: 'recording',
  needs: [],
  async run({ material, origin, client, rounds }) {
    const url = origin + (await material.body(MEBIBYTES));
    const work = { url, module: LIBRARY, recvSize: RECV_SIZE, times: TIMES };
    const contestant = (name: string, record: boolean) => ({
      name,
      run: () => runClient(client('recording'), { ...work, record } satisfies Work),
    });
    const [without, recorded] = await inTurn(rounds(ROUNDS), [
      contestant('without', false),
      contestant('Recording', true),
    ]);
    return {
      claims: [
        {
          work: 'recording, by 5120 bytes',
          ours: recorded!,
          peer: without!,
          target: { kind: 'time', bound: 1.15 },
        },
      ],
    };
  },
};
