/**
 * What all who ask a host agree on: how many ask it at once, and from when on it may be asked. Times are in milliseconds on a clock that all of
 * them share (`Date.now()`).
 *
 * Every method answers at once. What keeps its count elsewhere (a Redis token bucket, for many machines) hands out slots that it was lent ahead,
 * says `full` when it has none left, and gets more meanwhile.
 */
export interface HostSlots {
  /** Takes a slot, or says why there is none: `full` when as many ask as may, `paused` when nobody may before `pausedUntil()`. */
  take(now: number): 'taken' | 'full' | 'paused';
  /** Gives a slot back; true where another crew wants it, which should then be left the time to come for it. */
  give(): boolean;
  /** Tells the other crews that this one has work for the host and none of its slots. Forgotten with the next slot that is taken. */
  want(): void;
  /** The host answered well: after a run of such answers a limit that was lowered is raised again by one. */
  succeeded(): void;
  /** The host says that it is too much: halves its limit, never below one, once for all attempts that were under way together. */
  halve(startedAt: number, now: number): void;
  /** Nobody asks the host before `until`; an earlier pause never shortens a later one. */
  pause(until: number): void;
  /** Until when nobody may ask; a time that is over where there is no pause. */
  pausedUntil(): number;
}

/** The hosts of a run. */
export interface HostRegistry {
  /** The most attempts at once that any host may have. */
  readonly hostLimit: number;
  slotsOf(host: string): HostSlots;
  /** Where slots come later than they are asked for: `hasRoom` is called with a host that was full, when it is no longer. */
  listen?(hasRoom: (host: string) => void): void;
}
