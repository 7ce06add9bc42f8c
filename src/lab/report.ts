import { readFileSync } from 'node:fs';
import { type Run, roundMs } from '../flow/run.js';
import { traceText } from '../flow/trace-file.js';
import { packageFile } from '../package-file.js';
import { FileSink } from '../save/file-sink.js';

/**
 * Writes a run as one HTML file that needs nothing else: no network, no server, no other file. It appears when it is whole. Throws
 * `write-failed`.
 */
export async function writeReport(file: string, run: Run): Promise<void> {
  const sink = FileSink.at(file);
  await sink.write(Buffer.from(reportText(run), 'utf8'));
  await sink.commit();
}

/** Whatever came from the network stands in it as JSON within a script of data, or escaped in the title. */
export function reportText(run: Run): string {
  const template = readFileSync(packageFile('dist', 'report.html'), 'utf8');
  const title = `${run.facts.url}, received in ${roundMs(run.facts.outcome?.totalMs ?? 0)} ms`;
  // A function: in a text "$&" would have a meaning. The run last, so that nothing in it is taken for a place.
  return template
    .replace('@title@', () => escapeHtml(title))
    .replace('"@run@"', () => escapeScript(traceText(run)));
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** JSON in which no tag and no comment can begin or end. */
function escapeScript(json: string): string {
  return json.replace(/[<>&]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
