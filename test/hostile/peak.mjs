/**
 * Loaded into the command (`--import`): at its end it writes the most memory that the process had, in KiB, where SLUICE_PEAK says. Not
 * `resourceUsage().maxRSS`: on Linux that begins with what the process had that started it.
 */
import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
  writeFileSync(process.env.SLUICE_PEAK, String(kib));
});
