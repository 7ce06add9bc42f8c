import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Address } from '../../src/connection/resolve.js';

export interface SilentAddress {
  readonly address: Address;
  readonly port: number;
  /** How many sockets still try to connect to it, once the event loop had its turn to close them. */
  attempts(): Promise<number>;
}

const BACKLOG = 1;

/** Listens and then never again runs an event loop: nothing is accepted. */
const LISTENER = `
const server = require('node:net').createServer();
server.listen({ port: 0, host: '127.0.0.2', backlog: ${BACKLOG} }, () => {
  require('node:fs').writeSync(1, String(server.address().port));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;

/** An address on loopback that does not answer: its listener's queue is full, and Linux drops every SYN that comes then. */
export async function silentAddress(): Promise<SilentAddress> {
  const listener = spawn(process.execPath, ['-e', LISTENER], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void listener.kill('SIGKILL'));
  const port = await new Promise<number>((resolve, reject) => {
    listener.once('error', reject);
    listener.stdout.once('data', (data) => resolve(Number(String(data))));
  });
  // The kernel lets one more in than the backlog says.
  for (let i = 0; i <= BACKLOG; i++) {
    const filler = connect({ host: '127.0.0.2', port });
    onTestFinished(() => void filler.destroy());
    await new Promise((resolve, reject) => {
      filler.once('connect', resolve);
      filler.once('error', reject);
    });
  }
  const attempts = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const hex = port.toString(16).toUpperCase().padStart(4, '0');
    // State 02 is SYN_SENT (proc(5)).
    const attempt = new RegExp(` 0200007F:${hex} 02 `, 'g');
    return readFileSync('/proc/net/tcp', 'latin1').match(attempt)?.length ?? 0;
  };
  return { address: { address: '127.0.0.2', family: 4 }, port, attempts };
}
