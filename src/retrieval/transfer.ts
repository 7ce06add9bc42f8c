import type { Destination, Taken } from '../body/sink.js';
import { SluiceError } from '../errors.js';
import type { Field } from '../http/fields.js';
import type { ResponseHead } from '../http/response-reader.js';
import type { StoredPart } from '../save/stored-part.js';
import { Body } from './body.js';
import { BodyOffer } from './body-offer.js';
import type { Observation } from './observation.js';
import type { Settings } from './options.js';
import { announcedTotal, answerTo, type Resumption, rangeFields, resumable } from './resumption.js';
import { isInterruption } from './retry.js';
import type { TotalClock } from './total-clock.js';

/** Where a body goes, and what an earlier run left of it there. */
export interface Target {
  readonly destination: Destination;
  /** Finds the part of this URL's body, if an earlier run left one. The URL is without a name and password. */
  readonly findPart?: (url: string) => StoredPart | undefined;
}

/** What is to be done when a response was received. */
export type Outcome =
  /** The body is done with. */
  | 'done'
  /** It is whole without what came now: it is to be ended. */
  | 'complete'
  /** What came does not fit what we have: the whole is to be asked for. */
  | 'ask-whole';

/**
 * The body of one retrieval, over all its attempts. Each response either begins it, or goes on with what an earlier attempt or an earlier run has
 * brought of it, or makes it begin again.
 */
export class Transfer {
  body: Body | undefined;
  /** What the last response leaves to do. */
  outcome: Outcome = 'done';
  /** Bytes that were there before the present response. */
  resumedFrom = 0;

  #part: StoredPart | undefined;
  #resumption: Resumption | undefined;
  /** The head that began the present body in this run. */
  #head: ResponseHead | undefined;
  /** What the present body was gone on with. */
  #identity: Omit<Resumption, 'from'> | undefined;
  /** How many bytes the whole has, where a 206 told. */
  #total: number | undefined;
  /** The last interruption: what is told where nothing can make up for it. */
  #interruption: SluiceError | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly target: Target,
    private readonly observation: Observation,
    private readonly clock: TotalClock | undefined,
  ) {}

  /** The first attempt begins: looks for what an earlier run left. */
  prepare(url: string): void {
    if (this.settings.own.range) return;
    const part = this.target.findPart?.(url);
    if (part === undefined) return;
    this.#part = part;
    this.#resumption = { from: part.bytes, validator: part.validator, total: part.total };
  }

  /** The fields of the next request: `own`, and what asks for the rest only. */
  fields(own: readonly Field[]): readonly Field[] {
    return this.#resumption === undefined ? own : [...own, ...rangeFields(this.#resumption)];
  }

  /** Bytes that the next attempt goes on behind; 0 where it begins with the first. */
  get asksFrom(): number {
    return this.#resumption?.from ?? 0;
  }

  /** The body is whole by what was there before: the last status, a 416, said that nothing is left to send. */
  get isComplete(): boolean {
    return this.outcome === 'complete';
  }

  /** Takes the head of a response that is no redirect, and says whether its body is wanted. */
  begin(url: URL, head: ResponseHead): 'take' | 'discard' {
    const resumption = this.#resumption;
    const answer = resumption === undefined ? 'whole' : answerTo(resumption, head);
    this.outcome = 'done';
    if (answer === 'unfit') return this.#askWhole();
    if (head.status >= 400 && answer !== 'complete') return 'discard';
    if (resumption === undefined) this.#refuseUnasked(head);
    if (head.status === 304) return 'discard';
    if (answer === 'whole') {
      this.#beginAgain(url, head);
      return 'take';
    }
    this.#goOn(url, head, resumption!);
    if (answer === 'goes-on') return 'take';
    this.outcome = 'complete';
    return 'discard';
  }

  write(data: Buffer): Taken {
    const { body } = this;
    if (this.#total !== undefined && body!.bytes + data.length > this.#total) {
      throw new SluiceError(
        'reply-malformed',
        `More bytes came than the ${this.#total - this.resumedFrom} that the Content-Range enclosed.`,
      );
    }
    return body?.write(data);
  }

  end(): Taken {
    const { body } = this;
    if (this.#total !== undefined && body!.bytes < this.#total) {
      throw new SluiceError(
        'cut-short',
        `The body ended after ${body!.bytes} bytes, of ${this.#total} that the Content-Range announced.`,
      );
    }
    return body?.end();
  }

  /** An attempt failed: whether another one can be made. Prepares for it to go on, where that is possible. */
  interrupted(error: SluiceError): boolean {
    this.#interruption = error;
    const { body } = this;
    if (body === undefined) return true;
    this.#identity ??= this.settings.own.range ? undefined : resumable(this.#head!);
    if (this.#identity === undefined) return this.#takeBack(error);
    if (body.bytes > 0) this.#resumption = { ...this.#identity, from: body.bytes };
    return true;
  }

  /** The retrieval failed: nothing stays that looks whole. Gives the path of what is kept for a later run. */
  fail(error: Error): string | undefined {
    const sink = this.body?.sink;
    if (sink?.suspend === undefined || !(error instanceof SluiceError) || !isInterruption(error)) {
      this.body?.abort(error);
      return undefined;
    }
    return sink.suspend(error);
  }

  /** Answers that only a request of another kind can have: to ours they lack a part, or all of it. */
  #refuseUnasked({ status }: ResponseHead): void {
    const { range, condition } = this.settings.own;
    if (status === 206 && !range) throw unasked('sent a part (status 206) of what was asked for as a whole');
    if (status === 304 && !condition)
      throw unasked('says that nothing has changed (status 304), which was not asked');
  }

  #askWhole(): 'discard' {
    this.#resumption = undefined;
    this.outcome = 'ask-whole';
    return 'discard';
  }

  #beginAgain(url: URL, head: ResponseHead): void {
    // A body that was begun in this run was interrupted in this run.
    if (this.body !== undefined && !this.#takeBack(this.#interruption!)) throw this.#interruption;
    this.#part?.remove();
    this.#part = undefined;
    this.#resumption = undefined;
    this.#identity = undefined;
    this.#head = head;
    this.#total = undefined;
    this.resumedFrom = 0;
    this.body = this.#newBody(url, head);
  }

  #goOn(url: URL, head: ResponseHead, { from, validator, total }: Resumption): void {
    this.resumedFrom = from;
    this.#total = total ?? announcedTotal(head);
    this.#identity = { validator, total: this.#total };
    if (this.#part === undefined) return;
    const part = this.#part;
    this.#part = undefined;
    this.body = this.#newBody(url, head);
    this.body.adopt(part.read(), part.open(true));
  }

  /** Undoes what was done for the body so far; false where it can't be undone. */
  #takeBack(error: Error): boolean {
    const { body } = this;
    if (body === undefined) return true;
    if (body.sink?.irrevocable) return false;
    body.abort(error);
    this.body = undefined;
    return true;
  }

  #newBody(url: URL, head: ResponseHead): Body {
    const { settings, target, observation, clock } = this;
    const offer = new BodyOffer(url, observation.url, head, clock);
    return new Body(offer, settings, target.destination, observation);
  }
}

function unasked(what: string): SluiceError {
  return new SluiceError('reply-malformed', `The server ${what}.`);
}
