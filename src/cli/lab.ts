import type { LabFlags } from './lab-options.js';
import type { Output } from './output.js';
export async function runLab(_flags: LabFlags, _output: Output, _signal: AbortSignal): Promise<number> {
  return 0;
}
