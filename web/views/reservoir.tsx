import type { Run } from '../../src/flow/run.js';
import type { Moment } from '../../src/flow/run-at.js';
import { live, playing } from '../player.js';
import { shownBytes } from '../shown.js';

/** The drawing's measures. */
const TOP = 30;
const BOTTOM = 214;
/** Where the water stands in a tank that holds what it held at most. */
const BRIM = TOP + 44;
/** The channel that leads to the first tank. */
const INLET = TOP + 36;
/** The height of the opening that leads out of the second. */
const OUTLET = 34;
const LEFT = { x: 78, width: 196 };
const RIGHT = { x: 366, width: 196 };
/** The least that a full tank stands for, in bytes. */
const LEAST_SCALE = 64 * 1024;

type Place = typeof LEFT;

interface Props {
  readonly run: Run | null;
  readonly now: Moment | null;
  readonly isBoth: boolean;
}

/** The two kernels' buffers as water behind gates. */
export function Reservoir({ run, now, isBoth }: Props) {
  const scale = scaleOf(run);
  const [serverQueue, ourQueue] =
    run === null ? [0, 0] : [now?.serverQueue ?? null, now?.clientQueue ?? null];
  const between = Math.max(0, (now?.sent ?? 0) - (now?.received ?? 0));
  const arrived = now?.arrived ?? 0;
  const moves = live.value || playing.value;
  const pours = moves && now?.server === 'sending';
  const paused = now?.receiver === 'done' ? 0 : (now?.paused ?? 0);
  // As wide as the gate is open on the whole.
  const runsOut = moves && now?.receiver !== 'waiting' && (now?.received ?? 0) > 0 ? 1 - paused : 0;
  const outlet = RIGHT.x + RIGHT.width;
  return (
    <figure class={`reservoir ${moves ? 'moves' : ''}`}>
      <svg viewBox="0 0 640 226" role="img" aria-label={inWords(serverQueue, ourQueue, isBoth)}>
        <Patterns />
        {pours && <path class="stream" d={`M4 ${INLET - 7} H${LEFT.x}`} />}
        {pours && (
          <path
            class="stream"
            d={`M${LEFT.x - 2} ${INLET - 7} q16 0 18 22 V${surfaceOf(serverQueue, scale) + 6}`}
          />
        )}
        {runsOut > 0.01 && (
          <path
            class="stream"
            d={`M${outlet} ${BOTTOM - 2 - 6 * runsOut} H636`}
            style={{ strokeWidth: `${2 + 12 * runsOut}px` }}
          />
        )}
        <Water
          at={LEFT}
          clip="tank-server"
          surface={surfaceOf(serverQueue === null ? null : serverQueue - arrived, scale)}
          kept={surfaceOf(serverQueue, scale)}
          isSeen={serverQueue !== null}
        />
        <Water
          at={RIGHT}
          clip="tank-ours"
          surface={surfaceOf(ourQueue, scale)}
          kept={BOTTOM}
          isSeen={ourQueue !== null}
        />
        <rect
          class="pipe"
          x={LEFT.x + LEFT.width - 1}
          y={BOTTOM - 27}
          width={RIGHT.x - LEFT.x - LEFT.width + 2}
          height="18"
        />
        <text class="note" x="320" y={BOTTOM - 35}>
          the wire
        </text>
        <path class="wall" d={`M4 ${INLET} H${LEFT.x} V${BOTTOM} H${LEFT.x + LEFT.width} V${TOP}`} />
        <path class="wall" d={`M${RIGHT.x} ${TOP} V${BOTTOM} H636 M${outlet} ${TOP} V${BOTTOM - OUTLET}`} />
        <path
          class="brim"
          d={`M${LEFT.x + 6} ${BRIM} h${LEFT.width - 12} M${RIGHT.x + 6} ${BRIM} h${RIGHT.width - 12}`}
        />
        <text class="note" x={RIGHT.x + RIGHT.width / 2} y={BRIM - 9}>
          {shownBytes(scale)}
        </text>
        <text class="note" x={LEFT.x + LEFT.width / 2} y={BRIM - 9}>
          {isBoth ? shownBytes(scale) : 'not ours to see'}
        </text>
        {isBoth && (
          <Gate
            x={LEFT.x - 19}
            from={INLET - 36}
            to={INLET}
            shut={now?.server === 'done' ? 0 : (now?.stalled ?? 0)}
            look="hatch"
          />
        )}
        <Gate x={outlet + 5} from={BOTTOM - OUTLET - 2} to={BOTTOM} shut={paused} look="dots" />
      </svg>
      <figcaption>
        <span>
          <b>{serverQueue === null ? '–' : shownBytes(serverQueue)}</b> in the server's kernel
          {arrived > 0 && <i class="kept-note">{shownBytes(arrived)} of it only until acknowledged</i>}
        </span>
        <span class="between">
          {isBoth && (
            <>
              <b>{shownBytes(between)}</b> sent, not yet received
            </>
          )}
        </span>
        <span>
          <b>{ourQueue === null ? '–' : shownBytes(ourQueue)}</b> in our kernel
        </span>
      </figcaption>
    </figure>
  );
}

