import type { Destination, Offer } from '../body/sink.js';
import { FileSink, isSpecial, type Keeping } from '../save/file-sink.js';
import { StoredPart } from '../save/stored-part.js';
import { resumable } from './resumption.js';
import type { Target } from './transfer.js';

/** A target that is one path: a file that appears when it is whole, or a device or FIFO that is there already. `resume`: go on with its part. */
export function fileTarget(path: string, resume: boolean): Target {
  return {
    destination: toFile(path, resume),
    ...(resume && !isSpecial(path) ? { findPart: (url) => StoredPart.at(path, url) } : {}),
  };
}

/** The destination of such a target. */
export function toFile(path: string, resume: boolean): Destination {
  return (offer) => {
    if (!isSpecial(path)) return FileSink.at(path, keepingOf(offer, resume));
    return import('../save/special-sink.js').then(({ openSpecial }) => openSpecial(path, offer.signal));
  };
}

/** What is kept of a body that is interrupted; `always`, however little it is. */
export function keepingOf({ requestedUrl, head }: Offer, always: boolean): Keeping {
  const body = resumable(head);
  return { identity: body === undefined ? undefined : { url: requestedUrl, ...body }, always };
}
