import type { SluiceError } from '../errors.js';

/** By which a step says what to do should it be ended before it is done: `stop` is called once at most, and may only close things. */
export type WhenEnded = (stop: (reason: unknown) => void) => void;

/**
 * Runs one step of opening a connection; ends it when `ms` milliseconds are over, with the error that `late` makes, or when `outer` is aborted. `work` rejects where
 * it fails, and never throws. An `AbortController` a step would do the same, but three of them cost a tenth of a TLS handshake.
 */
export function withinTime<T>(
  ms: number,
  outer: AbortSignal | undefined,
  work: (whenEnded: WhenEnded) => Promise<T>,
  late: () => SluiceError,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let stop: ((reason: unknown) => void) | undefined;
    const end = (reason: unknown) => {
      settle();
      reject(reason);
      stop?.(reason);
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
    work((whatToDo) => {
      stop = whatToDo;
    }).then(
      (value) => {
        settle();
        resolve(value);
      },
      (error) => {
        settle();
        reject(error);
      },
    );
  });
}
