/** Certificates for servers on loopback, made anew by openssl for each run of a test file. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  /** PEM. */
  readonly key: string;
  /** PEM; its own authority unless another signed it. */
  readonly cert: string;
}

const made = new Map<string, Certificate>();

/** A self-signed certificate for these names (`DNS:localhost`, `IP:127.0.0.1`). */
export function certificateFor(...names: string[]): Certificate {
  const altNames = names.join(',');
  let certificate = made.get(altNames);
  if (certificate === undefined) {
    certificate = make(altNames);
    made.set(altNames, certificate);
  }
  return certificate;
}

/** The same key, encrypted with `passphrase`. */
export function encryptedKey({ key }: Certificate, passphrase: string): string {
  const args = ['pkey', '-aes256', '-passout', `pass:${passphrase}`];
  return execFileSync('openssl', args, { input: key, encoding: 'latin1', stdio: 'pipe' });
}

/** One for these names that ran out yesterday. */
export function expiredCertificateFor(...names: string[]): Certificate {
  return signed(names, -1, undefined);
}

/** One for these names that another's key signed, as an authority does. */
export function certificateBy(authority: Certificate, ...names: string[]): Certificate {
  return signed(names, 2, authority);
}

const NEW_KEY = [
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:P-256',
  '-nodes',
  '-subj',
  '/CN=sluice test',
];

function make(altNames: string): Certificate {
  return inDirectory((key, cert) => {
    openssl(
      'req',
      '-x509',
      '-days',
      '2',
      ...NEW_KEY,
      '-addext',
      `subjectAltName=${altNames}`,
      '-keyout',
      key,
      '-out',
      cert,
    );
  });
}

/** By way of a request, which can be signed by another and for any time. */
function signed(names: readonly string[], days: number, authority: Certificate | undefined): Certificate {
  return inDirectory((key, cert, path) => {
    const [request, extensions] = [path('request.pem'), path('extensions')];
    writeFileSync(extensions, `subjectAltName=${names.join(',')}`);
    openssl('req', '-new', ...NEW_KEY, '-keyout', key, '-out', request);
    let by = ['-signkey', key];
    if (authority !== undefined) {
      by = ['-CA', path('authority.pem'), '-CAkey', path('authority-key.pem'), '-set_serial', '2'];
      writeFileSync(path('authority.pem'), authority.cert);
      writeFileSync(path('authority-key.pem'), authority.key);
    }
    openssl(
      'x509',
      '-req',
      '-in',
      request,
      ...by,
      '-days',
      String(days),
      '-extfile',
      extensions,
      '-out',
      cert,
    );
  });
}

function inDirectory(work: (key: string, cert: string, path: (name: string) => string) => void): Certificate {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-certificate-'));
  try {
    const path = (name: string) => join(directory, name);
    work(path('key.pem'), path('cert.pem'), path);
    return { key: readFileSync(path('key.pem'), 'latin1'), cert: readFileSync(path('cert.pem'), 'latin1') };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
