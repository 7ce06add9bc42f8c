import { computed, signal } from '@preact/signals';
import { EXPERIMENTS, type Experiment } from '../../src/lab/experiments.js';
import { LONGEST_RUN_MS, type RunSettings } from '../../src/lab/run-settings.js';
import { answerTo } from '../answers.js';
import { startRun, status, stopRun } from '../lab-client.js';
import { grown, live, run, show } from '../player.js';
import { shownBytes, shownCount } from '../shown.js';
import { OwnForm } from './own-form.js';

export const chosen = signal<Experiment>(EXPERIMENTS[0]!);
const own = signal<RunSettings>(EXPERIMENTS.at(-1)!.settings);
const settings = computed(() => (chosen.value.name === 'own' ? own.value : chosen.value.settings));

function choose(experiment: Experiment): void {
  if (experiment === chosen.value) return;
  stopRun();
  chosen.value = experiment;
  document.getElementById(`tab-${experiment.name}`)?.scrollIntoView({ block: 'nearest', inline: 'center' });
  show(null, false);
  status.value = { kind: 'idle' };
}

function changeOwn(changed: RunSettings): void {
  own.value = changed;
}

/** The experiments as tabs; arrows lead from one to the next. */
export function Tabs() {
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = EXPERIMENTS.indexOf(chosen.value);
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? EXPERIMENTS.length - 1 : step && at + step;
    if (to === undefined) return;
    event.preventDefault();
    const next = EXPERIMENTS[(to + EXPERIMENTS.length) % EXPERIMENTS.length]!;
    choose(next);
    document.getElementById(`tab-${next.name}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Experiments" onKeyDown={onKeyDown}>
      {EXPERIMENTS.map((experiment) => {
        const isChosen = experiment === chosen.value;
        return (
          <button
            key={experiment.name}
            type="button"
            role="tab"
            id={`tab-${experiment.name}`}
            aria-selected={isChosen}
            aria-controls="experiment"
            tabIndex={isChosen ? 0 : -1}
            onClick={() => choose(experiment)}
          >
            {experiment.title}
          </button>
        );
      })}
    </div>
  );
}

/** The question, how it is asked, and, after the run, the answer. */
export function ExperimentHead() {
  void grown.value;
  const experiment = chosen.value;
  const { value } = run;
  const answer = value === null || live.value ? undefined : answerTo(value);
  const isRunning = live.value;
  return (
    <section class="experiment" id="experiment" role="tabpanel" aria-labelledby={`tab-${experiment.name}`}>
      <div class="asking">
        <p class="question">{experiment.question}</p>
        {experiment.name === 'own' ? (
          <OwnForm value={own.value} onChange={changeOwn} />
        ) : (
          <p class="how">{howOf(settings.value)}</p>
        )}
        <p class="answer" role="status">
          {answer ?? statusText()}
        </p>
      </div>
      <button
        type="button"
        class="run"
        onClick={() => (isRunning ? stopRun() : void startRun(experiment.name, settings.value))}
      >
        {isRunning ? 'Stop' : value === null ? 'Run' : 'Run again'}
      </button>
    </section>
  );
}

function statusText(): string {
  const { value } = status;
  if (value.kind === 'refused') return value.reason;
  if (value.kind === 'waiting')
    return value.ahead === 0 ? 'Yours is the next run.' : `${value.ahead} runs come before yours.`;
  if (value.kind === 'running') return 'It runs …';
  return value.kind === 'over' ? 'It was ended before its end.' : '';
}

function howOf({ source, sendSize, sendPause, recvSize, pause, limitRate }: RunSettings): string {
  const picture =
    source.kind === 'poster'
      ? `A picture of ${shownBytes(source.bytes)}`
      : source.kind === 'cover'
        ? 'A picture of 230 KB'
        : `At most ${LONGEST_RUN_MS / 1000} s`;
  const parts = [picture, `sends of ${shownCount(sendSize)} B`];
  if (sendPause > 0) parts.push(`${sendPause} ms between them`);
  parts.push(`receives of at most ${shownCount(recvSize)} B`);
  if (pause > 0) parts.push(`a pause of ${pause} ms after each`);
  if (limitRate !== null) parts.push(`${shownBytes(limitRate)} a second`);
  return parts.join(' · ');
}
