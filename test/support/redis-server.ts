/** A real Redis on loopback. */

import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import type { Certificate } from './certificates.js';
import { freePort } from './free-port.js';
import { scratchDirectory } from './scratch.js';

export interface RedisOptions {
  readonly password?: string;
  /** Speaks TLS only. */
  readonly tls?: Certificate;
  /** Default: any that is free. */
  readonly port?: number;
}

export interface RedisServer {
  readonly port: number;
  /** With the password; `database` as a number. */
  url(database?: number): string;
  /** Kills it: what it knew is lost. */
  kill(): Promise<void>;
  /** Makes it forget all. */
  empty(): Promise<void>;
  /** It has no memory left. */
  fill(): Promise<void>;
  /** How many connections it has. */
  clients(): Promise<number>;
}

/** Starts a Redis that keeps nothing on disk; it is killed at the end of the test. */
export async function redisServer(options: RedisOptions = {}): Promise<RedisServer> {
  const { password, tls } = options;
  const port = options.port ?? (await freePort());
  const directory = scratchDirectory();
  const args = ['--bind', '127.0.0.1', '--save', '', '--dir', directory];
  if (password !== undefined) args.push('--requirepass', password);
  if (tls === undefined) args.push('--port', String(port));
  else {
    const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
    writeFileSync(cert, tls.cert);
    writeFileSync(key, tls.key);
    const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
    args.push('--port', '0', '--tls-port', String(port), ...files, '--tls-auth-clients', 'no');
  }
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const kill = () => killed(server);
  onTestFinished(kill);
  await isReady(server);
  const user = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  const scheme = tls === undefined ? 'redis' : 'rediss';
  const url = (database?: number) => `${scheme}://${user}127.0.0.1:${port}${path(database)}`;
  /** On a connection of its own. */
  const ask = async <T>(question: (redis: Redis) => Promise<T>): Promise<T> => {
    const redis = new Redis(url(), { tls: tls === undefined ? undefined : { ca: tls.cert } });
    try {
      return await question(redis);
    } finally {
      redis.disconnect();
    }
  };
  return {
    port,
    kill,
    url,
    empty: () => ask(async (redis) => void (await redis.flushall())),
    fill: () => ask(async (redis) => void (await redis.config('SET', 'maxmemory', '1'))),
    clients: () =>
      ask(
        async (redis) =>
          String(await redis.client('LIST'))
            .trim()
            .split('\n').length - 1,
      ),
  };
}

function path(database: number | undefined): string {
  return database === undefined ? '' : `/${database}`;
}

function isReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    server.stdout?.on('data', (data: Buffer) => {
      said += data.toString();
      if (said.includes('Ready to accept connections')) resolve();
    });
    server.on('error', reject);
    server.on('exit', () => reject(new Error(`redis-server ended: ${said}`)));
  });
}

function killed(server: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (server.exitCode !== null || server.signalCode !== null) return resolve();
    server.on('exit', () => resolve());
    server.kill('SIGKILL');
  });
}
