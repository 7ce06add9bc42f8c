import { InvalidArgumentError } from 'commander';
import type { MinSpeed } from '../retrieval/speed-floor.js';

const UNITS: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Bytes, with curl's suffixes: `5120`, `64k`, `1.5M`, `2G` (of 1024). */
export function bytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([kmgt]?)b?$/i.exec(text.trim());
  if (match === null)
    throw new InvalidArgumentError('It must be a number of bytes, such as 5120, 64k or 1.5M.');
  return Math.floor(Number(match[1]) * UNITS[match[2]!.toLowerCase()]!);
}

/** As `bytes`, but at least 1. */
export function someBytes(text: string): number {
  const value = bytes(text);
  if (value < 1) throw new InvalidArgumentError('It must be at least 1 byte.');
  return value;
}

/** Seconds, fractions allowed, as milliseconds. */
export function seconds(text: string): number {
  if (!/^\d+(\.\d*)?$|^\.\d+$/.test(text.trim()))
    throw new InvalidArgumentError('It must be a number of seconds, such as 0.25 or 30.');
  return Number(text) * 1000;
}

/** As `seconds`, but above 0. */
export function someSeconds(text: string): number {
  const value = seconds(text);
  if (value <= 0) throw new InvalidArgumentError('It must be more than 0 seconds.');
  return value;
}

/** A whole number, 0 included. */
export function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** As `count`, but at least 1. */
export function someCount(text: string): number {
  const value = count(text);
  if (value < 1) throw new InvalidArgumentError('It must be at least 1.');
  return value;
}

/** `RATE/SECONDS`: bytes a second, and over how long the mean is taken. */
export function minSpeed(text: string): MinSpeed {
  const [rate, over, ...more] = text.split('/');
  if (rate === undefined || over === undefined || more.length > 0)
    throw new InvalidArgumentError('It must be RATE/SECONDS, such as 10k/30.');
  return { rate: someBytes(rate), overMs: someSeconds(over) };
}
