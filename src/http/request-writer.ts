import { SluiceError } from '../errors.js';
import { type Field, isToken } from './fields.js';

/** One request without a body. */
export interface Request {
  readonly method: 'GET' | 'HEAD' | 'CONNECT';
  /** Origin-form (path and query); for a proxy absolute-form, or authority-form with CONNECT (RFC 9112 §3.2). */
  readonly target: string;
  readonly httpVersion: '1.0' | '1.1';
  readonly fields: readonly Field[];
}

/** Whether `text` can stand between method and version: visible ASCII, for white space would end it. */
export function isRequestTarget(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

/**
 * The bytes of a request, as a Latin-1 string (RFC 9112 §3). Refuses whatever could begin another line or request:
 * throws `SluiceError` `option-invalid` for a bad field, `url-malformed` for a bad target.
 */
export function writeRequest(request: Request): string {
  if (!isRequestTarget(request.target)) {
    throw new SluiceError(
      'url-malformed',
      'The request target is empty or holds white space, control or non-ASCII characters.',
    );
  }
  let text = `${request.method} ${request.target} HTTP/${request.httpVersion}\r\n`;
  for (const [name, value] of request.fields) {
    if (!isToken(name)) throw new SluiceError('option-invalid', `${JSON.stringify(name)} is no field name.`);
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      throw new SluiceError(
        'option-invalid',
        `The value of ${name} holds control characters or characters outside Latin-1.`,
      );
    }
    text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}
