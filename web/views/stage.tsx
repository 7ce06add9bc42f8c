import type { Run } from '../../src/flow/run.js';
import type { Moment, ReceiverDoing, ServerDoing } from '../../src/flow/run-at.js';
import { grown, moment, run } from '../player.js';
import { counted, shownBytes, shownCount } from '../shown.js';
import { Picture } from './picture.js';
import { Reservoir } from './reservoir.js';

const SERVER_SAYS: Record<ServerDoing, string> = {
  ready: 'is ready',
  sending: 'sends',
  still: 'stands still',
  resting: 'pauses by itself',
  done: 'has sent all',
};

const WE_SAY: Record<ReceiverDoing, string> = {
  ready: 'are ready',
  waiting: 'wait for bytes',
  receiving: 'receive',
  paused: 'pause',
  done: 'have all',
};

/** The server, the two kernels' buffers, we who receive, and the picture as far as it came. */
export function Stage() {
  void grown.value;
  const { value } = run;
  const now = moment.value;
  const isBoth = value?.facts.ends !== 'receiver';
  return (
    <section class="stage" aria-label="The stage">
      <ServerEnd run={value} now={now} isBoth={isBoth} />
      <Reservoir run={value} now={now} isBoth={isBoth} />
      <OurEnd run={value} now={now} />
      <Picture run={value} now={now} />
    </section>
  );
}

interface EndProps {
  readonly run: Run | null;
  readonly now: Moment | null;
}

function ServerEnd({ run: shown, now, isBoth }: EndProps & { isBoth: boolean }) {
  const doing = now?.server ?? 'ready';
  const sendSize = shown?.facts.sendSize;
  return (
    <div class="end end-server">
      <h2>The server</h2>
      {isBoth ? (
        <>
          <p class={`doing doing-${doing}`} data-doing={doing}>
            {SERVER_SAYS[doing]}
          </p>
          <p class="figure">
            <b>{shownBytes(now?.sent ?? 0)}</b> sent
          </p>
          <p class="detail">{counted(now?.sends ?? 0, 'send')}</p>
          <p class="detail">
            {sendSize === undefined ? '' : `in its hand: at most one send of ${shownCount(sendSize)}\u00a0B`}
          </p>
        </>
      ) : (
        <>
          <p class="doing doing-unseen">can't be seen</p>
          <p class="detail">It is not ours: what it sent, and when, only it knows. We see what comes.</p>
        </>
      )}
    </div>
  );
}

function OurEnd({ run: shown, now }: EndProps) {
  const doing = now?.receiver ?? 'ready';
  const recvSize = shown?.facts.recvSize;
  return (
    <div class="end end-ours">
      <h2>We</h2>
      <p class={`doing doing-${doing}`} data-doing={doing}>
        {WE_SAY[doing]}
      </p>
      <p class="figure">
        <b>{shownBytes(now?.received ?? 0)}</b> received
      </p>
      <p class="detail">
        {counted(now?.receives ?? 0, shown?.facts.unit === 'record' ? 'TLS record' : 'receive')}
      </p>
      <p class="detail">
        {recvSize === undefined ? '' : `in our hand: at most one receive of ${shownCount(recvSize)}\u00a0B`}
      </p>
    </div>
  );
}
