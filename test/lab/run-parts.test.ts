import { setImmediate as tick } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EXPERIMENTS } from '../../src/lab/experiments.js';
import { GrowingPicture } from '../../src/lab/growing-picture.js';
import { commandFor } from '../../src/lab/run-command.js';
import { RUNS_AT_ONCE, RunLine } from '../../src/lab/run-line.js';
import { readRunSettings } from '../../src/lab/run-settings.js';

describe('EXPERIMENTS', () => {
  it.each(EXPERIMENTS.map((experiment) => [experiment.name, experiment] as const))(
    '"%s" is within the bounds, and asks one question',
    (_, { settings, question }) => {
      expect(readRunSettings(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
      expect(question).toMatch(/^[A-Z][^?]+\?$/);
    },
  );
});

describe('commandFor()', () => {
  const settings = EXPERIMENTS[0]!.settings;

  it('quotes a URL for the shell, and leaves its password out', () => {
    const url = "http://me:secret@127.0.0.1/it's?a=1&b=$(id)";
    const command = commandFor({ ...settings, source: { kind: 'url', url } }, 'http://127.0.0.1:1');
    expect(command).toContain("'http://127.0.0.1/it'\\''s?a=1&b=$(id)'");
    expect(command).not.toContain('secret');
  });

  it('starts an origin where its pace matters', () => {
    expect(commandFor({ ...settings, sendPause: 50 }, 'http://127.0.0.1:1')).toContain(
      '--send-delay 0.05 &\n',
    );
    expect(commandFor(settings, 'http://127.0.0.1:1')).toBe(
      'npx sluice get http://127.0.0.1:1/pictures/cover.jpg -o /dev/null --http 1.0 --recv-size 5120 --trace --flow',
    );
  });
});

describe('RunLine', () => {
  it('lets so many in at once, the others in their order, and none whose page went away', async () => {
    const line = new RunLine();
    const never = new AbortController().signal;
    const leave = await Promise.all(
      Array.from({ length: RUNS_AT_ONCE }, () => line.enter(never, () => undefined)),
    );
    const places: number[] = [];
    const gone = new AbortController();
    const [first, second, third] = [
      line.enter(never, (ahead) => places.push(ahead)),
      line.enter(gone.signal, () => undefined),
      line.enter(never, (ahead) => places.push(10 + ahead)),
    ];
    expect(places).toEqual([0, 12]);
    gone.abort();
    await expect(second).rejects.toThrow();
    expect(places.at(-1)).toBe(11);
    leave[0]!();
    leave[0]!();
    (await first)();
    await third;
  });
});

describe('GrowingPicture', () => {
  it('gives every reader all bytes, before, while and after they come', async () => {
    const picture = new GrowingPicture();
    const read = async () => {
      const chunks: Uint8Array[] = [];
      for await (const bytes of picture.bytes()) chunks.push(bytes);
      return Buffer.concat(chunks).toString();
    };
    const before = read();
    const mediaType = picture.mediaType();
    picture.begin('image/jpeg');
    picture.add(Buffer.from('ab'));
    const meanwhile = read();
    await tick();
    picture.add(Buffer.from('cd'));
    picture.end();
    expect(await Promise.all([before, meanwhile, read()])).toEqual(['abcd', 'abcd', 'abcd']);
    expect(await mediaType).toBe('image/jpeg');
  });

  it('has no media type where nothing came', async () => {
    const picture = new GrowingPicture();
    const mediaType = picture.mediaType();
    picture.end();
    expect(await mediaType).toBeUndefined();
  });
});
