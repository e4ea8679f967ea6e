import assert from 'node:assert/strict';
import { User } from '#models/user.js';
import { HOUR } from '#server/lib/clock.js';
import { Authenticator } from '../support/authenticator.js';
import type { Browser } from '../support/browser.js';
import { addPasskey } from '../support/passkeys.js';
import { startPortal, type Portal } from '../support/portal.js';
import { enrol, signedInWith, toMidStep } from '../support/second-factor.js';
import { TAKINGS } from '../support/two-person.js';
import { addSomebody, pageOf } from '../support/users.js';

const SAID = {
  'two-factor-reset': /The reset of the two-factor secret/,
  'two-factor-removal': /The removal of two-factor authentication/,
  'passkey-removal': /The removal of a passkey/,
  'access-pass': /An access pass for 1 hour/,
} as const satisfies Record<keyof typeof TAKINGS, RegExp>;

describe('The address that an account had until lately', () => {
  let portal: Portal;
  let count = 0;
  before(async () => {
    portal = await startPortal();
    toMidStep(portal);
  });
  after(() => portal.close());

  /** Somebody with an app and a passkey, whose mail an administrator has had sent elsewhere a moment ago. */
  async function moved(olivia: Browser): Promise<{ user: User; old: string }> {
    const who = `acme/mover${(count += 1)}`;
    const user = await addSomebody(portal, who, 'user');
    const { phone } = await enrol(portal, who);
    await addPasskey(await signedInWith(portal, who, phone), new Authenticator());
    const old = user.email;
    const path = pageOf(user.id);
    assert.equal((await olivia.submit(path, path, { email: `elsewhere${count}@acme.example` })).status, 303);
    return { user: await user.reload(), old };
  }
  const noticesTo = async (address: string) =>
    (await portal.inbox.mailsTo(address)).filter(({ event }) => event === 'factors-taken-notice');

  for (const kind of Object.keys(SAID) as (keyof typeof SAID)[])
    it(`is told of a ${kind}, and can say “This wasn’t me”, but puts nothing back`, async () => {
      const olivia = await portal.signedIn('acme/olivia');
      const { user, old } = await moved(olivia);
      await TAKINGS[kind]?.(olivia, user);
      const [notice, ...others] = await noticesTo(old);
      assert.equal(others.length, 0);
      assert.match(notice?.text ?? '', SAID[kind]);
      assert.doesNotMatch(notice?.text ?? '', /\/recovery\//, 'Whoever reads that mailbox now gets no factor.');
      assert.equal((await noticesTo(user.email)).length, 0, 'The present one has more than that.');
      const path = await portal.inbox.linkTo(old, '/disavowal/');
      assert.equal((await portal.browser().submit(path, path)).status, 303);
      assert.equal((await user.reload()).passwordHash, null);
    });

  it('is told no more once it has been another for three days, nor one that is the present one again', async () => {
    const olivia = await portal.signedIn('acme/olivia');
    const { user, old } = await moved(olivia);
    portal.clock.move(72 * HOUR);
    const later = await portal.signedIn('acme/olivia');
    await TAKINGS['two-factor-reset']?.(later, user);
    assert.equal((await noticesTo(old)).length, 0);
    const path = pageOf(user.id);
    assert.equal((await later.submit(path, path, { email: old })).status, 303);
    await TAKINGS['access-pass']?.(later, user);
    assert.equal((await noticesTo(old)).length, 0);
    assert.equal((await noticesTo(user.email)).length, 1, 'which was the present one a moment ago');
  });
});
