/** Why we stopped receiving. */
export type StopReason =
  /** `delay`: a pause was asked for after each receive. */
  | 'delay'
  /** `rate`: the mean rate is held by not reading. */
  | 'rate'
  /** `consumer`: whoever takes the body (disk, pipe, decoder, reader of the stream) is slower than the network. */
  | 'consumer';

/**
 * What happens on one connection while a response is received, told as it happens. Everything that is shown of a
 * transfer (trace lines, ledger, verdict) is a fold over these calls, so no two views can disagree.
 * Times are milliseconds on the monotonic clock of `performance.now()`.
 */
export interface FlowObserver {
  /** The request was handed to the kernel: from now on we wait for the server. */
  asked(at: number): void;
  /** One `recv` (a TLS record on https) of `length` bytes came at `at`; we were done with it at `until`. */
  receive(length: number, at: number, until: number): void;
  /** We stop reading: the kernel's buffer fills, and TCP makes the server pause. */
  stop(at: number, reason: StopReason): void;
  /** We read again. */
  resume(at: number): void;
  /** The kernel's receive queue of our end held `bytes` at `at`. */
  queue(bytes: number, at: number): void;
  /** The response is over: complete, failed or given up. */
  ended(at: number): void;
}

/** Tells several observers the same. */
export function tellAll(observers: readonly FlowObserver[]): FlowObserver {
  if (observers.length === 1) return observers[0]!;
  return {
    asked: (at) => observers.forEach((observer) => void observer.asked(at)),
    receive: (length, at, until) => observers.forEach((observer) => void observer.receive(length, at, until)),
    stop: (at, reason) => observers.forEach((observer) => void observer.stop(at, reason)),
    resume: (at) => observers.forEach((observer) => void observer.resume(at)),
    queue: (bytes, at) => observers.forEach((observer) => void observer.queue(bytes, at)),
    ended: (at) => observers.forEach((observer) => void observer.ended(at)),
  };
}

/** Tells `observer` until one of its methods throws, which `onThrow` is told then: an observer must not break what it observes. */
export function tellCarefully(observer: FlowObserver, onThrow: (error: unknown) => void): FlowObserver {
  let told = true;
  const carefully = (tell: () => void) => {
    if (!told) return;
    try {
      tell();
    } catch (error) {
      told = false;
      onThrow(error);
    }
  };
  return {
    asked: (at) => carefully(() => observer.asked(at)),
    receive: (length, at, until) => carefully(() => observer.receive(length, at, until)),
    stop: (at, reason) => carefully(() => observer.stop(at, reason)),
    resume: (at) => carefully(() => observer.resume(at)),
    queue: (bytes, at) => carefully(() => observer.queue(bytes, at)),
    ended: (at) => carefully(() => observer.ended(at)),
  };
}
