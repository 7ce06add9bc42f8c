import type { Run } from '../../src/flow/run.js';
import { grown, moment, run } from '../player.js';
import { ScrollBox } from './scroll-box.js';

const ROW = 16;
const BLANK_LINE = 4;
/** So many bytes of the picture are shown after the blank line. */
const SHOWN_BODY = 160;

type Part = 'header' | 'blank' | 'body';

interface Row {
  readonly at: number;
  readonly bytes: readonly { readonly value: number; readonly part: Part }[];
  /** The receive that begins with this row or within it, counted from 1. */
  readonly receive: number | undefined;
}

/** The first bytes as they stood on the wire: header, blank line and picture told apart. */
export function WireBytes() {
  void grown.value;
  const { value } = run;
  const rows = value === null ? [] : rowsOf(value, moment.value?.received ?? 0);
  return (
    <section class="panel wire" aria-labelledby="wire-title">
      <header class="panel-head">
        <h2 id="wire-title">The first bytes</h2>
        <ul class="legend">
          <li>
            <i class="key key-header" /> header
          </li>
          <li>
            <i class="key key-blank" /> blank line (← CR, ↓ LF)
          </li>
          <li>
            <i class="key key-body" /> picture
          </li>
        </ul>
      </header>
      <ScrollBox name="The first bytes in hexadecimal and as text" look="hex">
        {rows.length === 0 && (
          <p class="hint">{value === null ? 'Nothing came yet.' : 'They are not known.'}</p>
        )}
        {rows.map((row) => (
          <HexRow key={row.at} row={row} />
        ))}
      </ScrollBox>
    </section>
  );
}

function HexRow({ row }: { row: Row }) {
  return (
    <>
      {row.receive !== undefined && <p class="begins">receive {row.receive}</p>}
      <div class="hex-row">
        <span class="offset">{row.at.toString(16).padStart(4, '0')}</span>
        <span class="octets">{runsOf(row, ({ value }) => value.toString(16).padStart(2, '0'), ' ')}</span>
        <span class="characters">{runsOf(row, ({ value }) => characterOf(value), '')}</span>
      </div>
    </>
  );
}

/** Neighbours of one part in one element each. */
function runsOf(row: Row, show: (byte: Row['bytes'][number]) => string, between: string) {
  const runs: { part: Part; text: string }[] = [];
  for (const byte of row.bytes) {
    const last = runs.at(-1);
    if (last?.part === byte.part) last.text += between + show(byte);
    else runs.push({ part: byte.part, text: show(byte) });
  }
  return runs.map(({ part, text }) => (
    <span key={part} class={`part-${part}`}>
      {text}
    </span>
  ));
}

function characterOf(value: number): string {
  // As the carriage of a typewriter went.
  if (value === 0x0d) return '←';
  if (value === 0x0a) return '↓';
  return value >= 0x20 && value < 0x7f ? String.fromCharCode(value) : '·';
}

function rowsOf({ facts, columns }: Run, received: number): Row[] {
  if (facts.wireStart === undefined || facts.head === undefined) return [];
  const bytes = Uint8Array.from(atob(facts.wireStart), (character) => character.charCodeAt(0));
  const header = facts.head.headerBytes;
  const end = Math.min(bytes.length, received, header + BLANK_LINE + SHOWN_BODY);
  const rows: Row[] = [];
  const starts = startsOf(columns.receives.bytes, end);
  for (let at = 0; at < end; at += ROW) {
    const to = Math.min(at + ROW, end);
    const row: Row['bytes'][number][] = [];
    for (let i = at; i < to; i++) row.push({ value: bytes[i]!, part: partAt(i, header) });
    const begins = starts.findIndex((start) => start >= at && start < to);
    rows.push({ at, bytes: row, receive: begins < 0 ? undefined : begins + 1 });
  }
  return rows;
}

function partAt(at: number, header: number): Part {
  if (at < header) return 'header';
  return at < header + BLANK_LINE ? 'blank' : 'body';
}

/** Where each receive began, up to `end`. */
function startsOf(lengths: readonly number[], end: number): number[] {
  const starts: number[] = [];
  for (let i = 0, at = 0; at < end && i < lengths.length; at += lengths[i++]!) starts.push(at);
  return starts;
}
