import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of files in PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** The authority that signed it. */
  readonly ca: string;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const DAYS = ['-days', '2'];

/** Makes an authority, and a server's certificate for `name` that it signs, in a new `folder`. Both keys are of P-256, as most are made today. */
export function makeCertificate(openssl: string, folder: string, name: string): Certificate {
  mkdirSync(folder);
  const [key, cert, ca] = ['key.pem', 'cert.pem', 'ca.pem'].map((file) => join(folder, file)) as [
    string,
    string,
    string,
  ];
  const [caKey, request, extensions] = ['ca-key.pem', 'request.pem', 'extensions'].map((file) =>
    join(folder, file),
  ) as [string, string, string];
  const run = (...args: string[]) => execFileSync(openssl, args, { stdio: 'pipe' });
  run('req', '-x509', ...NEW_KEY, ...DAYS, '-subj', '/CN=sluice bench', '-keyout', caKey, '-out', ca);
  run('req', ...NEW_KEY, '-subj', '/CN=sluice bench server', '-keyout', key, '-out', request);
  writeFileSync(extensions, `subjectAltName=DNS:${name}\n`);
  const signing = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-extfile', extensions];
  run('x509', '-req', '-in', request, ...signing, ...DAYS, '-out', cert);
  return { key, cert, ca };
}
