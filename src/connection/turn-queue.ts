/** So that the server has work while we go on. */
const MOST_IN_A_ROW = 32;

/**
 * Things to be done at the end of this turn of the event loop, or when enough of them are due, all in a row.
 *
 * Where many connections are ready at once, doing the same step for all of them costs half of doing all steps for one after the other: the processor
 * finds the code of the step in its caches, and a server on the same machine is woken by the first request of many, not by each. A
 * lone item loses some microseconds. Measured in docs/decisions/0007-steps-in-a-row.md.
 */
export class TurnQueue<Item> {
  #items: Item[] = [];

  constructor(private readonly handle: (item: Item) => void) {}

  add(item: Item): void {
    if (this.#items.length === 0) setImmediate(() => this.#handleAll());
    this.#items.push(item);
    if (this.#items.length >= MOST_IN_A_ROW) this.#handleAll();
  }

  #handleAll(): void {
    const items = this.#items;
    this.#items = [];
    for (let i = 0; i < items.length; i++) this.handle(items[i]!);
  }
}
