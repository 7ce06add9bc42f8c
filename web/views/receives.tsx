import { useEffect, useRef } from 'preact/hooks';
import { type Run, SIZE_BINS, sizeBin } from '../../src/flow/run.js';
import { grown, live, moment, playing, run } from '../player.js';
import { counted, shownBytes, shownCount } from '../shown.js';
import { ScrollBox } from './scroll-box.js';

/** While it changes, so many of the last lines are shown; more could not be read. */
const LAST_SHOWN = 60;

/** The receives as the textbook prints them, and their sizes. */
export function Receives() {
  void grown.value;
  const { value } = run;
  const count = moment.value?.receives ?? 0;
  const changes = live.value || playing.value;
  const unit = value?.facts.unit === 'record' ? 'TLS records' : 'Receives';
  return (
    <section class="panel receives" aria-labelledby="receives-title">
      <header class="panel-head">
        <h2 id="receives-title">{unit}</h2>
        <p class="hint">length, total</p>
      </header>
      <Lines run={value} count={count} changes={changes} />
      <Histogram run={value} count={count} />
    </section>
  );
}

function Lines({ run: shown, count, changes }: { run: Run | null; count: number; changes: boolean }) {
  const box = useRef<HTMLElement>(null);
  const text = shown === null ? '' : linesOf(shown, changes ? Math.max(0, count - LAST_SHOWN) : 0, count);
  useEffect(() => {
    if (box.current !== null && changes) box.current.scrollTop = box.current.scrollHeight;
  });
  // When it is over, all is read from its beginning.
  useEffect(() => {
    if (box.current !== null && !changes) box.current.scrollTop = 0;
  }, [changes]);
  return (
    <ScrollBox name="Receives: length and total" look="lines" box={box}>
      {text}
    </ScrollBox>
  );
}

function linesOf({ columns, totals }: Run, from: number, to: number): string {
  const { bytes } = columns.receives;
  let total = 0;
  for (let i = 0; i < from; i++) total += bytes[i]!;
  const lines: string[] = from > 0 ? ['…'] : [];
  for (let i = from; i < to; i++) {
    total += bytes[i]!;
    lines.push(`${bytes[i]} ${total}`);
  }
  const more = totals.receives - bytes.length;
  if (to === bytes.length && more > 0)
    lines.push(`(the last lines are sums: ${shownCount(more)} receives more)`);
  return lines.join('\n');
}

function Histogram({ run: shown, count }: { run: Run | null; count: number }) {
  const sizes = shown === null ? new Array<number>(SIZE_BINS + 1).fill(0) : sizesAt(shown, count);
  const most = Math.max(1, ...sizes);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const full = sizes[SIZE_BINS] ?? 0;
  const recvSize = shown?.facts.recvSize ?? 5120;
  return (
    <figure class="histogram" aria-label={`${counted(full, 'receive')} of ${shownCount(all)} were full`}>
      <div class="bars" aria-hidden="true">
        {sizes.map((size, bin) => (
          <i
            key={bin}
            class={bin === SIZE_BINS ? 'bar bar-full' : 'bar'}
            style={{ height: `${size === 0 ? 0 : Math.max(3, (size / most) * 100)}%` }}
          />
        ))}
      </div>
      <figcaption>
        <span>1 B</span>
        <span>
          {full === all && all > 0 ? 'all' : shownCount(full)} of {shownCount(all)} full
        </span>
        <span>{shownBytes(recvSize)}</span>
      </figcaption>
    </figure>
  );
}

/** Exact at the end, however much the columns leave out. */
function sizesAt({ columns, totals, facts }: Run, count: number): readonly number[] {
  const { bytes } = columns.receives;
  if (count >= bytes.length) return totals.sizes;
  const sizes = new Array<number>(SIZE_BINS + 1).fill(0);
  for (let i = 0; i < count; i++) sizes[sizeBin(bytes[i]!, facts.recvSize)]!++;
  return sizes;
}
