import assert from 'node:assert/strict';
import { SshKey } from '#models/ssh-key.js';
import { User } from '#models/user.js';
import type { Browser } from '../support/browser.js';
import { call, generate } from '../support/credentials.js';
import { setPasswordWith } from '../support/disavowal.js';
import { mailResetLink } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { bearer, freshSshKey, programOf, tokenFor } from '../support/programs.js';
import { setPolicy } from '../support/second-factor.js';

const DAY = 86_400_000;
const NEW = 'quiet-lantern-orchard-57';

describe('Getting an account back', () => {
  let portal: Portal;
  let uma: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    uma = await portal.signedIn('acme/uma');
  });
  afterEach(() => portal.close());

  const addKey = (name: string) =>
    uma.submit('/security/ssh-keys', '/security/ssh-keys', { name, publicKey: freshSshKey(name) });
  const served = async (): Promise<number> => {
    const server = await programOf(portal, 'acme/adam');
    return (await server.get('/ssh-keys/acme/uma')).text.split('\n').filter((line) => line !== '').length;
  };

  it('by a mailed link evicts what was made since the password before, by name, and leaves what is older', async () => {
    const old = await tokenFor(portal, 'acme/uma');
    await addKey('Old');
    portal.clock.move(DAY);
    await User.update({ passwordChangedAt: portal.clock.now() }, { where: { id: portal.idOf('acme/uma') } });
    portal.clock.move(60_000);
    uma = await portal.signedIn('acme/uma');
    const key = await generate(uma, 'api-key');
    await addKey('Thief');
    assert.equal(await served(), 2);
    portal.clock.move(60_000);
    assert.equal((await setPasswordWith(portal, await mailResetLink(portal, 'acme/uma'), NEW)).status, 303);
    assert.equal((await call(portal, '/me', { Authorization: `Bearer ${key}` })).code, 'token_revoked');
    assert.equal((await call(portal, '/me', { Authorization: `Bearer ${old.secret}` })).status, 200);
    assert.equal(await served(), 1);
    const { text } = await portal.inbox.newestTo('uma@acme.example');
    assert.match(text, /the API key; the SSH key “Thief” \(SHA256:[^)]*\), suspended/);
    assert.doesNotMatch(text, /“Old”/);
  });

  it('leaves suspended keys to their owner, who puts the good ones back', async () => {
    await addKey('Mine');
    await SshKey.update({ suspendedAt: portal.clock.now() }, { where: {} });
    assert.equal(await served(), 0);
    const page = await uma.open('/security/ssh-keys');
    assert.match(page.text, /Suspended/);
    const action = page.forms().find((one) => one.endsWith('/restoration')) ?? '';
    assert.equal((await uma.submit('/security/ssh-keys', action)).status, 303);
    assert.equal(await served(), 1);
    await User.update({ resetHeld: true }, { where: { id: portal.idOf('acme/uma') } });
    assert.equal(await served(), 0);
  });

  it('comes before what programs do: a duty of the owner binds their credentials as it binds their pages', async () => {
    const token = bearer(portal, (await tokenFor(portal, 'acme/uma')).secret);
    const key = bearer(portal, await generate(uma, 'api-key'));
    await User.update({ mustChangePassword: true }, { where: { id: portal.idOf('acme/uma') } });
    for (const program of [token, key]) {
      const { code, text } = await program.get('/me');
      assert.equal(code, 'token_revoked');
      assert.match(text, /new password first/);
    }
    await User.update({ mustChangePassword: false }, { where: { id: portal.idOf('acme/uma') } });
    await setPolicy(portal, 'acme', { twoFactor: 'required', graceDays: 0 });
    assert.match((await token.get('/me')).text, /two-factor authentication first/);
    await setPolicy(portal, 'acme', { twoFactor: 'optional' });
    assert.equal((await token.get('/me')).status, 200);
  });
});
