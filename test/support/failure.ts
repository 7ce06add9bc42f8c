import { SluiceError } from '../../src/errors.js';
// The receipt on an error is declared there.
import type { Receipt } from '../../src/retrieval/receipt.js';

/** The failure that `work` rejects with, and its receipt; anything else fails the test. */
export async function failureOf(work: Promise<unknown>): Promise<SluiceError & { receipt: Receipt }> {
  let error: unknown;
  try {
    await work;
  } catch (thrown) {
    error = thrown;
  }
  if (!(error instanceof SluiceError))
    throw new Error(`expected a SluiceError, got ${String(error)}`, { cause: error });
  if (error.receipt === undefined) throw new Error(`${error.code} has no receipt`, { cause: error });
  return error as SluiceError & { receipt: Receipt };
}

/** The failure that `work` rejects with, where there is no retrieval and so no receipt. */
export async function errorOf(work: Promise<unknown>): Promise<SluiceError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw new Error(`expected a SluiceError, got ${String(error)}`, { cause: error });
  }
  throw new Error('expected a SluiceError, got none');
}
