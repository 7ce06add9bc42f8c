import { rename } from 'node:fs/promises';
import { SluiceError } from '../../errors.js';
import { syncDirectory } from '../../save/sync.js';
import { writeFailed } from '../../save/write-failed.js';
import type { Outcome } from '../outcome.js';
import { Counts } from './counts.js';
import type { DataPart } from './data-part.js';
import { FORMATS } from './formats.js';
import { Journal } from './journal.js';
import type { JournalHeader } from './journal-line.js';
import { keyOf, placeOf } from './key.js';
import { digitsOf, type Layout, partOf, type ShardPaths, shardPaths } from './layout.js';
import { outcomesIn } from './outcomes.js';
import { discardLeftovers, publishing } from './publish.js';
import { OpenShard, type ShardWriter } from './shard-writer.js';
import { readStats, type ShardSummary } from './stats.js';
import type { WantedFailures } from './wanted-failures.js';

/** A shard is either to be worked on, or finished. */
export type OpenedShard =
  | { readonly writer: ShardWriter; readonly finished?: undefined }
  | { readonly writer?: undefined; readonly finished: ShardSummary };

/**
 * Opens shard `shard` of a data set: begins it, or goes on with it where a run left it, however that ended. The directory has to be there. Throws `write-failed`, and
 * `option-invalid` where what lies there is of another run.
 */
export async function openShard(
  directory: string,
  shard: number,
  rows: number,
  layout: Layout,
): Promise<OpenedShard> {
  const paths = shardPaths(directory, shard, layout);
  const header = headerOf(shard, rows, layout);
  if (Journal.isCommitted(paths.journal)) {
    for await (const _ of publishing(paths, FORMATS[layout.format]));
  } else {
    const writer = resumed(paths, header, layout);
    if (writer !== undefined) return { writer };
  }
  await discardLeftovers(paths, FORMATS[layout.format]);
  const finished = readStats(paths.stats);
  if (finished !== undefined) return { finished };
  const journal = Journal.create(paths.journal, header);
  try {
    const part = FORMATS[layout.format].open(paths);
    return { writer: new OpenShard(paths, layout, part, journal, new Counts(layout)) };
  } catch (error) {
    journal.close();
    throw error;
  }
}

/**
 * Opens a finished shard again for those of its failures that are wanted: they are then not done, and everything else is. Undefined where it has none. The finished shard stays as it is until the new one is whole. One that is open is gone on with as it is.
 */
export async function reopenShard(
  directory: string,
  shard: number,
  rows: number,
  layout: Layout,
  wanted: WantedFailures,
): Promise<ShardWriter | undefined> {
  const { writer, finished } = await openShard(directory, shard, rows, layout);
  if (writer !== undefined) return writer;
  const paths = shardPaths(directory, shard, layout);
  const among = wanted.among(Object.keys(finished.codes));
  if (among === 'none') return undefined;
  if (among === 'perhaps' && !(await hasAny(paths, shard, layout, wanted))) return undefined;
  const isKept = (outcome: Outcome) => !wanted.has(outcome);
  return await adopted(paths, headerOf(shard, rows, layout), layout, isKept);
}

async function hasAny(
  { table }: ShardPaths,
  shard: number,
  layout: Layout,
  wanted: WantedFailures,
): Promise<boolean> {
  for await (const [, outcome] of outcomesIn(table, shard, layout)) if (wanted.has(outcome)) return true;
  return false;
}

/** The shard that a journal tells of, if one does. */
function resumed(paths: ShardPaths, header: JournalHeader, layout: Layout): OpenShard | undefined {
  const { shard } = header;
  const digits = digitsOf(layout);
  const counts = new Counts(layout);
  let part: DataPart | undefined;
  let journal: Journal | undefined;
  const opened = () => {
    part ??= FORMATS[layout.format].open(paths);
    return part;
  };
  try {
    journal = Journal.open(paths.journal, header, ({ place, outcome, stored }) => {
      if (stored !== null && !opened().holds(keyOf(shard, place, digits), stored)) return false;
      counts.add(outcome);
      return true;
    });
    if (journal === undefined) return undefined;
    const found = journal;
    opened().cut(found.end, (key) => found.isDone(placeOf(key, digits).place));
    return new OpenShard(paths, layout, opened(), found, counts);
  } catch (error) {
    part?.close();
    journal?.close();
    throw error;
  }
}

/** The finished shard again, with the rows that `isKept` says yes to. */
async function adopted(
  paths: ShardPaths,
  header: JournalHeader,
  layout: Layout,
  isKept: (outcome: Outcome) => boolean,
): Promise<OpenShard> {
  const { shard } = header;
  const digits = digitsOf(layout);
  const counts = new Counts(layout);
  const { part, find } = await FORMATS[layout.format].adopt(paths, layout);
  // It gets its name when it tells of all that is kept: until then the shard is the finished one.
  let journal: Journal | undefined;
  try {
    journal = Journal.create(partOf(paths.journal), header);
    for await (const [place, outcome] of outcomesIn(paths.table, shard, layout)) {
      if (!isKept(outcome)) continue;
      const stored = outcome.status === 'success' ? find(keyOf(shard, place, digits)) : null;
      // A picture that somebody took away is fetched again.
      if (stored === undefined) continue;
      journal.append({ place, outcome, stored });
      counts.add(outcome);
    }
    await part.sync();
    await journal.markDurable(journal.length);
    await rename(partOf(paths.journal), paths.journal);
    await syncDirectory(paths.directory);
    return new OpenShard(paths, layout, part, journal, counts);
  } catch (error) {
    part.close();
    journal?.close();
    throw error instanceof SluiceError ? error : writeFailed(paths.journal, error);
  }
}

function headerOf(shard: number, rows: number, layout: Layout): JournalHeader {
  const { format, digest } = layout;
  return { journal: 1, format, shard, rows, digest, began: Date.now() };
}
