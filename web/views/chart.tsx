import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { end, grown, indexOfRun, live, run, seek, time } from '../player.js';
import { shownBytes, shownMs, shownSeconds } from '../shown.js';
import { lengthOf, pausesOf, type Span, stallsOf } from '../spans.js';
import { CLOSEST_MS, draw, makePlot, sizeIn, within, type Zoom } from './chart-plot.js';
import type { LaneKind } from './lanes.js';

/** Bytes sent and received against time, with the times at which either end stood still. */
export function Chart() {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const zoom = useSignal<Zoom>(null);
  const hover = useSignal<number | null>(null);

  useEffect(() => {
    const element = host.current!;
    const made = makePlot(element, zoom, hover);
    plot.current = made;
    const fit = () => {
      made.setSize(sizeIn(element));
      draw(made, zoom.value);
    };
    const watcher = new ResizeObserver(fit);
    watcher.observe(element);
    const themes = [matchMedia('(prefers-color-scheme: dark)'), matchMedia('(prefers-contrast: more)')];
    for (const query of themes) query.addEventListener('change', fit);
    const themed = new MutationObserver(fit);
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => {
      watcher.disconnect();
      themed.disconnect();
      for (const query of themes) query.removeEventListener('change', fit);
      made.destroy();
    };
  }, [zoom, hover]);

  // Another run is looked at as a whole.
  useSignalEffect(() => {
    void run.value;
    zoom.value = null;
  });
  useSignalEffect(() => {
    void grown.value;
    void time.value;
    if (plot.current !== null) draw(plot.current, zoom.value);
  });

  const change = (factor: number) => {
    const whole = { from: 0, to: end.value };
    const { from, to } = zoom.value ?? whole;
    const width = Math.max(CLOSEST_MS, (to - from) * factor);
    const middle = zoom.value === null && time.value < whole.to ? time.value : (from + to) / 2;
    zoom.value = width >= whole.to ? null : within(middle - width / 2, width, whole.to);
  };
  const move = (share: number) => {
    const { value } = zoom;
    if (value === null) return seek(time.value + share * end.value * 0.1);
    const width = value.to - value.from;
    zoom.value = within(value.from + share * width * 0.2, width, end.value);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const act: Record<string, () => void> = {
      '+': () => change(0.5),
      '=': () => change(0.5),
      '-': () => change(2),
      '0': () => {
        zoom.value = null;
      },
      ArrowLeft: () => move(-1),
      ArrowRight: () => move(1),
    };
    if (act[event.key] === undefined) return;
    event.preventDefault();
    act[event.key]!();
  };

  return (
    <section class="panel chart-panel" aria-labelledby="chart-title">
      <header class="panel-head">
        <h2 id="chart-title">{run.value?.facts.ends === 'receiver' ? 'Received' : 'Sent and received'}</h2>
        <Legend />
        <fieldset class="zoom" aria-label="Zoom of the chart">
          <button type="button" aria-label="Closer" onClick={() => change(0.5)}>
            +
          </button>
          <button type="button" aria-label="Farther" onClick={() => change(2)} disabled={zoom.value === null}>
            −
          </button>
          <button
            type="button"
            disabled={zoom.value === null}
            onClick={() => {
              zoom.value = null;
            }}
          >
            All
          </button>
        </fieldset>
      </header>
      <div
        class="chart"
        ref={host}
        role="img"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its keys zoom and move, which the label says.
        tabIndex={0}
        aria-label={`Chart of bytes against time. ${inWords()} Plus and minus zoom, arrows move, 0 shows all.`}
        onKeyDown={onKeyDown}
      />
      <Readout at={hover.value} />
      <StandStills />
    </section>
  );
}

function Legend() {
  const isBoth = run.value?.facts.ends !== 'receiver';
  return (
    <ul class="legend">
      {isBoth && (
        <li>
          <i class="key key-sent" /> sent
        </li>
      )}
      <li>
        <i class="key key-received" /> received
      </li>
      {isBoth && (
        <li>
          <i class="key key-between" /> in the buffers
        </li>
      )}
      {isBoth && (
        <li>
          <i class="key key-still" /> the server stands still
        </li>
      )}
      <li>
        <i class="key key-paused" /> we pause
      </li>
    </ul>
  );
}

/** What the chart says at one time: where the pointer is, or else the time shown. */
function Readout({ at }: { at: number | null }) {
  void grown.value;
  const index = indexOfRun();
  if (index === null) return <p class="readout">Run an experiment, or open a trace.</p>;
  const when = Math.min(Math.max(0, at ?? time.value), time.value);
  const received = index.receivedAt(when);
  if (index.run.facts.ends === 'receiver') {
    return (
      <p class="readout">
        At {shownMs(when)}: {shownBytes(received)} received.
      </p>
    );
  }
  const sent = index.sentAt(when);
  return (
    <p class="readout">
      At {shownMs(when)}: {shownBytes(sent)} sent, {shownBytes(received)} received,{' '}
      <strong>{shownBytes(Math.max(0, sent - received))}</strong> between.
    </p>
  );
}

/** The drawn bands in words, for who can't see them. */
function StandStills() {
  void grown.value;
  const { value } = run;
  if (value === null || live.value) return null;
  const lanes: [LaneKind, string, Span[]][] = [
    ['still', 'The server stood still', stallsOf(value, end.value)],
    ['paused', 'We paused', pausesOf(value, end.value)],
  ];
  return (
    <div class="unseen">
      {lanes.map(([kind, says, spans]) => (
        <p key={kind} data-lane={kind} data-count={spans.length} data-ms={lengthOf(spans).toFixed(1)}>
          {says} {spans.length} times, for {shownSeconds(lengthOf(spans))} in all
          {spans.length > 0 && spans.length <= 40
            ? `: ${spans.map(({ from, to }) => `${shownSeconds(from)} to ${shownSeconds(to)}`).join(', ')}`
            : ''}
          .
        </p>
      ))}
    </div>
  );
}

function inWords(): string {
  const { value } = run;
  if (value === null) return 'Nothing has been run yet.';
  const { sent, received } = value.totals;
  const both = value.facts.ends === 'both' ? `${shownBytes(sent)} sent, ` : '';
  return `${both}${shownBytes(received)} received within ${shownMs(end.value)}.`;
}
