import { end, grown, live, pausePlaying, play, playing, run, seek, speed, time } from '../player.js';
import { shownSeconds } from '../shown.js';

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4] as const;

/** Replays the run that is shown, at any speed and from any moment. */
export function Transport() {
  void grown.value;
  const isOff = run.value === null || live.value;
  const all = end.value;
  return (
    <fieldset class="transport" aria-label="Replay">
      <button
        type="button"
        class="play"
        disabled={isOff}
        onClick={playing.value ? pausePlaying : play}
        aria-label={playing.value ? 'Pause the replay' : 'Replay'}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d={playing.value ? 'M7 5h4v14H7zM13 5h4v14h-4z' : 'M8 5l11 7-11 7z'} />
        </svg>
      </button>
      <input
        type="range"
        min="0"
        max={Math.max(1, all)}
        step="any"
        value={Math.min(time.value, all)}
        disabled={isOff}
        aria-label="Time"
        aria-valuetext={`${shownSeconds(time.value)} of ${shownSeconds(all)}`}
        onInput={(event) => {
          pausePlaying();
          seek(event.currentTarget.valueAsNumber);
        }}
      />
      <output class="clock">
        {live.value && <span class="live">live</span>}
        {shownSeconds(Math.min(time.value, all))} <span class="of">of {shownSeconds(all)}</span>
      </output>
      <label class="speed">
        <span>speed</span>
        <select
          disabled={isOff}
          value={String(speed.value)}
          onChange={(event) => {
            speed.value = Number(event.currentTarget.value);
          }}
        >
          {SPEEDS.map((value) => (
            <option key={value} value={String(value)}>
              {value}×
            </option>
          ))}
        </select>
      </label>
    </fieldset>
  );
}
