/** A name server on loopback that answers as a test tells it, and keeps what it was asked. */

import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import { onTestFinished } from 'vitest';

/** What is said to a question: addresses of the kind that was asked for, or none of it, or how it fails. */
export type DnsAnswer = readonly string[] | 'NXDOMAIN' | 'SERVFAIL' | 'silence';

/** `count` is how often this name and type was asked for before. */
export type DnsScript = (name: string, type: 'A' | 'AAAA', count: number) => DnsAnswer;

export interface DnsServer {
  /** `ADDRESS:PORT`, for the option `dns`. */
  readonly address: string;
  /** Every question, as `NAME TYPE`, in order. */
  readonly questions: string[];
  /** Seconds that the next answers may be kept. */
  ttl: number;
}

const CLASS_IN = 1;
const TYPES = { A: 1, AAAA: 28 } as const;
const RCODES = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3 } as const;
const HEADER_BYTES = 12;

/** Starts a name server (RFC 1035 §4, UDP); it is closed at the end of the test. */
export async function dnsServer(script: DnsScript, ttl = 60): Promise<DnsServer> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  const server: DnsServer = { address: `127.0.0.1:${socket.address().port}`, questions: [], ttl };
  socket.on('message', (query, from) => {
    const { name, type, bytes } = questionOf(query);
    const asked = `${name} ${type}`;
    const count = server.questions.filter((question) => question === asked).length;
    server.questions.push(asked);
    const answer = script(name, type, count);
    if (answer !== 'silence')
      socket.send(replyOf(query, bytes, type, answer, server.ttl), from.port, from.address);
  });
  return server;
}

interface Question {
  readonly name: string;
  readonly type: 'A' | 'AAAA';
  /** As it stands in the query: name, type and class. */
  readonly bytes: Buffer;
}

function questionOf(query: Buffer): Question {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const code = query.readUInt16BE(at + 1);
  const type = code === TYPES.A ? 'A' : 'AAAA';
  if (code !== TYPES[type]) throw new Error(`the name server was asked for type ${code}`);
  return { name: labels.join('.'), type, bytes: query.subarray(HEADER_BYTES, at + 5) };
}

function replyOf(
  query: Buffer,
  question: Buffer,
  type: 'A' | 'AAAA',
  answer: DnsAnswer,
  ttl: number,
): Buffer {
  const addresses = typeof answer === 'string' ? [] : answer.filter((address) => isOfType(address, type));
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  // A response (QR), with recursion desired (RD) and available (RA).
  header.writeUInt16BE(
    0x8180 | RCODES[answer === 'NXDOMAIN' || answer === 'SERVFAIL' ? answer : 'NOERROR'],
    2,
  );
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  return Buffer.concat([header, question, ...addresses.map((address) => recordOf(address, type, ttl))]);
}

function isOfType(address: string, type: 'A' | 'AAAA'): boolean {
  return isIP(address) === (type === 'A' ? 4 : 6);
}

function recordOf(address: string, type: 'A' | 'AAAA', ttl: number): Buffer {
  const data = bytesOf(address);
  const record = Buffer.alloc(12);
  // The name is that of the question, which stands behind the header.
  record.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  record.writeUInt16BE(TYPES[type], 2);
  record.writeUInt16BE(CLASS_IN, 4);
  record.writeUInt32BE(ttl, 6);
  record.writeUInt16BE(data.length, 10);
  return Buffer.concat([record, data]);
}

function bytesOf(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [before, after] = [groups(head), groups(tail)];
  const all = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