function Patterns() {
  return (
    <defs>
      <clipPath id="tank-server">
        <path d={tank(LEFT)} />
      </clipPath>
      <clipPath id="tank-ours">
        <path d={tank(RIGHT)} />
      </clipPath>
      <pattern id="hatch" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="9" height="9" class="hatch-ground" />
        <rect width="4" height="9" class="hatch-line" />
      </pattern>
      <pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">
        <rect width="6" height="6" class="dots-ground" />
        <circle cx="3" cy="3" r="1.3" class="dots-dot" />
      </pattern>
    </defs>
  );
}

interface WaterProps {
  readonly at: Place;
  readonly clip: string;
  readonly surface: number;
  /** Up to here stands what has gone on, and is kept until that is acknowledged. */
  readonly kept: number;
  readonly isSeen: boolean;
}

function Water({ at, clip, surface, kept, isSeen }: WaterProps) {
  if (!isSeen) return <path class="tank-unseen" d={tank(at)} />;
  return (
    <>
      <path class="tank" d={tank(at)} />
      <g clip-path={`url(#${clip})`}>
        {kept < surface && (
          <path class="kept" d={`M${at.x} ${kept.toFixed(1)} h${at.width} V${BOTTOM} h${-at.width} Z`} />
        )}
        {surface < BOTTOM && (
          <g class="water" style={{ transform: `translateY(${surface.toFixed(1)}px)` }}>
            <path class="wave wave-back" d={wave(at, 5, 0.5)} />
            <path class="wave" d={wave(at, 4, 0)} />
          </g>
        )}
      </g>
    </>
  );
}

interface GateProps {
  readonly x: number;
  readonly from: number;
  readonly to: number;
  /** From 0, open, to 1: an end's share of standing still. */
  readonly shut: number;
  readonly look: 'hatch' | 'dots';
}

/** Let down as far as an end stands still, in that end's pattern. */
function Gate({ x, from, to, shut, look }: GateProps) {
  const height = to - from;
  return (
    <g>
      <path class="gate-rail" d={`M${x} ${from - height} V${to} M${x + 14} ${from - height} V${to}`} />
      <rect
        class={`gate-leaf ${shut >= 0.5 ? `gate-${look}` : ''}`}
        x={x}
        y={from}
        width="14"
        height={height}
        rx="1.5"
        style={{ transform: `translateY(${(-height * (1 - shut)).toFixed(1)}px)` }}
      />
    </g>
  );
}

function tank({ x, width }: Place): string {
  return `M${x} ${TOP} V${BOTTOM} H${x + width} V${TOP} Z`;
}

/** Water whose surface is at 0: a wave longer than the tank, so that it can drift. */
function wave({ x, width }: Place, height: number, phase: number): string {
  const length = width / 2;
  const begin = x - length * (1 + phase);
  let path = `M${begin} 0`;
  for (let at = begin; at < x + width + length; at += length) {
    path += ` q${length / 4} ${-height} ${length / 2} 0 t${length / 2} 0`;
  }
  return `${path} V400 H${begin} Z`;
}

function surfaceOf(bytes: number | null, scale: number): number {
  return BOTTOM - Math.min(1, (bytes ?? 0) / scale) * (BOTTOM - BRIM);
}

/** What a full tank stands for: the most that either held in the whole run. */
function scaleOf(run: Run | null): number {
  if (run === null) return LEAST_SCALE;
  const { server, client } = run.columns.queues;
  let most = LEAST_SCALE;
  for (const bytes of server) if (bytes > most) most = bytes;
  for (const bytes of client) if (bytes > most) most = bytes;
  return most;
}

function inWords(server: number | null, ours: number | null, isBoth: boolean): string {
  const says = (bytes: number | null) => (bytes === null ? 'unknown' : shownBytes(bytes));
  const theirs = isBoth ? `In the server's kernel: ${says(server)}. ` : "The server's kernel can't be seen. ";
  return `${theirs}In our kernel: ${says(ours)}. Full stands for the most that either held.`;
}
