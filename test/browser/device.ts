import type { CDPSession, Page } from 'playwright-core';

const ENABLED = new WeakMap<Page, Promise<CDPSession>>();

/** The wire over which a tab is told which authenticators are within its reach. */
function wireOf(page: Page): Promise<CDPSession> {
  const wire = ENABLED.get(page) ?? enable(page);
  ENABLED.set(page, wire);
  return wire;
}

async function enable(page: Page): Promise<CDPSession> {
  const wire = await page.context().newCDPSession(page);
  await wire.send('WebAuthn.enable', { enableUI: false });
  return wire;
}

/** A device with a finger on its sensor, or, while `touch` is false, with nobody near. */
export class Device {
  readonly #wire: CDPSession;
  readonly #id: string;

  private constructor(wire: CDPSession, id: string) {
    this.#wire = wire;
    this.#id = id;
  }

  static async plugIn(page: Page, transport: 'internal' | 'usb'): Promise<Device> {
    const wire = await wireOf(page);
    const { authenticatorId } = await wire.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport,
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return new Device(wire, authenticatorId);
  }

  touch(enabled: boolean): Promise<unknown> {
    return this.#wire.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: this.#id, enabled });
  }

  takeAway(): Promise<unknown> {
    return this.#wire.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: this.#id });
  }

  /** The very device, with all it keeps, in the hands of whoever sits before that tab. */
  async foundBy(page: Page): Promise<Device> {
    const { credentials } = await this.#wire.send('WebAuthn.getCredentials', { authenticatorId: this.#id });
    await this.takeAway();
    const found = await Device.plugIn(page, 'internal');
    for (const credential of credentials)
      await found.#wire.send('WebAuthn.addCredential', { authenticatorId: found.#id, credential });
    return found;
  }
}
