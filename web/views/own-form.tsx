import { useId } from 'preact/hooks';
import { type Bounds, RUN_BOUNDS, type RunSettings, type RunSource } from '../../src/lab/run-settings.js';

const LARGE_BYTES = 17_000_000;

interface Props {
  readonly value: RunSettings;
  onChange(changed: RunSettings): void;
}

/** The settings of one's own experiment. */
export function OwnForm({ value, onChange }: Props) {
  const { source } = value;
  const change = (part: Partial<RunSettings>) => onChange({ ...value, ...part });
  const isOurs = source.kind !== 'url';
  return (
    <form class="own" onSubmit={(event) => event.preventDefault()}>
      <Source source={source} onChange={(changed) => change({ source: changed })} />
      <Amount
        label="Receive size, bytes"
        bounds={RUN_BOUNDS.recvSize}
        value={value.recvSize}
        onChange={(recvSize) => change({ recvSize })}
      />
      <Amount
        label="Pause after each, ms"
        bounds={RUN_BOUNDS.pause}
        value={value.pause}
        onChange={(pause) => change({ pause })}
      />
      <Amount
        label="Rate, bytes a second"
        bounds={RUN_BOUNDS.limitRate}
        value={value.limitRate}
        onChange={(limitRate) => change({ limitRate })}
        onEmpty={() => change({ limitRate: null })}
      />
      {isOurs && (
        <>
          <Amount
            label="Send size, bytes"
            bounds={RUN_BOUNDS.sendSize}
            value={value.sendSize}
            onChange={(sendSize) => change({ sendSize })}
          />
          <Amount
            label="Pause between sends, ms"
            bounds={RUN_BOUNDS.sendPause}
            value={value.sendPause}
            onChange={(sendPause) => change({ sendPause })}
          />
        </>
      )}
    </form>
  );
}

function Source({ source, onChange }: { source: RunSource; onChange(source: RunSource): void }) {
  const id = useId();
  const START: Record<RunSource['kind'], RunSource> = {
    cover: { kind: 'cover' },
    poster: { kind: 'poster', bytes: LARGE_BYTES },
    url: { kind: 'url', url: 'https://' },
  };
  return (
    <>
      <div class="field">
        <label for={`${id}-kind`}>Picture</label>
        <select
          id={`${id}-kind`}
          value={source.kind}
          onChange={(event) => onChange(START[event.currentTarget.value as RunSource['kind']])}
        >
          <option value="cover">of 230 KB</option>
          <option value="poster">of any size</option>
          <option value="url">a URL</option>
        </select>
      </div>
      {source.kind === 'poster' && (
        <Amount
          label="Its size, bytes"
          bounds={RUN_BOUNDS.posterBytes}
          value={source.bytes}
          onChange={(bytes) => onChange({ kind: 'poster', bytes })}
        />
      )}
      {source.kind === 'url' && (
        <div class="field field-wide">
          <label for={`${id}-url`}>URL</label>
          <input
            id={`${id}-url`}
            type="url"
            value={source.url}
            onInput={(event) => onChange({ kind: 'url', url: event.currentTarget.value })}
          />
        </div>
      )}
    </>
  );
}

interface AmountProps {
  readonly label: string;
  readonly bounds: Bounds;
  readonly value: number | null;
  onChange(value: number): void;
  /** Where nothing may stand, too. */
  onEmpty?(): void;
}

function Amount({ label, bounds, value, onChange, onEmpty }: AmountProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="number"
        min={bounds.least}
        max={bounds.most}
        value={value ?? ''}
        placeholder={onEmpty === undefined ? '' : 'any'}
        onInput={(event) => {
          const { valueAsNumber } = event.currentTarget;
          if (Number.isFinite(valueAsNumber)) onChange(valueAsNumber);
          else onEmpty?.();
        }}
      />
    </div>
  );
}
