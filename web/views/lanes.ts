import type uPlot from 'uplot';
import type { Run } from '../../src/flow/run.js';
import { pausesOf, type Span, shares, stallsOf } from '../spans.js';
import { LANE_PX } from './lane-measures.js';

/** The two lanes under the lines: when the server stood still, and when we paused. */

export type LaneKind = 'still' | 'paused';

const { lane: LANE, gap: GAP } = LANE_PX;

/** The lanes' part of the plot, as a share of what the lines have. */
export function laneShare(height: number): number {
  const lanes = 2 * LANE + 3 * GAP;
  return lanes / Math.max(80, height - 42 - lanes);
}

export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Bands over the time that is looked at, as far as it is shown; where bands are finer than a pixel, their share of it is their strength. */
export function paintLanes(plot: uPlot, run: Run | null, time: number, end: number): void {
  const { ctx, bbox } = plot;
  const dpr = devicePixelRatio;
  const { min, max } = plot.scales.x ?? {};
  if (min == null || max == null) return;
  const lanes: [LaneKind, string, Span[]][] = [];
  if (run?.facts.ends !== 'receiver')
    lanes.push(['still', 'server', run === null ? [] : stallsOf(run, time)]);
  lanes.push(['paused', 'we', run === null ? [] : pausesOf(run, time)]);
  const bottom = bbox.top + bbox.height;
  ctx.save();
  lanes.forEach(([kind, name, spans], i) => {
    const top = bottom - (lanes.length - i) * (LANE + GAP) * dpr;
    paintLane(ctx, bbox, top, kind, shares(spans, min, max, bbox.width));
    ctx.fillStyle = colour('--ink-soft');
    ctx.font = `${12 * dpr}px ${getComputedStyle(plot.root).fontFamily}`;
    ctx.textAlign = 'right';
    ctx.textBaseline = 'middle';
    ctx.fillText(name, bbox.left - 8 * dpr, top + (LANE * dpr) / 2);
  });
  if (time < end && time >= min && time <= max) paintNow(ctx, bbox, (time - min) / (max - min));
  ctx.restore();
}

function paintLane(
  ctx: CanvasRenderingContext2D,
  { left, width }: uPlot.BBox,
  top: number,
  kind: LaneKind,
  covered: Float64Array,
): void {
  const height = LANE * devicePixelRatio;
  ctx.fillStyle = colour('--lane');
  ctx.fillRect(left, top, width, height);
  const base = colour(kind === 'still' ? '--still' : '--paused');
  const pattern = patternOf(ctx, kind);
  for (let x = 0; x < covered.length; ) {
    const strength = Math.round(Math.min(1, covered[x]!) * 8) / 8;
    let to = x + 1;
    while (to < covered.length && Math.round(Math.min(1, covered[to]!) * 8) / 8 === strength) to++;
    if (strength > 0 || covered[x]! > 0) {
      ctx.globalAlpha = Math.max(0.3, strength);
      ctx.fillStyle = base;
      ctx.fillRect(left + x, top, to - x, height);
      ctx.fillStyle = pattern;
      ctx.fillRect(left + x, top, to - x, height);
    }
    x = to;
  }
  ctx.globalAlpha = 1;
}

function paintNow(
  ctx: CanvasRenderingContext2D,
  { left, top, width, height }: uPlot.BBox,
  share: number,
): void {
  ctx.strokeStyle = colour('--ink');
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(left + share * width, top);
  ctx.lineTo(left + share * width, top + height);
  ctx.stroke();
}

/** Lines for the server, dots for us: told apart without colour too. */
function patternOf(ctx: CanvasRenderingContext2D, kind: LaneKind): CanvasPattern | string {
  const dpr = devicePixelRatio;
  const size = Math.round(8 * dpr);
  const tile = document.createElement('canvas');
  tile.width = size;
  tile.height = size;
  const pen = tile.getContext('2d');
  if (pen === null) return 'transparent';
  pen.fillStyle = colour('--on-band');
  pen.strokeStyle = colour('--on-band');
  if (kind === 'still') {
    pen.lineWidth = 2 * dpr;
    pen.beginPath();
    for (const shift of [-size, 0, size]) {
      pen.moveTo(shift, size);
      pen.lineTo(shift + size, 0);
    }
    pen.stroke();
  } else {
    pen.beginPath();
    pen.arc(size / 2, size / 2, 1.5 * dpr, 0, 2 * Math.PI);
    pen.fill();
  }
  return ctx.createPattern(tile, 'repeat') ?? 'transparent';
}
