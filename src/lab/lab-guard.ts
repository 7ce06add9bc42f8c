import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { MiddlewareHandler } from 'hono';

/** Nothing is loaded or run but what the lab itself serves; pictures may be bytes of a trace file that was opened. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Refuses what does not come from the lab's own page: another Host is a name that was made to lead here (DNS rebinding), another Origin is
 * another site's page.
 */
export function guard(isOurs: (host: string) => boolean): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header('host');
    const origin = context.req.header('origin');
    if (host === undefined || !isOurs(host))
      return context.text('This is not the host that you asked for.\n', 421);
    if (origin !== undefined && origin !== `http://${host}`)
      return context.text('Only the page of the lab may ask this.\n', 403);
    await next();
    const { headers } = context.res;
    headers.set('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    headers.set('X-Content-Type-Options', 'nosniff');
    headers.set('Referrer-Policy', 'no-referrer');
    headers.set('Cross-Origin-Resource-Policy', 'same-origin');
    headers.set('Cross-Origin-Opener-Policy', 'same-origin');
    return undefined;
  };
}

/** Whether a Host field names this machine as it listens on `address`. */
export function hostRule(address: string, port: () => number): (host: string) => boolean {
  const names = new Set(namesOf(address));
  return (host) => {
    const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d+))?$/i.exec(host.toLowerCase());
    if (match === null) return false;
    return names.has(match[1] ?? match[2]!) && Number(match[3] ?? 80) === port();
  };
}

function namesOf(address: string): string[] {
  if (address === '0.0.0.0' || address === '::') {
    const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    return ['localhost', ...all.map((entry) => entry.address.toLowerCase())];
  }
  return isLoopback(address) ? [address, 'localhost'] : [address.toLowerCase()];
}

/** Whether only this machine can reach `address`. */
export function isLoopback(address: string): boolean {
  if (isIP(address) === 0) return address.toLowerCase() === 'localhost';
  return address === '::1' || address.startsWith('127.');
}
