import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { end, grown, indexOfRun, live, run, seek, time } from '../player.js';
import { shownBytes, shownMs, shownSeconds } from '../shown.js';
import { lengthOf, pausesOf, type Span, stallsOf } from '../spans.js';
import { colour, type LaneKind, laneShare, paintLanes } from './lanes.js';

/** A part of the run's time; null for all of it. */
type Zoom = { readonly from: number; readonly to: number } | null;

const AXIS_PX = 66;
const NARROW_AXIS_PX = 52;
/** The shortest part of the time that can be looked at, in milliseconds. */
const CLOSEST_MS = 0.5;

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

function within(from: number, width: number, all: number): Zoom {
  const begin = Math.min(Math.max(0, from), all - width);
  return { from: begin, to: begin + width };
}

function sizeIn(element: HTMLElement): { width: number; height: number } {
  const { width, height } = element.getBoundingClientRect();
  return { width: Math.max(200, width), height: Math.max(160, height) };
}

function makePlot(element: HTMLElement, zoom: { value: Zoom }, hover: { value: number | null }): uPlot {
  const font = () => `12px ${getComputedStyle(element).fontFamily}`;
  const axisPx = () => (element.clientWidth < 600 ? NARROW_AXIS_PX : AXIS_PX);
  const made: uPlot = new uPlot(
    {
      ...sizeIn(element),
      padding: [12, 26, 0, 0],
      legend: { show: false },
      cursor: {
        points: { size: 8 },
        drag: { x: true, y: false, setScale: false },
        // A click seeks; a drag chooses a part of the time.
        bind: {
          dblclick: () => () => {
            zoom.value = null;
            return null;
          },
        },
      },
      scales: { x: { time: false, auto: false }, y: { auto: false } },
      series: [
        {},
        { label: 'sent', width: 1.75, stroke: () => colour('--sent'), points: { show: false } },
        { label: 'received', width: 2.5, stroke: () => colour('--water'), points: { show: false } },
      ],
      bands: [{ series: [1, 2], fill: () => colour('--water-veil') }],
      axes: [
        {
          stroke: () => colour('--ink-soft'),
          grid: { stroke: () => colour('--rule'), width: 1 },
          ticks: { show: false },
          font: font(),
          size: 30,
          values: (_, ticks) => ticks.map((tick) => shownTick(tick, (ticks[1] ?? 1) - (ticks[0] ?? 0))),
        },
        {
          stroke: () => colour('--ink-soft'),
          grid: { stroke: () => colour('--rule'), width: 1 },
          ticks: { show: false },
          font: font(),
          size: axisPx,
          filter: (_, ticks) => ticks.map((tick) => (tick < 0 ? null : tick)),
          values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : shownBytes(tick))),
        },
      ],
      hooks: {
        setCursor: [
          (u) => {
            const { left = -1 } = u.cursor;
            hover.value = left < 0 ? null : u.posToVal(left, 'x');
          },
        ],
        setSelect: [
          (u) => {
            const { left, width } = u.select;
            if (width < 4) return;
            const from = u.posToVal(left, 'x');
            zoom.value = { from, to: Math.max(from + CLOSEST_MS, u.posToVal(left + width, 'x')) };
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
        draw: [(u) => paintLanes(u, run.value, time.value, end.value)],
      },
    },
    [[0], [0], [0]],
    element,
  );
  made.over.addEventListener('click', ({ offsetX }) => seek(made.posToVal(offsetX, 'x')));
  draw(made, zoom.value);
  return made;
}

/** The lines at every half pixel of the part that is looked at, up to the time shown. */
function draw(plot: uPlot, zoom: Zoom): void {
  const index = indexOfRun();
  const all = Math.max(1, live.value ? Math.max(end.value, 250) : end.value);
  const { from, to } = zoom ?? { from: 0, to: all };
  const samples = Math.max(2, Math.round(plot.bbox.width / devicePixelRatio) * 2);
  const x: number[] = [];
  const sent: (number | null)[] = [];
  const received: (number | null)[] = [];
  const isBoth = index?.run.facts.ends === 'both';
  for (let i = 0; i <= samples; i++) {
    const at = from + ((to - from) * i) / samples;
    const isShown = index !== null && at <= time.value;
    x.push(at);
    sent.push(isShown && isBoth ? index.sentAt(at) : null);
    received.push(isShown ? index.receivedAt(at) : null);
  }
  const { totals, facts } = index?.run ?? {};
  const most = Math.max(1000, facts?.expectedBytes ?? 0, totals?.sent ?? 0, totals?.received ?? 0);
  plot.batch(() => {
    plot.setData([x, sent, received], false);
    plot.setScale('x', { min: from, max: to });
    plot.setScale('y', { min: -most * laneShare(plot.height), max: most * 1.04 });
  });
}

/** As exact as the step from one tick to the next. */
function shownTick(tick: number, step: number): string {
  if (step < 100) return `${tick.toFixed(step < 0.1 ? 2 : step < 1 ? 1 : 0)} ms`;
  return `${(tick / 1000).toFixed(step % 1000 === 0 ? 0 : 1)} s`;
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
