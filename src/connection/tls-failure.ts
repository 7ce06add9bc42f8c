import { reasonOf, SluiceError, systemCode } from '../errors.js';

/** OpenSSL's verification failures as Node names them; everything else is the handshake's failure. */
const CERTIFICATE_CODES =
  /^(CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_MISMATCH|EE_KEY|CA_)/;

/** What alerts (RFC 8446 §6.2) say of us, by OpenSSL's words for them. */
const ALERTS: readonly (readonly [RegExp, string])[] = [
  [/alert certificate required/, 'it wants a client certificate'],
  [
    /alert (bad certificate|unsupported certificate|certificate (revoked|expired|unknown)|unknown ca)/,
    'it did not accept the client certificate',
  ],
  [/alert handshake failure/, 'it agreed to nothing that was offered, or wants a client certificate'],
];

/** Whether a socket's error is TLS's own, and not the network's. */
export function isTlsError(error: unknown): boolean {
  return systemCode(error)?.startsWith('ERR_SSL_') === true;
}

/** What made TLS with `where` fail, as `certificate-rejected` or `tls-failed`. */
export function tlsFailure(error: unknown, where: string): SluiceError {
  if (CERTIFICATE_CODES.test(systemCode(error) ?? '')) {
    return new SluiceError(
      'certificate-rejected',
      `The certificate of ${where} was not accepted: ${reasonOf(error)}.`,
      { cause: error },
    );
  }
  return new SluiceError('tls-failed', `TLS with ${where} failed: ${tlsReason(error)}.`, { cause: error });
}

/** OpenSSL's message is a line of its source; the reason in it is what says something. */
export function tlsReason(error: unknown): string {
  const reason = error instanceof Error && 'reason' in error && String(error.reason);
  if (!reason) return reasonOf(error);
  return ALERTS.find(([alert]) => alert.test(reason))?.[1] ?? reason;
}
