import { totpCode } from '#server/lib/totp.js';
import type { MovableClock } from './clock.js';
import type { Page } from './browser.js';

const STEP = 30_000;

/** An authenticator app: it is shown a page with a secret, and makes the codes. */
export class Phone {
  readonly #clock: MovableClock;
  #secret = '';

  constructor(clock: MovableClock) {
    this.#clock = clock;
  }

  /** Takes the secret from a page that shows it. */
  scan(page: Page): this {
    const shown = page.document.querySelector('[data-secret=totp]')?.text ?? '';
    this.#secret = shown.replace(/\s/g, '');
    if (this.#secret === '') throw new Error(`${page.path} shows no secret.`);
    return this;
  }

  get secret(): string {
    return this.#secret;
  }

  /** The code of now, or of some steps before or after. */
  code(steps = 0): string {
    return totpCode(this.#secret, Math.floor(this.#clock.now() / STEP) + steps);
  }

  /** Waits for a code that has not been used yet: each is good only once. */
  nextCode(): string {
    this.#clock.move(STEP);
    return this.code();
  }
}
