import { type Field, trimOws } from '../../src/http/fields.js';
import type { Reply } from './arbitrary-replies.js';
import type { NodeTold } from './node-client.js';
import { replay, type Told } from './replay.js';

/** One reply, as both readers told it. */
export interface Pair {
  readonly reply: Reply;
  readonly text: string;
  readonly ours: Told;
  readonly node: NodeTold;
}

/** A kind of difference. `docs/SUPPORTED-HTTP.md` explains each by its name. */
export interface Rule {
  readonly name: string;
  readonly holds: (pair: Pair) => boolean;
}

/** How a reading came out: `cut`, the server closed too early; `refused`, the bytes are no HTTP. */
export type Outcome = 'complete' | 'cut' | 'refused' | 'switched';

export function ourOutcome(told: Told): Outcome {
  if (told.error === undefined) return 'complete';
  return told.error.code === 'reply-malformed' ? 'refused' : 'cut';
}

export function nodeOutcome(told: NodeTold): Outcome {
  // Node may refuse what comes after the end of the response; the response itself came whole.
  if (told.complete) return 'complete';
  if (told.error === undefined) return 'switched';
  return told.error.startsWith('HPE_') ? 'refused' : 'cut';
}

/** Both refused it; or both read it to its end, or to where it was cut, and told the same. */
export function agree({ ours, node }: Pair): boolean {
  const outcome = ourOutcome(ours);
  if (outcome !== nodeOutcome(node)) return false;
  if (outcome === 'refused') return true;
  if (node.error?.startsWith('HPE_')) return false;
  return tellTheSame(ours, node);
}

function tellTheSame(ours: Told, node: NodeTold): boolean {
  const head = ours.head && [ours.head.status, ours.head.reason, ours.head.httpVersion, ours.head.fields];
  const nodeHead = node.head && [node.head.status, node.head.reason, node.head.httpVersion, node.head.fields];
  return (
    same(
      ours.interims.map((interim) => interim.status),
      node.interims,
    ) &&
    same(head, nodeHead) &&
    ours.body === node.body &&
    same(ours.trailers ?? [], node.trailers)
  );
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Node refuses with one of these codes what we read, or what we would have read further. */
const nodeRefuses = ({ ours, node }: Pair, ...codes: string[]): boolean =>
  ourOutcome(ours) !== 'refused' &&
  nodeOutcome(node) === 'refused' &&
  codes.some((code) => node.error === `HPE_${code}`);

/** We refuse with this sentence what Node reads. */
const weRefuse = ({ ours, node }: Pair, sentence: RegExp): boolean =>
  ourOutcome(ours) === 'refused' &&
  nodeOutcome(node) !== 'refused' &&
  sentence.test(ours.error?.message ?? '');

/** The heads of the interim responses and of the response. */
const headsOf = (text: string): string =>
  /^(?:HTTP\/1\.\d 1\d\d[\s\S]*?\n\r?\n)*(?:[\s\S]*?\n\r?\n|[\s\S]*$)/.exec(text)?.[0] ?? '';

/** Every field of heads and trailers; those of a head that was cut, from its text. */
const fieldsOf = ({ ours, text }: Pair): Field[] => [
  ...ours.interims.flatMap((interim) => interim.fields),
  ...(ours.head?.fields ??
    [...headsOf(text).matchAll(/^([^\s:]+):(.*)$/gm)].map(
      ([, n = '', v = '']): Field => [n, trimOws(v.replace(/\r$/, ''))],
    )),
  ...(ours.trailers ?? []),
];

const valuesOf = (fields: readonly Field[], wanted: string): string[] =>
  fields.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);

const saySameTwice = (numbers: readonly string[]): boolean =>
  numbers.length > 1 && numbers.every((number) => Number(number) === Number(numbers[0]));

