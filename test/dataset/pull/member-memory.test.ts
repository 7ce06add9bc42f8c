import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { type Foreman, Member } from '../../../src/dataset/pull/member.js';
import { settlePull } from '../../../src/dataset/pull/options.js';
import type { ShardWork } from '../../../src/dataset/pull/shard-work.js';
import type { ListRow } from '../../../src/dataset/row.js';
import { SharedHosts } from '../../../src/dataset/schedule/shared-hosts.js';
import { scratchDirectory } from '../../support/scratch.js';
import { until } from '../../support/until.js';

const SHARDS = 20;
const ROWS = 40;
/** Those that came last may still stand in a frame that waits. */
const MOST_KEPT = 2;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function rowsOf(shard: number): ListRow[] {
  return Array.from({ length: ROWS }, (_, place) => {
    const index = shard * ROWS + place;
    const url = ['no URL', `http://127.0.0.1:2/${index}`, `http://127.1.${shard}.${place}:2/`][place % 3]!;
    return { index, url, caption: null, columns: {} };
  });
}

test('Member keeps none of the shards that are done', async () => {
  const directory = scratchDirectory();
  const settings = settlePull({ list: [], directory, shardSize: ROWS, allow: ['127.0.0.0/8'], retries: 0 });
  const works: WeakRef<object>[] = [];
  const rows: WeakRef<object>[] = [];
  let finished = 0;
  let end: ((work: undefined) => void) | undefined;
  const foreman: Foreman = {
    nextShard() {
      const shard = works.length;
      if (shard === SHARDS)
        return new Promise((resolve) => {
          end = resolve;
        });
      const work: ShardWork = { shard, rows: rowsOf(shard), copies: [] };
      works.push(new WeakRef(work));
      rows.push(...work.rows.map((row) => new WeakRef(row)));
      return Promise.resolve(work);
    },
    shardFinished: () => Promise.resolve(),
    outcome: () => undefined,
    lost: () => undefined,
    finished: () => void finished++,
  };
  const hosts = new SharedHosts(SharedHosts.buffer(settings.hostLimit, Date.now()));
  const ending = { stop: new AbortController().signal, abort: new AbortController().signal };
  const layout = { ...settings.layout, digest: 'digest' };
  const run = new Member({ ...settings, layout }, foreman, hosts, ending).run();
  await until(() => finished === SHARDS && end !== undefined);
  // What is settled is let go of in a later turn.
  await new Promise((resolve) => setTimeout(resolve, 20));
  collect();
  const kept = works.filter((work) => work.deref() !== undefined).length;
  const keptRows = rows.filter((row) => row.deref() !== undefined).length;
  end!(undefined);
  await run;
  expect(kept).toBeLessThanOrEqual(MOST_KEPT);
  expect(keptRows).toBeLessThanOrEqual(MOST_KEPT * ROWS);
});
