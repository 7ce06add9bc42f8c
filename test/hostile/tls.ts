/** TLS that is wrong, old, cut, or none. */

import { connect, type Socket } from 'node:net';
import { certificateBy, certificateFor, expiredCertificateFor } from '../support/certificates.js';
import { openServer, type Script } from '../support/raw-server.js';
import { head } from '../support/replies.js';
import { closesAfter, cutsAfter, HONEST, PICTURE, resetsAfter } from './acts.js';
import type { Scenario } from './scenario.js';

const LOOPBACK = 'IP:127.0.0.1';
export const trusted = () => certificateFor(LOOPBACK);
/** The server's certificate is its own authority, and the command trusts it. */
export const TRUSTED = { tls: trusted, trusts: () => trusted().cert, args: ['--cacert', '{ca}'] };
const HTTPS = 'https://127.0.0.1:{port}/cover.jpg';
export const CLOSE_DELIMITED = Buffer.concat([
  Buffer.from(head({ fields: [['Content-Type', 'image/jpeg']] })),
  PICTURE,
]);

/**
 * Passes bytes on between the client and an honest TLS server, and does `meddle` with each piece that the server sends; `at` is how many bytes of
 * it came before.
 */
function between(meddle: (piece: Buffer, at: number, client: Socket) => Buffer | undefined): Script {
  return async ({ socket }) => {
    const server = await openServer(closesAfter(HONEST), { tls: trusted() });
    const inner = connect({ host: '127.0.0.1', port: server.port });
    let at = 0;
    inner.on('data', (piece: Buffer) => {
      const passed = meddle(piece, at, socket);
      at += piece.length;
      if (passed !== undefined) socket.write(passed);
    });
    inner.on('error', () => socket.destroy());
    inner.on('end', () => socket.end());
    socket.pipe(inner);
    socket.once('close', () => {
      inner.destroy();
      void server.close();
    });
  };
}

/** Ends the connection after so many bytes of the server's. */
function handshakeCutAfter(bytes: number): Script {
  return between((piece, at, client) => {
    if (at + piece.length < bytes) return piece;
    client.end(piece.subarray(0, Math.max(0, bytes - at)));
    return undefined;
  });
}