/** The closed list, the most telling first. Where several hold, the first names the difference. */
export const RULES: readonly Rule[] = [
  {
    name: 'excess-after-the-response',
    holds: ({ ours, node }) =>
      ours.excess > 0 && node.complete && node.error?.startsWith('HPE_') === true && tellTheSame(ours, node),
  },
  {
    name: 'lone-lf-in-the-head',
    holds: (pair) =>
      nodeRefuses(pair, 'CR_EXPECTED', 'INVALID_HEADER_TOKEN', 'INVALID_STATUS') &&
      /(?<!\r)\n/.test(headsOf(pair.text)),
  },
  {
    name: 'obsolete-folding',
    holds: (pair) => nodeRefuses(pair, 'INVALID_HEADER_TOKEN') && /\n[ \t]/.test(pair.text),
  },
  {
    name: 'control-character-in-a-value',
    holds: (pair) =>
      nodeRefuses(pair, 'INVALID_HEADER_TOKEN') &&
      fieldsOf(pair).some(([, value]) => /[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(value)),
  },
  {
    name: 'repeated-content-length',
    holds: (pair) =>
      nodeRefuses(pair, 'UNEXPECTED_CONTENT_LENGTH', 'INVALID_CONTENT_LENGTH') &&
      saySameTwice(valuesOf(fieldsOf(pair), 'content-length').flatMap((value) => value.split(','))),
  },
  {
    name: 'tab-after-a-framing-value',
    holds: (pair) =>
      (nodeRefuses(pair, 'INVALID_CONTENT_LENGTH') && /^content-length:[ \t]*\d+ *\t/im.test(pair.text)) ||
      (nodeOutcome(pair.node) === 'complete' && /^transfer-encoding:[ \t]*chunked *\t/im.test(pair.text)),
  },
  {
    name: 'identity-beside-content-length',
    holds: (pair) =>
      nodeRefuses(pair, 'INVALID_CONTENT_LENGTH', 'INVALID_TRANSFER_ENCODING') &&
      valuesOf(pair.ours.head?.fields ?? [], 'transfer-encoding').every((value) =>
        /^(identity)?$/.test(value),
      ),
  },
  {
    name: 'framing-field-in-the-trailers',
    holds: (pair) =>
      nodeRefuses(pair, 'INVALID_CONTENT_LENGTH') &&
      pair.ours.head?.framing.kind === 'chunked' &&
      /\n0+(?:;.*)?\r\n(?:[^\n]+\n)*content-length:/i.test(pair.text),
  },
  {
    name: 'higher-minor-version',
    holds: (pair) => nodeRefuses(pair, 'INVALID_VERSION') && /HTTP\/1\.[2-9]/.test(pair.text),
  },
  {
    name: 'odd-chunk-extension',
    holds: (pair) =>
      nodeRefuses(pair, 'STRICT', 'INVALID_CHUNK_SIZE') &&
      pair.ours.head?.framing.kind === 'chunked' &&
      /^[0-9a-f]+[ \t]*;/im.test(pair.text),
  },
  {
    name: 'interim-that-closes',
    holds: (pair) =>
      nodeRefuses(pair, 'CLOSED_CONNECTION') &&
      pair.ours.interims.some(
        ({ httpVersion, fields }) =>
          httpVersion === '1.0' || valuesOf(fields, 'connection').includes('close'),
      ),
  },
  {
    name: 'refused-before-the-line-or-head-ends',
    holds: ({ reply, ours, node }) =>
      ourOutcome(ours) === 'cut' &&
      nodeOutcome(node) === 'refused' &&
      ['\r\n', '\r\n\r\n'].some((end) => {
        const ended = replay(reply.method, [reply.bytes, Buffer.from(end)], false);
        return ended.error?.code === 'reply-malformed';
      }),
  },
  {
    name: 'nul-in-the-reason',
    holds: (pair) => weRefuse(pair, /holds NUL/) && /^HTTP[^\n]*\0/m.test(pair.text),
  },
  {
    name: 'cr-after-the-cr-of-a-status-line',
    holds: (pair) => weRefuse(pair, /holds a lone CR/) && /^HTTP[^\n]*\r\r[^\n]/m.test(pair.text),
  },
  {
    name: 'status-below-100',
    holds: (pair) => weRefuse(pair, /"HTTP\/1\.\d 0\d\d\b.* is no status line/),
  },
  { name: 'other-major-version', holds: (pair) => weRefuse(pair, /begins with "HTTP\/[02]"/) },
  { name: 'line-end-before-the-status-line', holds: (pair) => weRefuse(pair, /begins with "\\x0[ad]"/) },
  {
    name: 'transfer-coding-not-asked-for',
    holds: (pair) => weRefuse(pair, /the transfer coding .* was not asked for/),
  },
  {
    name: 'number-above-2-to-the-53',
    holds: (pair) => weRefuse(pair, /is above 2\^53-1|"[0-9A-F]{14,}.*" is no chunk size/i),
  },
  { name: 'switching-protocols', holds: (pair) => weRefuse(pair, /the server switches protocols/) },
  {
    name: 'empty-member-of-transfer-encoding',
    holds: ({ ours }) =>
      ours.head?.framing.kind === 'chunked' &&
      valuesOf(ours.head.fields, 'transfer-encoding').some((value) => /,[ \t]*$/.test(value)),
  },
];

/** The name of the first rule that holds. */
export function explain(pair: Pair): string | undefined {
  return RULES.find((rule) => rule.holds(pair))?.name;
}
