import type { SluiceError } from '../errors.js';

/** By which a step says what to close should it be ended before it is done. */
export type WhenEnded = (close: () => void) => void;

/**
 * Runs one step of opening a connection; ends it when `ms` milliseconds are over, with the error that `late` makes, or when `outer` is aborted. `work` rejects where
 * it fails, and never throws. An `AbortController` a step would do the same, but three of them cost a tenth of a picture by HTTPS.
 */
export function withinTime<T>(
  ms: number,
  outer: AbortSignal | undefined,
  work: (whenEnded: WhenEnded) => Promise<T>,
  late: () => SluiceError,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let close: (() => void) | undefined;
    const end = (reason: unknown) => {
      settle();
      reject(reason);
      close?.();
    };
    const abort = () => end(outer?.reason);
    const timer = setTimeout(() => end(late()), ms);
    const settle = () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', abort);
    };
    if (outer?.aborted) {
      abort();
      return;
    }
    outer?.addEventListener('abort', abort);
    const working = work((whatToClose) => {
      close = whatToClose;
    });
    working.finally(settle).then(resolve, reject);
  });
}
