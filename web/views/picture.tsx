import type { Run } from '../../src/flow/run.js';
import type { Moment } from '../../src/flow/run-at.js';
import { end, live, liveSource, time } from '../player.js';

/**
 * The picture as far as it came. While a run is live the browser decodes the very bytes that come, streamed; in a replay the whole
 * picture is uncovered as the bytes came, from below where it is stored so (BMP).
 */
export function Picture({ run, now }: { run: Run | null; now: Moment | null }) {
  const source = sourceOf(run);
  const share = shareShown(run, now);
  const isFromBelow =
    run?.facts.picture !== undefined &&
    'path' in run.facts.picture &&
    run.facts.picture.path.includes('.bmp');
  const hidden = `${((1 - share) * 100).toFixed(2)}%`;
  const { width = 4, height = 3 } = run?.facts.dimensions ?? {};
  return (
    <figure class="picture">
      <div class="frame" style={{ aspectRatio: `${width} / ${height}` }}>
        {source !== null && (
          <img
            key={source}
            src={source}
            alt="As far as it came"
            style={{ clipPath: isFromBelow ? `inset(${hidden} 0 0 0)` : `inset(0 0 ${hidden} 0)` }}
          />
        )}
      </div>
      <figcaption>
        {run?.facts.dimensions === undefined
          ? 'the picture'
          : `${run.facts.dimensions.width} × ${run.facts.dimensions.height} pixels`}
      </figcaption>
    </figure>
  );
}

function sourceOf(run: Run | null): string | null {
  if (run === null) return null;
  if (liveSource.value !== null) return liveSource.value;
  const { picture } = run.facts;
  if (picture === undefined) return null;
  return 'path' in picture ? picture.path : `data:${picture.mediaType};base64,${picture.base64}`;
}

/** The share of the body that is there at the time shown; all that the browser has, while the run is live. */
function shareShown(run: Run | null, now: Moment | null): number {
  if (run === null || live.value || time.value >= end.value) return 1;
  const all = run.facts.expectedBytes ?? run.totals.received;
  return all > 0 ? Math.min(1, (now?.received ?? 0) / all) : 1;
}
