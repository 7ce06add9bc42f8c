import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Run } from '../../src/flow/run.js';
import type { Moment } from '../../src/flow/run-at.js';
import { growImage } from '../growing-image.js';
import { end, live, liveSource, time } from '../player.js';

interface Props {
  readonly run: Run | null;
  readonly now: Moment | null;
}

/**
 * The picture as far as it came. While a run is live the browser decodes the very bytes that come, streamed; in a replay the whole
 * picture is uncovered as the bytes came, from below where it is stored so (BMP).
 */
export function Picture({ run, now }: Props) {
  const { width = 4, height = 3 } = run?.facts.dimensions ?? {};
  const known = run?.facts.dimensions;
  // A text, or nothing at all.
  if (run?.facts.outcome?.mediaType === null) return null;
  return (
    <figure class="picture">
      <div class="frame" style={{ aspectRatio: `${width} / ${height}` }}>
        <Shown run={run} now={now} />
      </div>
      <figcaption>{known === undefined ? 'the picture' : `${width} × ${height} pixels`}</figcaption>
    </figure>
  );
}

function Shown({ run, now }: Props) {
  const grown = useSignal<string | null>(null);
  const streamed = liveSource.value;
  useEffect(() => {
    grown.value = null;
    if (streamed === null) return undefined;
    const gone = new AbortController();
    growImage(streamed, gone.signal, (url) => {
      grown.value = url;
    }).catch((error: unknown) => {
      // Another run was begun, or the lab went away, which the page says elsewhere.
      if (!gone.signal.aborted && !(error instanceof TypeError)) throw error;
    });
    return () => gone.abort();
  }, [streamed, grown]);
  const source = streamed === null ? savedSource(run) : grown.value;
  if (source === null) return null;
  const hidden = `${((1 - shareShown(run, now)) * 100).toFixed(2)}%`;
  const clipPath = isFromBelow(run) ? `inset(${hidden} 0 0 0)` : `inset(0 0 ${hidden} 0)`;
  return <img src={source} alt="As far as it came" style={{ clipPath }} />;
}

function savedSource(run: Run | null): string | null {
  const picture = run?.facts.picture;
  if (picture === undefined) return null;
  return 'path' in picture ? picture.path : `data:${picture.mediaType};base64,${picture.base64}`;
}

function isFromBelow(run: Run | null): boolean {
  return run?.facts.outcome?.mediaType === 'image/bmp';
}

/** The share of the body that is there at the time shown; all that the browser has, while the run is live. */
function shareShown(run: Run | null, now: Moment | null): number {
  if (run === null || live.value || time.value >= end.value) return 1;
  const all = run.facts.expectedBytes ?? run.totals.received;
  return all > 0 ? Math.min(1, (now?.received ?? 0) / all) : 1;
}
