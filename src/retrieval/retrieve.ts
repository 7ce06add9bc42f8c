import type { ReadableStream } from 'node:stream/web';
import { BytesSink } from '../body/bytes-sink.js';
import type { Destination } from '../body/sink.js';
import { StreamSink } from '../body/stream-sink.js';
import { SluiceError } from '../errors.js';
import type { Field } from '../http/fields.js';
import { fileTarget } from './file-target.js';
import { type BodyTarget, type FileTarget, type RetrieveOptions, settle } from './options.js';
import type { Receipt } from './receipt.js';
import { Retrieval } from './retrieval.js';
import type { Target } from './transfer.js';

/** A body is gathered in memory up to this many bytes unless `maxBytes` says otherwise. */
const MAX_GATHERED_BYTES = 100 * 1024 * 1024;

/** A response whose body is still to come. */
export interface StreamedResponse {
  readonly finalUrl: string;
  readonly status: number;
  readonly fields: readonly Field[];
  readonly contentType: string | null;
  /** From the first bytes; null when they are no image that sluice knows. */
  readonly mediaType: string | null;
  /** The body, content codings undone. It errors with a `SluiceError` if the body turns out not to be whole or right. */
  readonly body: ReadableStream<Uint8Array>;
  /** The receipt, once the body was read to its end; rejects as the body errors. */
  readonly receipt: Promise<Receipt>;
}

/**
 * Retrieves `url` with GET: follows redirects, takes the body to `to`, and holds it against what was asked.
 *
 * - `to: 'bytes'` (default): the receipt with the body as `bytes`.
 * - `to: { file }`: the receipt; the file appears under its name only when it is whole. With `resume`, an interrupted run is gone on with.
 * - `to: 'stream'`: resolves at the body's first bytes; while the reader takes none, the socket is not read and the server is made to pause.
 * - `to: destination`: a function that gives a sink of one's own.
 *
 * Only public addresses are connected to (otherwise: `address-refused`), unless `addresses` or `allow` says more.
 * A status of 400 or above is a failure (`http-status`). Rejects with `SluiceError`, whose `receipt` tells what was learnt before it failed.
 */
export function retrieve(
  url: string | URL,
  options?: RetrieveOptions & { to?: 'bytes' },
): Promise<Receipt & { bytes: Uint8Array }>;
export function retrieve(
  url: string | URL,
  options: RetrieveOptions & { to: 'stream' },
): Promise<StreamedResponse>;
export function retrieve(
  url: string | URL,
  options: RetrieveOptions & { to: FileTarget | Destination },
): Promise<Receipt>;
export async function retrieve(
  url: string | URL,
  options: RetrieveOptions & { to?: BodyTarget } = {},
): Promise<Receipt | StreamedResponse> {
  const { to = 'bytes' } = options;
  if (to === 'bytes') return retrieveBytes(url, options);
  if (to === 'stream') return retrieveStream(url, options);
  if (typeof to === 'function') return retrieveTo(url, options, { destination: to });
  if (typeof to.file !== 'string' || to.file === '') {
    throw new SluiceError('option-invalid', 'The option to.file must be a path.');
  }
  return retrieveTo(url, options, fileTarget(to.file, to.resume ?? false));
}

/** Retrieves to a destination where an earlier run may have left a part. */
export function retrieveTo(url: string | URL, options: RetrieveOptions, target: Target): Promise<Receipt> {
  return new Retrieval(url, settle(options), target).run();
}

async function retrieveBytes(
  url: string | URL,
  options: RetrieveOptions,
): Promise<Receipt & { bytes: Uint8Array }> {
  let sink: BytesSink | undefined;
  const destination: Destination = (offer) => {
    sink = new BytesSink(offer);
    return sink;
  };
  const receipt = await new Retrieval(url, settle(options, MAX_GATHERED_BYTES), { destination }).run();
  return Object.assign(receipt, { bytes: sink?.stored ?? new Uint8Array(0) });
}

function retrieveStream(url: string | URL, options: RetrieveOptions): Promise<StreamedResponse> {
  return new Promise((resolve, reject) => {
    const cancelled = new AbortController();
    const signal =
      options.signal === undefined ? cancelled.signal : AbortSignal.any([options.signal, cancelled.signal]);
    const destination: Destination = ({ url: finalUrl, head, type }) => {
      const sink = new StreamSink((reason) => cancelled.abort(reason));
      resolve({
        finalUrl: finalUrl.href,
        status: head.status,
        fields: head.fields.toArray(),
        contentType: head.fields.first('content-type') ?? null,
        mediaType: type?.mediaType ?? null,
        body: sink.stream,
        receipt,
      });
      return sink;
    };
    const receipt = new Retrieval(url, settle({ ...options, signal }), { destination }).run();
    // Before the body there is only this promise to reject; after it, the stream errors, and a receipt that nobody awaits must not end the process.
    receipt.catch(reject);
  });
}
