import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { child } from '../support/child.js';
import { closed, rawServer } from '../support/raw-server.js';
import { scratchDirectory } from '../support/scratch.js';
import { until } from '../support/until.js';

/** Stands still between connecting and sending until the parent has made a file; makes one itself to say that it does. */
const SCRIPT = `
import { existsSync, writeFileSync } from 'node:fs';
const [, url, connected, goOn] = process.argv;
const standStill = ({ type }) => {
  if (type !== 'connected') return;
  writeFileSync(connected, '');
  while (!existsSync(goOn)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
};
const error = await sluice.retrieve(url, { addresses: 'any', trace: standStill }).catch((thrown) => thrown);
console.log(JSON.stringify({ code: error.code, phase: error.phase, exitCode: error.exitCode, message: error.message }));
`;

test('retrieve() throws send-failed where the server closed and reset the connection before the request was sent', async () => {
  const folder = scratchDirectory();
  const [connected, goOn] = [join(folder, 'connected'), join(folder, 'go-on')];
  const server = await rawServer(async ({ socket, reset }) => {
    await until(() => existsSync(connected));
    // First FIN: of a connection that was only reset, the client is told as a reset (tcp(7): EPIPE is for a socket that is shut down).
    await new Promise<void>((resolve) => socket.end(resolve));
    reset();
    await closed(socket);
    writeFileSync(goOn, '');
  });
  const { stdout } = await (await child(SCRIPT, server.url(), connected, goOn)).ended;
  expect(JSON.parse(stdout)).toEqual({
    code: 'send-failed',
    phase: 'send',
    exitCode: 55,
    message: 'The server closed the connection before the request was sent.',
  });
});
