import type { Command } from 'commander';
import { port } from './origin-options.js';

/** `sluice lab`'s options as commander gives them. */
export interface LabFlags {
  port?: number;
  host?: string;
}

/** The one place where `lab`'s options are declared. */
export function declareLab(command: Command): Command {
  return command
    .summary('both ends of the connection, seen: the experiments as a page')
    .description(
      'Serve a page on this machine on which you run the experiments and watch the server, the buffers and the receiver at once. Needs no network.',
    )
    .option('--port <port>', 'listen there (default: a free one)', port)
    .option('--host <address>', 'listen on this address (default 127.0.0.1)');
}
