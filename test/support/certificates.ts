/** Certificates for servers on loopback, made anew by openssl for each run of a test file. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  /** PEM. */
  readonly key: string;
  /** PEM; self-signed, so it is its own authority. */
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

function make(altNames: string): Certificate {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-certificate-'));
  try {
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    const subject = ['-subj', '/CN=sluice test', '-addext', `subjectAltName=${altNames}`];
    execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'pipe' });
    return { key: readFileSync(key, 'latin1'), cert: readFileSync(cert, 'latin1') };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
