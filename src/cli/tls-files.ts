import { readFileSync } from 'node:fs';
import { reasonOf, SluiceError } from '../errors.js';
import type { RetrieveOptions } from '../retrieval/options.js';

/** The options of the command that tell whom it trusts, and who it is. */
export interface TlsFlags {
  cacert?: string;
  cert?: string;
  key?: string;
  pass?: string;
  insecure?: boolean;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----/;
const PRIVATE_KEY = /-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/;

/** The options for TLS, their files read. Throws `option-invalid` for a file that can't be read or is not what it should be. */
export function tlsOptions({
  cacert,
  cert,
  key,
  pass,
  insecure,
}: TlsFlags): Pick<RetrieveOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'insecure'> {
  if (cert === undefined && (key !== undefined || pass !== undefined)) {
    const given = key === undefined ? '--pass' : '--key';
    throw new SluiceError('option-invalid', `${given} belongs to a client certificate: give --cert as well.`);
  }
  const ca = cacert === undefined ? undefined : readCertificates('--cacert', cacert);
  if (cert === undefined) return { ca, insecure };
  const certificate = readPem('--cert', cert, CERTIFICATE, 'certificate');
  const privateKey = key === undefined ? certificate : readPem('--key', key, PRIVATE_KEY, 'private key');
  if (!PRIVATE_KEY.test(privateKey)) {
    throw new SluiceError(
      'option-invalid',
      `--cert: ${JSON.stringify(cert)} holds no private key: give the file that does with --key.`,
    );
  }
  return { ca, insecure, cert: certificate, key: privateKey, passphrase: pass };
}

/** Certificates to trust. Throws `option-invalid`. */
export function readCertificates(option: string, path: string): string {
  return readPem(option, path, CERTIFICATE, 'certificate');
}

function readPem(option: string, path: string, begins: RegExp, what: string): string {
  let pem: string;
  try {
    pem = readFileSync(path, 'utf8');
  } catch (error) {
    throw new SluiceError(
      'option-invalid',
      `${option}: ${JSON.stringify(path)} could not be read: ${reasonOf(error)}.`,
      { cause: error },
    );
  }
  if (!begins.test(pem)) {
    throw new SluiceError('option-invalid', `${option}: ${JSON.stringify(path)} holds no PEM ${what}.`);
  }
  return pem;
}
