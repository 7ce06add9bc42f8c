import { once } from 'node:events';
import { reasonOf, SluiceError } from '../errors.js';
import { type Lab, startLab } from '../lab/lab-server.js';
import type { LabFlags } from './lab-options.js';
import type { Output } from './output.js';

/**
 * Runs the lab until the signal; its URL is the one line on standard output. Resolves with the exit status. Rejects with `SluiceError`
 * `option-invalid` where the address can't be listened on.
 */
export async function runLab(
  flags: LabFlags,
  { stdout, stderr }: Output,
  signal: AbortSignal,
): Promise<number> {
  const lab = await start(flags);
  stdout.write(`${lab.url}\n`);
  stderr.write('This is the lab: open it in a browser. Ctrl-C ends it.\n');
  if (!signal.aborted) await once(signal, 'abort');
  await lab.close();
  return 0;
}

async function start({ host, port }: LabFlags): Promise<Lab> {
  try {
    return await startLab({ ...(host !== undefined && { host }), ...(port !== undefined && { port }) });
  } catch (error) {
    throw new SluiceError(
      'option-invalid',
      `The lab can't listen on ${host ?? '127.0.0.1'} port ${port ?? 0}: ${reasonOf(error)}.`,
      { cause: error },
    );
  }
}
