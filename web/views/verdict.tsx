import { computed } from '@preact/signals';
import { verdictOfBoth } from '../../src/flow/both-ends.js';
import type { RunOutcome } from '../../src/flow/run.js';
import type { Limit } from '../../src/flow/verdict.js';
import { grown, live, run } from '../player.js';
import { shownMs } from '../shown.js';

const SAYS: Record<Limit, string> = {
  receiver: 'The receiver',
  sender: 'The sender',
  unknown: 'Nobody can say',
};

const fromBoth = computed(() => {
  void grown.value;
  return run.value === null || live.value ? undefined : verdictOfBoth(run.value);
});

/** Who set the pace, and on what that rests; where our time went. */
export function Verdict() {
  void grown.value;
  const outcome = run.value?.facts.outcome;
  return (
    <section class="panel verdict" aria-labelledby="verdict-title">
      <header class="panel-head">
        <h2 id="verdict-title">Who set the pace?</h2>
      </header>
      {outcome === undefined ? (
        <p class="hint">{live.value ? 'It is not over yet.' : 'Known when a run is over.'}</p>
      ) : (
        <Known outcome={outcome} />
      )}
    </section>
  );
}

function Known({ outcome }: { outcome: RunOutcome }) {
  const both = fromBoth.value;
  const limit = both?.limit ?? outcome.limit;
  const alone = `${SAYS[outcome.limit]}. ${outcome.evidence}`;
  return (
    <>
      <p class={`limit limit-${limit}`} data-limit={limit} data-alone={outcome.limit}>
        {SAYS[limit]}
      </p>
      <p class="evidence">{outcome.failure ?? both?.evidence ?? outcome.evidence}</p>
      {both !== undefined && (
        <p class="alone">
          <b>From our end alone:</b> {alone}
        </p>
      )}
      <Times outcome={outcome} />
    </>
  );
}

function Times({ outcome }: { outcome: RunOutcome }) {
  const parts = [
    ['waiting', 'we waited for bytes', outcome.waitingMs],
    ['paused', 'we paused', outcome.pausedMs],
    ['receiving', 'we received', outcome.receivingMs],
  ] as const;
  const all = Math.max(
    0.001,
    parts.reduce((sum, [, , ms]) => sum + ms, 0),
  );
  return (
    <div class="times">
      <div class="times-bar" aria-hidden="true">
        {parts.map(([name, , ms]) => (
          <i key={name} class={`time-${name}`} style={{ width: `${(ms / all) * 100}%` }} />
        ))}
      </div>
      <ul>
        {parts.map(([name, says, ms]) => (
          <li key={name}>
            <i class={`key time-${name}`} /> {says} <b data-time={name}>{shownMs(ms)}</b>
          </li>
        ))}
      </ul>
    </div>
  );
}
