import type { Command } from 'commander';
import { count } from './quantity.js';

/** `sluice report`'s options as commander gives them. */
export interface ReportFlags {
  output?: string;
  sample?: number;
}

export function declareReport(command: Command): Command {
  return command
    .summary('one HTML page about a data set that pull made')
    .description(
      'Write one HTML page about the data set in DIR: causes, causes by host, rate, sizes and dimensions, slowest hosts, placeholders, and a contact sheet. It loads nothing from anywhere. Of a run that is not finished it tells of the finished shards.',
    )
    .argument('<dir>', 'where sluice pull made the data set')
    .option('-o, --output <file.html>', 'where the page is written (default: report.html in the directory)')
    .option('--sample <number>', 'pictures on the contact sheet', count, 60);
}
