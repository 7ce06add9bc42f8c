/** The origins of the cold HTTPS row: names of their own, each with an address of its own. */

/** Which origins to ask, and for what. */
export interface Work {
  /** Origin `n` is `hostOf(n)`, at `addressOf(n)`. */
  readonly origins: number;
  readonly port: number;
  readonly path: string;
  /** How often each is asked. */
  readonly times: number;
  readonly connections: number;
  /** The authority that signed the server's certificate: a file in PEM. */
  readonly ca: string;
  /** The client's module, as a URL. */
  readonly module: string;
}

/** What the certificate is for: `*.` and this. The domain `test` is nobody's (RFC 6761). */
export const DOMAIN = 'bench.test';

export function hostOf(n: number): string {
  return `o${n}.${DOMAIN}`;
}

export function addressOf(n: number): string {
  return `127.9.${Math.floor(n / 250)}.${(n % 250) + 1}`;
}

/** The address of one of these names: no name server is asked. */
export function addressFor(host: string): string {
  const n = /^o(\d+)\./.exec(host)?.[1];
  if (n === undefined) throw new Error(`${host} is none of the origins.`);
  return addressOf(Number(n));
}

/** Asks all origins, then all again, ...: the server has ended every connection by then. */
export function originOfTurn(turn: number, { origins, port }: Work): string {
  return `https://${hostOf(turn % origins)}:${port}`;
}
