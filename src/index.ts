/** sluice: retrieves images over HTTP, whole and verified, and shows the flow. */
export type { BodySink, Destination, Offer } from './body/sink.js';
export { ConnectionPool } from './connection/pool.js';
export type { Address, Lookup } from './connection/resolve.js';
export { ERROR_TABLE, type ErrorCode, type Phase, SluiceError } from './errors.js';
export { Ledger, type LedgerFigures } from './flow/ledger.js';
export type { FlowObserver, StopReason } from './flow/observer.js';
export { Recording } from './flow/recording.js';
export type { JudgedAddress, TraceEvent } from './flow/trace.js';
export { type Limit, type Verdict, verdictOf } from './flow/verdict.js';
export type { Field } from './http/fields.js';
export { ImageInspector, type ImageType, type ImageVerdict } from './image/inspector.js';
export type { Addresses } from './retrieval/address-guard.js';
export type { BodyTarget, RetrieveOptions, Timeouts, Verify } from './retrieval/options.js';
export type { Receipt } from './retrieval/receipt.js';
export { retrieve, type StreamedResponse } from './retrieval/retrieve.js';
