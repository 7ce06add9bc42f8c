import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate } from './certificate.js';
import { addressOf, DOMAIN, hostOf, originOfTurn, type Work } from './clients/origins.js';
import { LIBRARY, UNDICI } from './clients.js';
import { measure } from './meter.js';
import { freePort, startNginx } from './nginx.js';
import { inTurn } from './rounds.js';
import type { Row, Setting } from './row.js';

const ORIGINS = 500;
const TIMES = 2;
const CONNECTIONS = 64;
const ROUNDS = 9;

/**
 * One small picture from each of 500 HTTPS origins, then again, 64 at once, whole processes: the library against undici and curl. The server ends
 * each connection after its response, so that every picture costs a TLS handshake; who kept the session resumes it the second time.
 */
export const coldHttps: Row = {
  name: 'cold-https',
  needs: ['curl', 'openssl'],
  async run(setting) {
    const { material, programs, client, rounds } = setting;
    const prefix = material.path('https');
    const log = join(prefix, 'sessions.log');
    const certificate = makeCertificate(programs.openssl, material.path('certificate'), `*.${DOMAIN}`);
    const port = await freePort();
    const server = await startNginx(programs.nginx, prefix, material.root, tlsServer(port, certificate, log));
    try {
      const work = await workFor(setting, port, certificate.ca);
      const list = material.path('curl.conf');
      writeFileSync(list, curlConfiguration(work));
      const parallel = ['--parallel', '--parallel-max', String(CONNECTIONS)];
      const contestant = (name: string, command: readonly string[]) => ({
        name,
        run: () => measure(programs, { command }),
      });
      const ofNode = (program: string, module: string) => [
        process.execPath,
        program,
        JSON.stringify({ ...work, module }),
      ];
      const [undici, curl, sluice, socket] = await inTurn(rounds(ROUNDS), [
        contestant('undici dispatch', ofNode(client('https-undici'), UNDICI)),
        contestant('curl --parallel', [programs.curl, '-q', '-s', ...parallel, '-K', list]),
        contestant('retrieve', ofNode(client('https-sluice'), LIBRARY)),
        contestant('bare TLS socket', ofNode(client('https-socket'), '')),
      ]);
      const row = 'cold HTTPS, 500 origins';
      return {
        claims: [
          { work: row, ours: sluice!, peer: undici!, target: { kind: 'speed', bound: 1 } },
          { work: row, ours: sluice!, peer: curl!, target: { kind: 'speed', bound: 1 } },
          // What no client on Node's TLS can surpass.
          { work: 'cold HTTPS, the limit', ours: socket!, peer: curl!, target: { kind: 'speed', bound: 1 } },
        ],
        notes: ['sluice', 'undici', 'curl', 'socket'].map((name) => `${row}: ${resumed(log, name)}`),
      };
    } finally {
      await server.stop();
    }
  },
};

interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
}

/** TLS as nginx has it by default: versions 1.2 and 1.3, sessions in tickets. */
function tlsServer(port: number, { key, cert }: ServerCertificate, log: string): string {
  const addresses = Array.from({ length: ORIGINS }, (_, n) => `listen ${addressOf(n)}:${port} ssl;`);
  return `
  log_format sessions '$args $ssl_session_reused';
  server {
    ${addresses.join('\n    ')}
    ssl_certificate ${cert};
    ssl_certificate_key ${key};
    keepalive_timeout 0;
    access_log ${log} sessions;
  }`;
}

async function workFor({ material }: Setting, port: number, ca: string): Promise<Work> {
  const { count } = await material.pictures();
  const path = `/pictures/${Math.floor(count / 2)}.jpg`;
  return { origins: ORIGINS, port, path, times: TIMES, connections: CONNECTIONS, ca, module: '' };
}

/** The URLs, and where each name leads to; by `--connect-to`, for curl reads all of `--resolve` anew for each transfer. */
function curlConfiguration(work: Work): string {
  const { origins, times, port, path, ca } = work;
  const leads = Array.from({ length: origins }, (_, n) => {
    return `connect-to = "${hostOf(n)}:${port}:${addressOf(n)}:${port}"`;
  });
  const urls = Array.from({ length: origins * times }, (_, turn) => {
    return `url = "${originOfTurn(turn, work)}${path}?curl"\noutput = "/dev/null"`;
  });
  return [`cacert = "${ca}"`, ...leads, ...urls, ''].join('\n');
}

/** How many of a client's handshakes took up an earlier session, by the server's word. */
function resumed(log: string, client: string): string {
  const lines = readFileSync(log, 'utf8').split('\n');
  const own = lines.filter((line) => line.startsWith(`${client} `));
  const reused = own.filter((line) => line.endsWith(' r'));
  return `${client} resumed ${reused.length} of ${own.length} sessions`;
}
