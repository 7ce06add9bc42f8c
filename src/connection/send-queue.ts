import type { Socket } from 'node:net';

/** Requests of this turn of the event loop, and the sockets that they go to. */
let sockets: Socket[] = [];
let texts: string[] = [];

/**
 * Writes `text` at the end of this turn of the event loop, together with what else became due in it. Each write(2) to a server that sleeps wakes it, and
 * that is the dearest part of a small exchange; written in a row, the first wakes it and the others find it awake (measured on loopback
 * with 64 connections: a fifth of the time a picture takes). A lone request loses some microseconds.
 */
export function sendSoon(socket: Socket, text: string): void {
  if (sockets.length === 0) setImmediate(sendAll);
  sockets.push(socket);
  texts.push(text);
}

function sendAll(): void {
  const due = sockets;
  const what = texts;
  sockets = [];
  texts = [];
  for (let i = 0; i < due.length; i++) {
    if (due[i]!.writable) due[i]!.write(what[i]!, 'latin1');
  }
}
