import type { RunSettings } from './run-settings.js';

/**
 * The lines for a shell that do the same as a run. A picture of the lab's comes from the lab itself at `labUrl`; where the server's pace
 * matters, from an origin of one's own.
 */
export function commandFor(settings: RunSettings, labUrl: string): string {
  const { source, sendSize, sendPause, recvSize, pause, limitRate } = settings;
  const options = ['-o /dev/null', '--http 1.0', `--recv-size ${recvSize}`];
  if (pause > 0) options.push(`--delay ${pause / 1000}`);
  if (limitRate !== null) options.push(`--limit-rate ${limitRate}`);
  options.push('--trace', '--flow');
  const get = (url: string) => `npx sluice get ${quotedForShell(url)} ${options.join(' ')}`;
  if (source.kind === 'url') return get(withoutUserinfo(source.url));
  if (source.kind === 'cover' && sendPause > 0) {
    const origin = `npx sluice origin assets/cover.jpg --port 8080 --send-size ${sendSize} --send-delay ${sendPause / 1000}`;
    return `${origin} &\n${get('http://127.0.0.1:8080/cover.jpg')}`;
  }
  return get(labUrl + picturePath(source));
}

/** Where the lab has a picture of its own. */
export function picturePath(source: Exclude<RunSettings['source'], { kind: 'url' }>): string {
  return source.kind === 'cover' ? '/pictures/cover.jpg' : `/pictures/poster.bmp?bytes=${source.bytes}`;
}

/** What is shown, saved and copied names no password. */
export function withoutUserinfo(url: string): string {
  return url.replace(/^([a-z]+:\/*)[^/?#]*@/i, '$1');
}

function quotedForShell(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
