/** Work that no answer waits for. A process waits for it before it ends, and nothing is cut off. */
export class Aside {
  readonly #running = new Set<Promise<void>>();

  /** Begins `work`; what it throws goes to `failed`. */
  run(work: () => Promise<void>, failed: (error: unknown) => void): void {
    const running = Promise.resolve()
      .then(work)
      .catch(failed)
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when nothing is running any more. Never rejects. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}
