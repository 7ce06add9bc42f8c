import type { SecureContext } from 'node:tls';
import { SluiceError } from '../errors.js';
import type { TlsSettings } from './settings.js';
import { tlsReason } from './tls-failure.js';

/** What TLS is made with where it is not the built-in; undefined where it is. Throws `option-invalid` for PEM that can't be used. */
export function secureContext({ ca, cert, key, passphrase }: TlsSettings): SecureContext | undefined {
  if (ca === undefined && cert === undefined) return undefined;
  const { createSecureContext } = process.getBuiltinModule('node:tls');
  try {
    return createSecureContext({ ca, cert, key: key ?? cert, passphrase });
  } catch (error) {
    const what = cert === undefined ? 'The certificates to trust' : 'The client certificate, or its key,';
    throw new SluiceError('option-invalid', `${what} can't be used: ${tlsReason(error)}.`, { cause: error });
  }
}
