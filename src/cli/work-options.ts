import type { Command } from 'commander';
import type { WorkOptions } from '../dataset/queue/work.js';
import { someBytes, someCount, someSeconds } from './quantity.js';
import { queueAddress } from './queue-address.js';

/** `sluice work`'s options as commander gives them. */
export interface WorkFlags {
  queue: string;
  queueCacert?: string;
  output?: string;
  threads?: number;
  concurrency?: number;
  memory?: number;
  lease?: number;
  quiet?: boolean;
}

/** The one place where `work`'s options are declared. */
export function declareWork(command: Command): Command {
  return command
    .summary('work for a pull that runs on many machines')
    .description(
      'Take shards of the run that "sluice pull --queue" plans, or of the next one, and retrieve them, until the run is finished. The exit status is 0 then, whatever became of the rows.',
    )
    .requiredOption(
      '--queue <url>',
      'redis://[:PASSWORD@]HOST[:PORT][/DB], or rediss:// for TLS; the password may be in SLUICE_QUEUE_PASSWORD',
    )
    .option('--queue-cacert <file>', 'whom to trust for rediss://, and nobody else, PEM')
    .option('-o, --output <dir>', "where the run's directory is here (default: where the planner has it)")
    .option('--threads <n>', 'default: as many as cores', someCount)
    .option('--concurrency <n>', 'at once in all (default: finds itself)', someCount)
    .option('--memory <bytes>', 'for all bodies in flight (default 512M)', someBytes)
    .option(
      '--lease <seconds>',
      'a shard is given to another when nothing was heard for so long (default 30)',
      someSeconds,
    )
    .option('-q, --quiet', 'no progress');
}

/** The library's options from the command's. */
export function workOptions(flags: WorkFlags, signal: AbortSignal): WorkOptions {
  const { output, threads, concurrency, memory, lease } = flags;
  return {
    queue: queueAddress(flags.queue, flags.queueCacert),
    ...(output === undefined ? {} : { directory: output }),
    ...(threads === undefined ? {} : { threads }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(memory === undefined ? {} : { memoryBytes: memory }),
    ...(lease === undefined ? {} : { leaseMs: lease }),
    signal,
  };
}
