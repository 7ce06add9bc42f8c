/** A forward proxy on loopback, as far as the tests need one: absolute-form, CONNECT, Basic authentication. */

import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { onTestFinished } from 'vitest';

export interface ProxyServer {
  readonly port: number;
  /** Its URL, without credentials. */
  readonly url: string;
  /** The head of every request that it was sent, as it came. */
  readonly requests: string[];
  /** Every connection's socket, in order. */
  readonly sockets: Socket[];
  /** The same URL, with these. */
  urlFor(name: string, password: string): string;
}

export interface ProxyServerOptions {
  /** TLS with the proxy itself. */
  readonly tls?: TlsOptions;
  /** `name:password` that it wants. */
  readonly credentials?: string;
}

/** Starts a proxy to which every name stands for 127.0.0.1. It is closed with all its connections at the end of the test. */
export async function proxyServer({ tls, credentials }: ProxyServerOptions = {}): Promise<ProxyServer> {
  const requests: string[] = [];
  const sockets: Socket[] = [];
  const open = new Set<Socket>();
  const follow = (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
  };
  const serve = (socket: Socket) => {
    sockets.push(socket);
    follow(socket);
    let upstream: Socket | undefined;
    onHeads(socket, (head) => {
      requests.push(head);
      const [method, target = ''] = head.split(' ');
      const expected = `Basic ${btoa(credentials ?? '')}`;
      if (credentials !== undefined && fieldOf(head, 'Proxy-Authorization') !== expected) {
        socket.write(
          'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="p"\r\nContent-Length: 0\r\n\r\n',
        );
        return 'heads';
      }
      const tunnel = method === 'CONNECT';
      const { port } = new URL(tunnel ? `x://${target}` : target);
      upstream ??= join(socket, Number(port), follow);
      if (tunnel) {
        socket.write('HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy.test\r\n\r\n');
        socket.pipe(upstream);
        return 'tunnel';
      }
      upstream.write(forwarded(head));
      return 'heads';
    });
  };
  const server: Server =
    tls === undefined
      ? createServer({ noDelay: true }, serve)
      : createTlsServer({ ...tls, noDelay: true } as TlsOptions, serve);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  );
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const { port } = address;
  const scheme = tls === undefined ? 'http' : 'https';
  return {
    port,
    url: `${scheme}://127.0.0.1:${port}`,
    requests,
    sockets,
    urlFor: (name, password) =>
      `${scheme}://${encodeURIComponent(name)}:${encodeURIComponent(password)}@127.0.0.1:${port}`,
  };
}

/** Gives each head to `take` until that makes a tunnel of the connection. */
function onHeads(socket: Socket, take: (head: string) => 'heads' | 'tunnel'): void {
  let text = '';
  const read = (data: Buffer) => {
    text += data.toString('latin1');
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const head = text.slice(0, end + 4);
      text = text.slice(end + 4);
      if (take(head) === 'tunnel') socket.off('data', read);
    }
  };
  socket.on('data', read);
}

/** The way to a server; what it says is passed on as fast as the client takes it. */
function join(client: Socket, port: number, follow: (socket: Socket) => void): Socket {
  const upstream = connect({ port, host: '127.0.0.1', noDelay: true });
  follow(upstream);
  upstream.pipe(client);
  upstream.on('error', () => client.destroy());
  client.on('close', () => upstream.destroy());
  return upstream;
}

function fieldOf(head: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)\r$`, 'im').exec(head)?.[1];
}

/** The request in origin-form, and without what was for the proxy. */
function forwarded(head: string): string {
  return head.replace(/^(\S+) http:\/\/[^/]+(\S*)/, '$1 $2').replace(/^Proxy-Authorization: .*\r\n/im, '');
}
