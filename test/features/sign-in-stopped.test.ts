import assert from 'node:assert/strict';
import { DAY, MINUTE } from '#server/lib/clock.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { enrol, halfSignedIn, sendCode, signedInWith, type Enrolled } from '../support/second-factor.js';

describe('A sign-in that stops at the code', () => {
  let portal: Portal;
  let enrolled: Enrolled;
  beforeEach(async () => {
    portal = await startPortal();
    enrolled = await enrol(portal, 'acme/uma');
  });
  afterEach(() => portal.close());

  const told = async () =>
    (await portal.inbox.mailsTo('uma@acme.example')).filter(({ subject }) => /no code followed/.test(subject));

  it('is told to the owner after five minutes, once a day, with the way to say that it was not them', async () => {
    const thief = portal.browser();
    thief.headers['User-Agent'] = 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0';
    await halfSignedIn(portal, 'acme/uma', thief);
    assert.equal((await told()).length, 0);
    portal.clock.move(5 * MINUTE);
    const [mail] = await told();
    assert.match(mail?.text ?? '', /No code followed, so nobody was let in.*Firefox 143 on Linux/s);
    await halfSignedIn(portal, 'acme/uma');
    portal.clock.move(5 * MINUTE);
    assert.equal((await told()).length, 1, 'once a day');
    await halfSignedIn(portal, 'acme/uma');
    portal.clock.move(DAY);
    await halfSignedIn(portal, 'acme/uma');
    portal.clock.move(5 * MINUTE);
    assert.equal((await told()).length, 2, 'and again the next');

    const owner = portal.browser();
    const link = await portal.inbox.linkTo('uma@acme.example', '/disavowal/');
    assert.equal((await owner.submit(link, link)).status, 303);
    const after = await portal.browser().tryToSignIn('acme/uma', PASSWORD);
    assert.equal(after.status, 422, 'the password that somebody knows is worth nothing any more');
  });

  it('is no news when the code comes, be it at the second beginning in the same browser', async () => {
    const browser = await halfSignedIn(portal, 'acme/uma');
    await halfSignedIn(portal, 'acme/uma', browser);
    assert.equal((await sendCode(browser, enrolled.phone.nextCode())).status, 303);
    portal.clock.move(6 * MINUTE);
    assert.equal((await told()).length, 0);
  });

  it('is no news in a browser that is known', async () => {
    const home = await signedInWith(portal, 'acme/uma', enrolled.phone);
    await home.submit('/security', '/logout');
    await halfSignedIn(portal, 'acme/uma', home);
    portal.clock.move(6 * MINUTE);
    assert.equal((await told()).length, 0);
  });
});
