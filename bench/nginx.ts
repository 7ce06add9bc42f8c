import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endWithUs } from './meter.js';

/** A running nginx of ours. */
export interface Nginx {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 5000;
/** Modules whose temporary folders would otherwise lie where only root may write. */
const TEMP_PATHS = ['proxy', 'fastcgi', 'uwsgi', 'scgi'];

/**
 * Starts `program` in the foreground on a free port of 127.0.0.1, serving `root`; all else it writes goes to `prefix`. `servers`: further ones of the
 * same root, as they stand in its configuration.
 */
export async function startNginx(
  program: string,
  prefix: string,
  root: string,
  servers = '',
): Promise<Nginx> {
  const port = await freePort();
  mkdirSync(prefix);
  writeFileSync(join(prefix, 'nginx.conf'), configuration(program, prefix, root, port, servers));
  const child = spawn(program, ['-p', prefix, '-c', join(prefix, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const forget = endWithUs(child);
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject).on('close', () => resolve());
  });
  const origin = `http://127.0.0.1:${port}`;
  const failed = ended.then(() => {
    throw new Error(`nginx ended before it served: ${complaint}`);
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    forget();
  };
  try {
    await Promise.race([untilServed(origin), failed]);
  } catch (error) {
    await stop();
    throw error;
  }
  failed.catch(() => undefined);
  return { origin, stop };
}

/** As Debian ships it, but for: no log, more connections and all requests on them, and open files remembered. */
function configuration(program: string, prefix: string, root: string, port: number, servers: string): string {
  // nginx -V writes to standard error.
  const built = execFileSync('sh', ['-c', '"$1" -V 2>&1', 'sh', program], { encoding: 'utf8' });
  const modules = TEMP_PATHS.filter((module) => !built.includes(`--without-http_${module}_module`));
  // Started by root, nginx would serve as nobody, who may not enter our folder.
  const user = process.getuid?.() === 0 ? 'user root root;' : '';
  return `${user}
daemon off;
worker_processes auto;
pid ${prefix}/nginx.pid;
error_log ${prefix}/error.log;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${prefix}/client_body;
  ${modules.map((module) => `${module}_temp_path ${prefix}/${module};`).join('\n  ')}
  sendfile on;
  tcp_nopush on;
  keepalive_requests 10000000;
  open_file_cache max=20000 inactive=1h;
  open_file_cache_valid 1h;
  types { image/jpeg jpg; }
  default_type application/octet-stream;
  root ${root};
  server {
    listen 127.0.0.1:${port} backlog=1024;
    location = /ready { return 204; }
  }
  ${servers}
}
`;
}

/** A port of 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('The system gave no port.'));
        else resolve(address.port);
      });
    });
  });
}

async function untilServed(origin: string): Promise<void> {
  const latest = performance.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      const { status } = await fetch(`${origin}/ready`);
      if (status === 204) return;
      throw new Error(`${origin} is another server: it answered with status ${status}.`);
    } catch (error) {
      if (!(error instanceof TypeError) || performance.now() > latest) throw error;
      await sleep(20);
    }
  }
}
