import type { Command } from 'commander';
import type { GetFlags } from './get-options.js';

/** `sluice check`'s options as commander gives them: some of `get`'s, and they mean the same. */
export type CheckFlags = Pick<
  GetFlags,
  | 'json'
  | 'header'
  | 'maxRedirects'
  | 'insecure'
  | 'cacert'
  | 'resolve'
  | 'allow'
  | 'connectTimeout'
  | 'timeout'
>;

const LIKE_GET: ReadonlySet<string> = new Set([
  'header',
  'maxRedirects',
  'insecure',
  'cacert',
  'resolve',
  'allow',
  'connectTimeout',
  'timeout',
] satisfies (keyof CheckFlags)[]);

/** Declares `check`; what it has in common with `get` is declared there. */
export function declareCheck(command: Command, get: Command): Command {
  command
    .summary('show each hop of a URL, its addresses, and which of them are refused')
    .description(
      'Follow each URL as the library does, which connects to public addresses only: print every hop, each address of its host with its range and whether it may be connected to, the status, and where it leads. Nothing is connected to that is refused, and no body is retrieved. The exit status is 0 when every hop was allowed and answered, whatever its status.',
    )
    .argument('<url...>', 'http or https URLs')
    .optionsGroup('What is shown:')
    .option('--json', 'one line of JSON a URL');
  for (const option of get.options) if (LIKE_GET.has(option.attributeName())) command.addOption(option);
  return command;
}
