import { reasonOf, SluiceError } from '../errors.js';
import { quoted } from '../http/malformed.js';
import { writeRequest } from '../http/request-writer.js';
import { type ResponseHandler, type ResponseHead, ResponseReader } from '../http/response-reader.js';
import { VERSION } from '../version.js';
import type { Connection, Receiver } from './connection.js';
import { hostPort, type Origin } from './origin.js';
import type { HttpProxy } from './proxy.js';

/**
 * Asks `proxy`, to which `connection` leads, for a tunnel to `origin` (CONNECT, RFC 9110 §9.3.6). Resolves when it is open: then the connection has been stopped, and
 * what comes on its socket is the origin's. Rejects with `proxy-refused`.
 */
export function openTunnel(connection: Connection, origin: Origin, proxy: HttpProxy): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new TunnelRequest(connection, origin, proxy, resolve, reject);
    connection.attach(request);
    connection.send(requestFor(origin, proxy));
  });
}

/** No field of the user's is in it: what they say is for the origin, and this goes in the clear. */
function requestFor(origin: Origin, { authorization }: HttpProxy): string {
  const target = hostPort(origin.host, origin.port);
  return writeRequest({
    method: 'CONNECT',
    target,
    httpVersion: '1.1',
    fields: [
      ['Host', target],
      ['User-Agent', `sluice/${VERSION}`],
      ...(authorization === undefined ? [] : [['Proxy-Authorization', authorization] as const]),
    ],
  });
}

/** Receives the answer to one CONNECT. */
class TunnelRequest implements Receiver, ResponseHandler {
  readonly #reader = new ResponseReader('CONNECT', this);
  #head: ResponseHead | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly origin: Origin,
    private readonly proxy: HttpProxy,
    private readonly resolve: () => void,
    private readonly reject: (error: SluiceError) => void,
  ) {}

  onReceive(data: Buffer): void {
    try {
      this.#reader.push(data);
    } catch (error) {
      this.#refused(inSentence(reasonOf(error)), error);
      return;
    }
    if (this.#head === undefined) return;
    this.connection.stop();
    if (this.#head.status >= 300) this.#refused(this.#statusSays(this.#head));
    // By then all that one read brought has been told: a proxy that is reached by TLS may have sent more records with its answer.
    else setImmediate(() => this.#open());
  }

  /** Nothing may lie in the tunnel before we have said the first word: it would be the proxy's, not the origin's. */
  #open(): void {
    if (this.#reader.excess === 0 && this.connection.usable) this.resolve();
    else this.#refused('it sent more right behind its answer, or closed the connection.');
  }

  onEnd(): void {
    this.#refused('it closed the connection without a whole answer.');
  }

  onError(error: Error): void {
    this.#refused(`the connection broke before a whole answer: ${reasonOf(error)}.`, error);
  }

  onHead(head: ResponseHead): void {
    this.#head = head;
  }

  onBody(): void {
    // What a refusal says to people is not looked at.
  }

  onComplete(): void {
    // The head has said it all.
  }

  #statusSays({ status, reason }: ResponseHead): string {
    const says = reason === '' ? `status ${status}` : `status ${status} ${quoted(reason)}`;
    if (status !== 407) return `it answered with ${says}.`;
    const wants = this.proxy.authorization === undefined ? 'it wants' : 'it did not accept the';
    return `${wants} credentials (${says}).`;
  }

  #refused(why: string, cause?: unknown): void {
    this.reject(new SluiceError('proxy-refused', `${noTunnel(this.proxy, this.origin)}: ${why}`, { cause }));
  }
}

/** How every sentence begins that tells of it. */
export function noTunnel(proxy: HttpProxy, { host, port }: Origin): string {
  return `The proxy ${proxy.shown} did not open a tunnel to ${hostPort(host, port)}`;
}

/** A sentence for the end of another. */
export function inSentence(sentence: string): string {
  return sentence.replace(/^[A-Z](?![A-Z])/, (letter) => letter.toLowerCase());
}
