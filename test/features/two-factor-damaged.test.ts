import assert from 'node:assert/strict';
import { TotpSecret } from '#models/totp-secret.js';
import { enterPass, passFor } from '../support/passes.js';
import { startPortal, type Portal } from '../support/portal.js';
import { beginSetup, enrol, halfSignedIn, isSignedIn, sendCode, toMidStep } from '../support/second-factor.js';

describe('A two-factor secret that is damaged', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
    toMidStep(portal);
  });
  afterEach(() => portal.close());

  const damage = (who: string) =>
    TotpSecret.update({ sealedSecret: 'k1.AAAA.AAAA' }, { where: { userId: portal.idOf(who) } });

  it('says so where a code is asked for, lets recovery codes in, and tells its owner and administrators what to do', async () => {
    const { phone, codes } = await enrol(portal, 'acme/uma');
    await damage('acme/uma');
    const uma = await halfSignedIn(portal, 'acme/uma');
    const refused = await sendCode(uma, phone.nextCode());
    assert.deepEqual([refused.status, await isSignedIn(uma)], [422, false]);
    assert.match(refused.alert, /damaged.* Use a recovery code, or ask an administrator/);
    const answer = await uma.submit('/login/recovery', '/login/recovery', { recoveryCode: codes[0] ?? '' });
    assert.equal(answer.status, 303);
    assert.match((await uma.get('/security/two-factor')).text, /damaged\. Reset the secret/);

    const olivia = await portal.signedIn('acme/olivia');
    const at = `/admin/users/${portal.idOf('acme/uma')}`;
    assert.match((await olivia.get(at)).text, /damaged\. Reset the two-factor secret/);
    await olivia.submit(at, `${at}/two-factor-reset`, { reason: 'damaged' });
    assert.doesNotMatch((await olivia.get(at)).text, /damaged\. Reset/);
    const anew = portal.browser();
    await enterPass(anew, 'acme/uma', await passFor(portal, 'acme/uma'));
    assert.match((await anew.get('/login/two-factor/setup')).html, /data-secret/);
  });

  it('is begun again while it is pending, and half signed in leads to an administrator and not in a circle', async () => {
    const uma = await portal.signedIn('acme/uma');
    await beginSetup(portal, uma);
    await damage('acme/uma');
    const half = await halfSignedIn(portal, 'acme/uma');
    const page = await half.get('/login/two-factor/setup');
    assert.equal(page.status, 409);
    assert.match(page.text, /damaged.* Ask an administrator/);
    assert.match((await uma.get('/security/two-factor')).text, /Begin again/);
    await beginSetup(portal, uma);
  });
});
