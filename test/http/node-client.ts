import { request } from 'node:http';
import { Duplex } from 'node:stream';
import type { Field } from '../../src/http/fields.js';

/** What Node's own client told of one reply. */
export interface NodeTold {
  /** Status codes of interim responses, 101 included. */
  readonly interims: number[];
  head: { httpVersion: string; status: number; reason: string; fields: Field[] } | undefined;
  /** Latin-1 text, a character a byte. */
  body: string;
  trailers: Field[];
  /** The parser came to the end of the message. */
  complete: boolean;
  /** Code of the error that was emitted, by the request or by the response. */
  error: string | undefined;
}

/** A connection on which the server has sent `pieces` and closed; what the client writes is dropped. */
function connectionTo(pieces: readonly Buffer[]): Duplex {
  const left = [...pieces];
  let asked = false;
  const feed = (stream: Duplex) => {
    const piece = left.shift();
    stream.push(piece ?? null);
  };
  const stream: Duplex = new Duplex({
    allowHalfOpen: true,
    // The reply comes after the request, as on a real connection.
    write(_chunk, _encoding, done) {
      if (!asked) {
        asked = true;
        feed(stream);
      }
      done();
    },
    read() {
      if (asked) feed(stream);
    },
  });
  return stream;
}

function pairs(raw: readonly string[]): Field[] {
  const fields: Field[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) fields.push([raw[i]!, raw[i + 1]!]);
  return fields;
}

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : error.message);

/**
 * Reads the reply with `http.request` on a stream in memory, in its strict mode. Pieces must not be empty. There is no
 * agent: with one, even `agent: false`, Node calls the agent's `createConnection` instead of ours.
 */
export function nodeTells(method: string, pieces: readonly Buffer[]): Promise<NodeTold> {
  return new Promise((resolve) => {
    const told: NodeTold = {
      interims: [],
      head: undefined,
      body: '',
      trailers: [],
      complete: false,
      error: undefined,
    };
    const failed = (error: Error) => {
      told.error ??= codeOf(error);
    };
    const sent = request({
      method,
      host: 'example.test',
      insecureHTTPParser: false,
      maxHeaderSize: 256 * 1024,
      createConnection: () => connectionTo(pieces),
    });
    sent.on('information', (info) => told.interims.push(info.statusCode));
    sent.on('upgrade', (response, socket) => {
      told.interims.push(response.statusCode ?? 0);
      socket.destroy();
    });
    sent.on('response', (response) => {
      told.head = {
        httpVersion: response.httpVersion,
        status: response.statusCode ?? 0,
        reason: response.statusMessage ?? '',
        fields: pairs(response.rawHeaders),
      };
      response.on('data', (data: Buffer) => {
        told.body += data.toString('latin1');
      });
      response.on('error', failed);
      response.on('close', () => {
        told.complete = response.complete;
        told.trailers = pairs(response.rawTrailers);
      });
    });
    sent.on('error', failed);
    sent.on('close', () => setImmediate(resolve, told));
    sent.end();
  });
}
