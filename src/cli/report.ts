import { report } from '../dataset/report/report.js';
import { counted, shownBytes } from '../quantities.js';
import { escapeLine } from './escape.js';
import type { Output } from './output.js';
import type { ReportFlags } from './report-options.js';

/** Writes the page, and prints where it is. */
export async function runReport(
  directory: string,
  flags: ReportFlags,
  { stdout, stderr }: Output,
  signal: AbortSignal,
): Promise<number> {
  const progress = (text: string) => void (stderr.isTTY && stderr.write(`\r\x1b[K${text}`));
  try {
    const { path, bytes, rows, shards } = await report({
      ...flags,
      directory,
      onShard: (read, all) => {
        signal.throwIfAborted();
        progress(`shard ${read} of ${all}`);
      },
    });
    progress('');
    stdout.write(
      `${escapeLine(`${path}: ${counted(rows, 'row')} in ${counted(shards, 'shard')}, a page of ${shownBytes(bytes)}`)}\n`,
    );
    return 0;
  } catch (error) {
    progress('');
    throw error;
  }
}
