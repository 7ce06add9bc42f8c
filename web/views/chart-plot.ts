import uPlot from 'uplot';
import { end, indexOfRun, live, run, seek, time } from '../player.js';
import { shownBytes } from '../shown.js';
import { colour, laneShare, paintLanes } from './lanes.js';

/** A part of the run's time; null for all of it. */
export type Zoom = { readonly from: number; readonly to: number } | null;

const AXIS_PX = 66;
const NARROW_AXIS_PX = 52;
/** The shortest part of the time that can be looked at, in milliseconds. */
export const CLOSEST_MS = 0.5;

/** A part of the time, moved to where it lies within all of it. */
export function within(from: number, width: number, all: number): Zoom {
  const begin = Math.min(Math.max(0, from), all - width);
  return { from: begin, to: begin + width };
}

export function sizeIn(element: HTMLElement): { width: number; height: number } {
  const { width, height } = element.getBoundingClientRect();
  return { width: Math.max(200, width), height: Math.max(160, height) };
}

/** The plot in `element`; dragging sets `zoom`, the pointer `hover`, and a click the time shown. */
export function makePlot(
  element: HTMLElement,
  zoom: { value: Zoom },
  hover: { value: number | null },
): uPlot {
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
export function draw(plot: uPlot, zoom: Zoom): void {
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
  return `${(tick / 1000).toFixed(step % 1000 === 0 ? 0 : step % 100 === 0 ? 1 : 2)} s`;
}
