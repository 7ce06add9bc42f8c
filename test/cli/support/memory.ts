import { readFileSync } from 'node:fs';

/** The most memory that a running process has had so far, in bytes (VmHWM of proc(5)); undefined where it has just ended. */
export function peakMemory(pid: number): number | undefined {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}
