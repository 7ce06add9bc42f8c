import { type Command, InvalidArgumentError, Option } from 'commander';
import { bytes, count, seconds, someBytes } from './quantity.js';

/** `sluice origin`'s options as commander gives them. */
export interface OriginFlags {
  port?: number;
  host?: string;
  sendSize?: number;
  sendDelay?: number;
  headerDelay?: number;
  limitRate?: number;
  dropAfter?: number;
  stallAt?: number;
  stallFor?: number;
  http?: '1.0' | '1.1';
  framing?: 'length' | 'chunked' | 'close';
  end?: 'proper' | 'missing' | 'open';
}

/** The one place where `origin`'s options are declared. */
export function declareOrigin(command: Command): Command {
  return command
    .summary('a paced server for pictures: every send is set and logged')
    .description(
      'Serve a file, or the files of a directory, over HTTP at a pace that is set send by send, to any client. What the server saw is logged on standard output, a line of JSON for each request, send and end: when, how many bytes, and how long the kernel kept the send waiting.',
    )
    .argument('<file|dir>', 'what to serve')
    .optionsGroup('Where:')
    .option('--port <port>', 'listen there (default: a free one)', port)
    .option('--host <address>', 'listen on this address (default 127.0.0.1)')
    .optionsGroup('The pace:')
    .option('--send-size <bytes>', 'bytes handed to the kernel at once (default 8320)', someBytes)
    .option('--send-delay <seconds>', 'pause after each send', seconds)
    .option('--header-delay <seconds>', 'pause between the request and the first send', seconds)
    .option('--limit-rate <rate>', 'mean bytes a second (k, M, G)', someBytes)
    .optionsGroup('What goes wrong (bytes are counted from the first of the header):')
    .option('--drop-after <bytes>', 'close the connection after so many bytes', bytes)
    .option('--stall-at <bytes>', 'stand still at this byte', bytes)
    .option('--stall-for <seconds>', '... for so long (default 5)', seconds)
    .addOption(
      new Option(
        '--end <how>',
        'proper; missing: closed without the last chunk or byte; open: never closed',
      ).choices(['proper', 'missing', 'open']),
    )
    .optionsGroup('The response:')
    .addOption(new Option('--http <version>', 'the highest version').choices(['1.0', '1.1']))
    .addOption(
      new Option('--framing <how>', "what tells the body's end (default length)").choices([
        'length',
        'chunked',
        'close',
      ]),
    );
}

/** A TCP port; 0 for one that is free. */
export function port(text: string): number {
  const value = count(text);
  if (value > 65_535) throw new InvalidArgumentError('It must be a port from 0 to 65535.');
  return value;
}
