import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecureVersion, TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RetrieveOptions } from '../../src/retrieval/options.js';
import { certificateFor, encryptedKey } from '../support/certificates.js';
import { errorOf, failureOf } from '../support/failure.js';
import { answering, rawServer } from '../support/raw-server.js';
import { typed } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { retrieve } from '../support/unguarded.js';

const host = certificateFor('IP:127.0.0.1');
const client = certificateFor('DNS:client.test');
const stranger = certificateFor('DNS:stranger.test');
const VERSIONS: readonly SecureVersion[] = ['TLSv1.2', 'TLSv1.3'];

/** A server that wants a certificate of `client`. */
function choosyServer(version: SecureVersion = 'TLSv1.3') {
  const wants = { requestCert: true, rejectUnauthorized: true, ca: client.cert };
  return rawServer(answering(typed('hello', 'text/plain')), {
    tls: { ...host, ...wants, minVersion: version, maxVersion: version },
  });
}

/** OpenSSL's own server, which says why it refuses: Node's hangs up. The URL. */
async function strictServer(version: SecureVersion): Promise<string> {
  const folder = scratchDirectory();
  const files = { host: host.cert, key: host.key, client: client.cert };
  for (const [name, pem] of Object.entries(files)) writeFileSync(join(folder, name), pem);
  const wants = ['-CAfile', 'client', '-Verify', '1', '-verify_return_error', '-www'];
  const only = version === 'TLSv1.2' ? '-tls1_2' : '-tls1_3';
  const args = ['s_server', '-accept', '127.0.0.1:0', '-cert', 'host', '-key', 'key', ...wants, only];
  const server = spawn('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void server.kill('SIGKILL'));
  const port = await new Promise<string>((resolve) => {
    let said = '';
    server.stdout.on('data', (data) => {
      said += String(data);
      const match = /ACCEPT .*:(\d+)\n/.exec(said);
      if (match !== null) resolve(match[1]!);
    });
  });
  return `https://127.0.0.1:${port}/`;
}

describe('retrieve() with a client certificate', () => {
  test.each(VERSIONS)('shows it to a server that wants one (%s)', async (version) => {
    const server = await choosyServer(version);
    const receipt = await retrieve(server.url(), { ca: host.cert, cert: client.cert, key: client.key });
    expect(receipt.bodyBytes).toBe(5);
    const shown = (server.sockets[0] as TLSSocket).getPeerX509Certificate();
    expect(shown?.subjectAltName).toBe('DNS:client.test');
  });

  test('takes the key from the same PEM, or one that is encrypted', async () => {
    const server = await choosyServer();
    const encrypted = { key: encryptedKey(client, 'open sesame'), passphrase: 'open sesame' };
    for (const options of [{ cert: client.cert + client.key }, { cert: client.cert, ...encrypted }]) {
      expect((await retrieve(server.url(), { ca: host.cert, ...options })).bodyBytes).toBe(5);
    }
  });

  test.each(VERSIONS)('throws tls-failed where the server wants one and has none (%s)', async (version) => {
    const server = await choosyServer(version);
    const error = await failureOf(retrieve(server.url(), { ca: host.cert }));
    expect(error).toMatchObject({ code: 'tls-failed', phase: 'tls', exitCode: 35 });
    expect(error.message).toMatch(/^TLS with .* failed: it .*wants a client certificate\.$/);
    expect(server.requests).toEqual([]);
  });

  test.each(VERSIONS)('throws tls-failed where the server does not accept it (%s)', async (version) => {
    const url = await strictServer(version);
    const options = { ca: host.cert, cert: stranger.cert, key: stranger.key };
    const error = await failureOf(retrieve(url, options));
    expect(error).toMatchObject({ code: 'tls-failed', phase: 'tls', exitCode: 35 });
    expect(error.message).toMatch(/^TLS with .* failed: it did not accept the client certificate\.$/);
    await retrieve(url, { ca: host.cert, cert: client.cert, key: client.key });
  });

  test('shows each its own: connections with another certificate are not shared', async () => {
    const server = await rawServer(answering(typed('hello', 'text/plain')), {
      tls: { ...host, requestCert: true, rejectUnauthorized: false },
    });
    const pem = ({ cert, key }: { cert: string; key: string }) => ({ ca: host.cert, cert, key });
    for (const options of [pem(client), pem(stranger), { ca: host.cert }, pem(client)]) {
      await retrieve(server.url(), options);
    }
    const shown = server.sockets.map((socket) => (socket as TLSSocket).getPeerX509Certificate());
    expect(shown.map((certificate) => certificate?.subjectAltName)).toEqual([
      'DNS:client.test',
      'DNS:stranger.test',
      undefined,
    ]);
  });

  test.each<[string, RetrieveOptions, RegExp]>([
    ['no PEM', { cert: 'x', key: 'y' }, /client certificate, or its key, can't be used: .*\.$/],
    ['a key of another', { cert: client.cert, key: stranger.key }, /can't be used: key values mismatch\.$/],
    [
      'a wrong passphrase',
      { cert: client.cert, key: encryptedKey(client, 'one'), passphrase: 'two' },
      /can't be used: the passphrase does not open it\.$/,
    ],
    ['a key alone', { key: client.key }, /^The option key belongs to a certificate: give cert as well\.$/],
    ['a passphrase alone', { passphrase: 'x' }, /^The option passphrase belongs to a certificate/],
  ])('throws option-invalid for %s', async (_, options, says) => {
    const server = await choosyServer();
    const error = await errorOf(retrieve(server.url(), { ca: host.cert, ...options }));
    expect(error).toMatchObject({ code: 'option-invalid', exitCode: 2 });
    expect(error.message).toMatch(says);
  });
});
