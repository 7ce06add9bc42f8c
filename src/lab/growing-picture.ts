/** A picture as it comes: whoever reads it waits for what is still to come, and never slows its coming. */
export class GrowingPicture {
  #mediaType: string | undefined;
  #chunks: Uint8Array[] = [];
  #isOver = false;
  #waiting: (() => void)[] = [];
  /** Bytes that came. */
  length = 0;

  begin(mediaType: string): void {
    this.#mediaType = mediaType;
    this.#tell();
  }

  add(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.length += bytes.length;
    this.#tell();
  }

  end(): void {
    this.#isOver = true;
    this.#tell();
  }

  /** Gives the memory back: whoever reads it then gets no more. */
  forget(): void {
    this.#mediaType = undefined;
    this.#chunks = [];
    this.length = 0;
    this.end();
  }

  /** Resolves when it is known what the picture is; undefined when it never will be. */
  async mediaType(): Promise<string | undefined> {
    while (this.#mediaType === undefined && !this.#isOver) await this.#change();
    return this.#mediaType;
  }

  /** The bytes, from the first on. */
  async *bytes(): AsyncGenerator<Uint8Array> {
    for (let i = 0; ; i++) {
      while (i >= this.#chunks.length) {
        if (this.#isOver) return;
        await this.#change();
      }
      yield this.#chunks[i]!;
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #tell(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
