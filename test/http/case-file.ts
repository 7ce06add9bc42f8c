import { DEFAULT_LIMITS, type HttpLimits } from '../../src/http/limits.js';
import type { Told, ToldHead } from './replay.js';

/** One case of `cases/*.md`; `cases/README.md` explains the notation. */
export interface Case {
  readonly title: string;
  readonly reason: string;
  readonly method: string;
  readonly closes: boolean;
  readonly limits: HttpLimits;
  readonly bytes: Buffer;
  readonly log: string;
}

const FENCED = '((?:(?!```).)*?)(?<=\n)```\n';
const CASE = new RegExp(`^((?:(?!\`\`\`).)*?)\`\`\`http( close)?\n${FENCED}\n\`\`\`log\n${FENCED}$`, 's');

/** Reads the cases of one file. Throws for whatever is not in the notation: a case that is not understood tests nothing. */
export function parseCases(markdown: string): Case[] {
  return markdown
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [title, rest] = split(section, '\n');
      const match = CASE.exec(`${rest.trim()}\n`);
      if (match === null) throw new Error(`The case "${title}" is not in the notation.`);
      const [, prose = '', closes, http = '', log = ''] = match;
      return {
        title,
        ...parseProse(title, prose),
        closes: closes !== undefined,
        bytes: parseWire(http),
        log: log.trimEnd(),
      };
    });
}

function parseProse(title: string, prose: string): Pick<Case, 'reason' | 'method' | 'limits'> {
  let method = 'GET';
  const limits: Record<string, number> = { ...DEFAULT_LIMITS };
  const reasons: string[] = [];
  for (const line of prose.split('\n').filter((text) => text !== '')) {
    const [key, value] = split(line, ': ');
    if (key === 'Request') method = value;
    else if (key === 'Limits') {
      for (const setting of value.split(', ')) {
        const [name, number] = split(setting, ' ');
        if (!(name in DEFAULT_LIMITS))
          throw new Error(`The case "${title}" sets no limit with "${setting}".`);
        limits[name] = Number(number);
      }
    } else reasons.push(line);
  }
  if (reasons.length !== 1) throw new Error(`The case "${title}" must give its reason in one line.`);
  return { reason: reasons.join(), method, limits: limits as unknown as HttpLimits };
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** The bytes of an `http` block. */
export function parseWire(block: string): Buffer {
  let text = '';
  for (const line of block.replace(/\n$/, '').split('\n')) {
    const joined = /(?<!\\)(?:\\\\)*\\$/.test(line);
    const bytes = unescaped(joined ? line.slice(0, -1) : line);
    const ended = joined || bytes.endsWith('\n');
    text += ended ? bytes : `${bytes}\r\n`;
  }
  return Buffer.from(text, 'latin1');
}

const ESCAPES: Record<string, string> = { '\\': '\\', n: '\n', r: '\r', t: '\t', '0': '\0' };

function unescaped(line: string): string {
  if (/[^\x20-\x7e]/.test(line))
    throw new Error(`Write the characters of ${JSON.stringify(line)} as escapes.`);
  return line.replace(/\\(?:x([0-9a-f]{2})|(.?))/g, (sequence, hex: string | undefined, letter: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    const byte = ESCAPES[letter];
    if (byte === undefined) throw new Error(`${sequence} is no escape.`);
    return byte;
  });
}

/** The `log` block of what a reader told. */
export function writeLog(told: Told): string {
  const lines: string[] = [];
  for (const interim of told.interims) lines.push(...headLines('interim', interim));
  if (told.head !== undefined) lines.push(...headLines('head', told.head));
  if (told.body !== '') lines.push(`body ${shown(told.body)}`);
  if (told.trailers !== undefined) {
    lines.push(told.reusable ? 'complete, reusable' : 'complete, not reusable');
    for (const [name, value] of told.trailers) lines.push(`  ${name}: ${shown(value)}`);
    if (told.excess > 0) lines.push(`excess ${told.excess}`);
  } else if (told.error === undefined) lines.push('waiting');
  if (told.error !== undefined) lines.push(`error ${told.error.code}`, `  ${told.error.message}`);
  return lines.join('\n');
}

function headLines(word: string, head: ToldHead): string[] {
  const { kind } = head.framing;
  const framing = head.framing.kind === 'length' ? `length ${head.framing.length}` : kind;
  return [
    `${word} HTTP/${head.httpVersion} ${head.status} ${shown(head.reason)}, ${framing}, header ${head.headerBytes}`,
    ...head.fields.map(([name, value]) => `  ${name}: ${shown(value)}`),
  ];
}

function shown(text: string): string {
  const escaped = text.replace(/[^\x20-\x5b\x5d-\x7e]/g, (char) => {
    const letter = Object.keys(ESCAPES).find((key) => ESCAPES[key] === char);
    return `\\${letter ?? `x${char.charCodeAt(0).toString(16).padStart(2, '0')}`}`;
  });
  return `"${escaped}"`;
}