export const TLS: readonly Scenario[] = [
  {
    name: 'A certificate that is its own authority is not accepted',
    server: closesAfter(HONEST),
    tls: trusted,
    status: 60,
    says: /certificate of 127\.0\.0\.1:\d+ was not accepted: self-signed certificate/,
  },
  {
    name: 'A certificate of an unknown authority is not accepted',
    server: closesAfter(HONEST),
    tls: () => certificateBy(certificateFor('DNS:authority.test'), LOOPBACK),
    status: 60,
    says: /was not accepted: unable to (verify|get)/,
  },
  {
    name: 'A certificate that ran out is not accepted, though its authority is known',
    server: closesAfter(HONEST),
    tls: () => expired(),
    trusts: () => expired().cert,
    args: ['--cacert', '{ca}'],
    status: 60,
    says: /was not accepted: certificate has expired/,
  },
  {
    name: 'A certificate of another host is not accepted, though its authority is known',
    server: closesAfter(HONEST),
    ...TRUSTED,
    url: 'https://pictures.test:{port}/cover.jpg',
    args: ['--cacert', '{ca}', '--resolve', 'pictures.test:{port}:127.0.0.1'],
    status: 60,
    says: /certificate of pictures\.test:\d+ was not accepted: .*pictures\.test.* not/,
  },
  {
    name: 'A certificate of another address is not accepted, though its authority is known',
    server: closesAfter(HONEST),
    tls: () => certificateFor('IP:127.0.0.9'),
    trusts: () => certificateFor('IP:127.0.0.9').cert,
    args: ['--cacert', '{ca}'],
    status: 60,
    says: /was not accepted: .*127\.0\.0\.1/,
  },
  {
    name: 'With -k any certificate is accepted',
    server: closesAfter(HONEST),
    tls: () => expired(),
    args: ['-k'],
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
  ...(['TLSv1.2', 'TLSv1.3'] as const).map(
    (version): Scenario => ({
      name: `An honest server of ${version} is an honest server`,
      server: closesAfter(HONEST),
      ...TRUSTED,
      tls: () => ({ ...trusted(), minVersion: version, maxVersion: version }),
      status: 0,
      leaves: { 'cover.jpg': PICTURE },
    }),
  ),
  {
    name: 'A server of TLS 1.1 is too old',
    server: closesAfter(HONEST),
    ...TRUSTED,
    tls: () => ({ ...trusted(), minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    status: 35,
    says: /^sluice: TLS with 127\.0\.0\.1:\d+ failed: /,
  },
  {
    name: 'A server that speaks only another protocol (ALPN) is refused by it',
    server: closesAfter(HONEST),
    ...TRUSTED,
    tls: () => ({ ...trusted(), ALPNProtocols: ['h2'] }),
    status: 35,
    says: /TLS with 127\.0\.0\.1:\d+ failed: /,
  },
  {
    name: 'A server that answers a TLS handshake with HTTP fails it',
    server: ({ socket }) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    url: HTTPS,
    status: 35,
    says: /TLS with 127\.0\.0\.1:\d+ failed: /,
  },
  {
    name: 'A server that answers a TLS handshake with garbage fails it',
    server: ({ socket }) => void socket.end(Buffer.alloc(5000, 0xa5)),
    url: HTTPS,
    status: 35,
    says: /TLS with 127\.0\.0\.1:\d+ failed: /,
  },
  {
    name: 'A server that answers a TLS handshake with an alert fails it',
    server: ({ socket }) => void socket.end(Buffer.from('15030300020228', 'hex')),
    url: HTTPS,
    status: 35,
    says: /TLS with 127\.0\.0\.1:\d+ failed: it agreed to nothing that was offered/,
  },
  {
    name: 'A server that answers a TLS handshake with records without end fails it',
    server: ({ socket }) => {
      const record = Buffer.concat([Buffer.from('1603034000', 'hex'), Buffer.alloc(0x4000, 2)]);
      const more = () => socket.write(record, (error) => (error ? undefined : more()));
      more();
    },
    url: HTTPS,
    status: 35,
    says: /TLS with 127\.0\.0\.1:\d+ failed: /,
  },
  {
    name: 'A server that resets the TLS handshake fails it',
    server: (peer) => void peer.socket.once('data', () => peer.reset()),
    url: HTTPS,
    status: 35,
    says: /TLS with 127\.0\.0\.1:\d+ failed: /,
  },
  ...[0, 1, 5, 100, 500].map(
    (bytes): Scenario => ({
      name: `A TLS handshake that is cut after ${bytes} bytes fails`,
      server: handshakeCutAfter(bytes),
      url: HTTPS,
      trusts: () => trusted().cert,
      args: ['--cacert', '{ca}'],
      status: 35,
      says: /TLS with 127\.0\.0\.1:\d+ failed: /,
    }),
  ),
  {
    name: 'A server that wants a certificate of ours fails TLS after the handshake',
    server: closesAfter(HONEST),
    ...TRUSTED,
    tls: () => ({ ...trusted(), requestCert: true, rejectUnauthorized: true, ca: trusted().cert }),
    status: 35,
    says: /TLS with the server failed: it wants a client certificate/,
  },
  {
    name: 'A record that was changed on its way breaks the connection',
    server: between((piece, at) => {
      const changed = Buffer.from(piece);
      if (at + piece.length > 5000) changed.fill(0, piece.length - 20);
      return changed;
    }),
    url: HTTPS,
    trusts: () => trusted().cert,
    args: ['--cacert', '{ca}'],
    status: 56,
    says: /The connection broke after \d+ bytes/,
  },
  {
    name: 'A reset beneath TLS is a receive error',
    server: resetsAfter(HONEST.subarray(0, 15_000)),
    ...TRUSTED,
    status: 56,
    says: /reset the connection after \d+ bytes/,
  },
  {
    name: 'A body of known length that TLS cuts is cut short',
    server: cutsAfter(HONEST.subarray(0, 15_000)),
    ...TRUSTED,
    status: 18,
    says: /of the body, of 30000/,
  },
  {
    name: 'A body of known length is whole, however TLS ends after it',
    server: cutsAfter(HONEST),
    ...TRUSTED,
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
  {
    name: 'A body that the connection delimits is whole where TLS ends with a close_notify',
    server: closesAfter(CLOSE_DELIMITED),
    ...TRUSTED,
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
];

let once: ReturnType<typeof expiredCertificateFor> | undefined;

function expired(): ReturnType<typeof expiredCertificateFor> {
  once ??= expiredCertificateFor(LOOPBACK);
  return once;
}
