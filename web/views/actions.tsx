import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { grown, live, run } from '../player.js';
import { openTrace, saveTrace, traceProblem } from '../trace-files.js';

/** Save the run, open another, copy the command that does the same. */
export function Actions() {
  void grown.value;
  const input = useRef<HTMLInputElement>(null);
  const { value } = run;
  const isOff = value === null || live.value;
  return (
    <section class="panel actions" aria-labelledby="actions-title">
      <header class="panel-head">
        <h2 id="actions-title">Keep it</h2>
      </header>
      <div class="buttons">
        <button type="button" disabled={isOff} onClick={() => value !== null && void saveTrace(value)}>
          Save this run
        </button>
        <button type="button" onClick={() => input.current?.click()}>
          Open a trace…
        </button>
        <input
          ref={input}
          type="file"
          accept=".json,application/json"
          class="unseen"
          tabIndex={-1}
          aria-label="A trace file"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            event.currentTarget.value = '';
            if (file !== undefined) void openTrace(file);
          }}
        />
      </div>
      {traceProblem.value !== null && (
        <p class="problem" role="alert">
          {traceProblem.value}
        </p>
      )}
      {value?.facts.command !== undefined && <Command text={value.facts.command} />}
    </section>
  );
}

function Command({ text }: { text: string }) {
  const isCopied = useSignal(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    isCopied.value = true;
    setTimeout(() => {
      isCopied.value = false;
    }, 2000);
  };
  return (
    <div class="command">
      <p class="hint">The same at a shell:</p>
      <code>{text}</code>
      <button type="button" onClick={() => void copy()}>
        {isCopied.value ? 'Copied' : 'Copy the command'}
      </button>
    </div>
  );
}
