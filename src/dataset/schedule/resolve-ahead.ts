import Denque from 'denque';

/** What of a host decides whether its name is resolved ahead. */
interface Host {
  readonly host: string;
  asked: boolean;
  resolvedAhead: boolean;
}

/**
 * Which names to resolve before they are needed: those of the next `most` hosts that were not asked yet, in the order in which they came, which is that in
 * which the schedule asks new hosts. No more than `most` answers lie waiting, so that they are fresh when they are used, and the name server
 * is asked at the pace of the run.
 */
export class ResolveAhead<H extends Host> {
  readonly #coming = new Denque<H>();
  #ahead = 0;

  constructor(private readonly most: number) {}

  /** A host has its first row. */
  added(host: H): void {
    if (this.most > 0) this.#coming.push(host);
  }

  /** A row of the host is started, or its rows are given up: its name is ahead no more. */
  passed(host: H): void {
    if (host.resolvedAhead && !host.asked) this.#ahead--;
    host.asked = true;
    // Also where nobody asks for names, none of those that passed stay.
    while (this.#coming.peekFront()?.asked) this.#coming.shift();
  }

  /** The next name to resolve now; undefined where enough are ahead, or none is to come. */
  next(): string | undefined {
    while (this.#ahead < this.most) {
      const host = this.#coming.shift();
      if (host === undefined) return undefined;
      if (host.asked) continue;
      host.resolvedAhead = true;
      this.#ahead++;
      return host.host;
    }
    return undefined;
  }
}
