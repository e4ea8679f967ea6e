import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * A value that goes with a call through all that it waits for. While one is in use the engine stops at every promise of the
 * process, and most requests need none: so it is switched off when nothing runs with it any more.
 */
export class GoingWith<T> {
  readonly #storage = new AsyncLocalStorage<T>();
  #running = 0;

  get(): T | undefined {
    return this.#storage.getStore();
  }

  /** Runs `work` with this value, at once. */
  async run<R>(value: T, work: () => Promise<R>): Promise<R> {
    this.#running += 1;
    try {
      return await this.#storage.run(value, work);
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#storage.disable();
    }
  }
}
