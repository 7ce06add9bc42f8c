import type { Outcome } from '../outcome.js';
import type { Layout } from './layout.js';
import { ListTypes } from './list-types.js';
import { Tally } from './stats.js';

/** What is gathered of the rows of a shard that are done: figures, and the types of the list's columns. */
export class Counts {
  readonly tally = new Tally();
  readonly types: ListTypes;

  constructor(layout: Layout) {
    this.types = new ListTypes(layout.columns);
  }

  add(outcome: Outcome): void {
    this.tally.add(outcome);
    this.types.add(outcome.row);
  }
}
