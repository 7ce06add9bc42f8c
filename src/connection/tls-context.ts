import type { SecureContext } from 'node:tls';
import { SluiceError } from '../errors.js';
import type { TlsSettings } from './settings.js';
import { tlsReason } from './tls-failure.js';

/** Ways to trust that are remembered: a program has one or two. */
const MOST_CONTEXTS = 8;
/** What OpenSSL says of a wrong passphrase; once in some hundred times the key looks decrypted and then makes no sense. */
const NOT_OPENED = /bad decrypt|unsupported/;
/** Origins whose last session is remembered, a way to trust; a session is some hundred bytes. */
const MOST_SESSIONS = 1024;

/**
 * One way to trust: what TLS is made with, and the sessions that were made by it. To make a context costs a quarter of a handshake, and a resumed session
 * spares the certificate. A session is resumed only where the same origin is trusted in the very same way: its certificate is not looked at again.
 */
export class TlsContext {
  readonly secureContext: SecureContext;
  /** By origin, the one that was used last behind. */
  readonly #sessions = new Map<string, Buffer>();

  constructor(readonly settings: TlsSettings) {
    this.secureContext = newContext(settings);
  }

  /** The session to resume with an origin, by its key. */
  sessionOf(origin: string): Buffer | undefined {
    return this.#sessions.get(origin);
  }

  /** The origin gave this session: the next connection may resume it. */
  keepSession(origin: string, session: Buffer): void {
    this.#sessions.delete(origin);
    this.#sessions.set(origin, session);
    if (this.#sessions.size > MOST_SESSIONS) this.#sessions.delete(this.#sessions.keys().next().value!);
  }
}

const contexts: TlsContext[] = [];

/** The context of this way to trust, made when it is first needed. Throws `option-invalid` for PEM that can't be used. */
export function tlsContext(settings: TlsSettings): TlsContext {
  const known = contexts.find((context) => isSame(context.settings, settings));
  if (known !== undefined) return known;
  const made = new TlsContext(settings);
  contexts.push(made);
  if (contexts.length > MOST_CONTEXTS) contexts.shift();
  return made;
}

function isSame(one: TlsSettings, other: TlsSettings): boolean {
  return (
    one.insecure === other.insecure &&
    one.ca === other.ca &&
    one.cert === other.cert &&
    one.key === other.key &&
    one.passphrase === other.passphrase
  );
}

function newContext({ ca, cert, key, passphrase }: TlsSettings): SecureContext {
  const { createSecureContext } = process.getBuiltinModule('node:tls');
  try {
    return createSecureContext({ ca, cert, key: key ?? cert, passphrase });
  } catch (error) {
    const what = cert === undefined ? 'The certificates to trust' : 'The client certificate, or its key,';
    const reason = tlsReason(error);
    const why =
      passphrase !== undefined && NOT_OPENED.test(reason) ? 'the passphrase does not open it' : reason;
    throw new SluiceError('option-invalid', `${what} can't be used: ${why}.`, { cause: error });
  }
}
