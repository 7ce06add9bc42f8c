import { connect, type Socket } from 'node:net';
import { type RawServer, rawServer } from './raw-server.js';

/** A relay before `server` that passes on what it says in 30 ms as one piece. */
export function joiningRelay(server: RawServer): Promise<RawServer> {
  return rawServer(({ socket }) => join(socket, connect(server.port, '127.0.0.1')), { quiet: true });
}

function join(client: Socket, server: Socket): void {
  let pieces: Buffer[] = [];
  client.pipe(server);
  client.on('close', () => server.destroy());
  server.on('error', () => client.destroy());
  server.on('data', (data) => {
    pieces.push(data as Buffer);
    if (pieces.length > 1) return;
    setTimeout(() => {
      client.write(Buffer.concat(pieces));
      pieces = [];
    }, 30);
  });
}
