import type { ErrorCode } from '../errors.js';
import type { Field } from '../http/fields.js';
import type { FlowObserver, StopReason } from './observer.js';

/** One address of a host, and the guard's decision: whether it may be connected to at that port. */
export interface JudgedAddress {
  readonly address: string;
  /** `public`, or the special range that it lies in. */
  readonly range: string;
  readonly allowed: boolean;
}

/**
 * What happened, one event each; `at` is in milliseconds since the retrieval began. `receive` says `record` on https, where Node
 * delivers decrypted TLS records and no `recv` can be seen.
 */
export type TraceEvent =
  | {
      readonly type: 'resolved';
      readonly at: number;
      readonly host: string;
      readonly port: number;
      readonly addresses: readonly JudgedAddress[];
    }
  | { readonly type: 'request'; readonly at: number; readonly url: string; readonly text: string }
  | {
      readonly type: 'connected';
      readonly at: number;
      readonly address: string;
      readonly port: number;
      /** The proxy that this is, `***` in the place of a name and password; null where it is the host itself. */
      readonly proxy: string | null;
      readonly reused: boolean;
      readonly resolveMs: number;
      readonly connectMs: number;
      readonly tlsMs: number;
    }
  | { readonly type: 'interim'; readonly at: number; readonly status: number }
  | {
      readonly type: 'head';
      readonly at: number;
      readonly status: number;
      readonly headerBytes: number;
      readonly lines: readonly string[];
      readonly fields: readonly Field[];
    }
  | {
      readonly type: 'receive' | 'record';
      readonly at: number;
      readonly length: number;
      readonly total: number;
    }
  | { readonly type: 'stop'; readonly at: number; readonly reason: StopReason }
  | { readonly type: 'resume'; readonly at: number }
  | { readonly type: 'queue'; readonly at: number; readonly bytes: number }
  | { readonly type: 'dimensions'; readonly at: number; readonly width: number; readonly height: number }
  | { readonly type: 'redirect'; readonly at: number; readonly status: number; readonly to: string }
  | {
      readonly type: 'retry';
      readonly at: number;
      /** Its number, from 1. */
      readonly retry: number;
      readonly delayMs: number;
      /** Bytes of the body that it goes on behind; 0 where it begins again. */
      readonly from: number;
      /** Why the attempt before failed. */
      readonly code: ErrorCode;
      readonly message: string;
    }
  | { readonly type: 'end'; readonly at: number; readonly wireBytes: number };

/** Turns the flow of one response into trace events. */
export class FlowTracer implements FlowObserver {
  #total = 0;

  /** `start`: when the retrieval began, on the observer's clock. */
  constructor(
    private readonly emit: (event: TraceEvent) => void,
    private readonly start: number,
    private readonly unit: 'receive' | 'record',
  ) {}

  asked(): void {
    this.#total = 0;
  }

  receive(length: number, at: number): void {
    this.#total += length;
    this.emit({ type: this.unit, at: at - this.start, length, total: this.#total });
  }

  stop(at: number, reason: StopReason): void {
    this.emit({ type: 'stop', at: at - this.start, reason });
  }

  resume(at: number): void {
    this.emit({ type: 'resume', at: at - this.start });
  }

  queue(bytes: number, at: number): void {
    this.emit({ type: 'queue', at: at - this.start, bytes });
  }

  ended(at: number): void {
    this.emit({ type: 'end', at: at - this.start, wireBytes: this.#total });
  }
}
