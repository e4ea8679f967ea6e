import assert from 'node:assert/strict';
import { Session } from '#models/session.js';
import { isPhishingResistant, methodsIn, opensSetUpAlone } from '#policies/authentication.js';
import type { Browser } from '../support/browser.js';
import { tableUnder } from '../support/clauses.js';
import { keepRows } from '../support/database.js';
import { enterPass, passFor } from '../support/passes.js';
import { RECOVERY, forbidPasswords, sendPasskey, signInAlone, withPasskey } from '../support/passkeys.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { enrol, halfSignedIn, setPolicy, signedInWith } from '../support/second-factor.js';
import { addSomebody, pageOf, userCalled } from '../support/users.js';

const SYNCED = { synced: true, backedUp: true };
const CODE = '/login/two-factor';

/** Each row of the table, as it is done: the last sign-in is the one that counts. */
const WAYS: Readonly<Record<string, (portal: Portal, who: string, browser: Browser) => Promise<unknown>>> = {
  password: (_portal, who, browser) => browser.signIn(who, PASSWORD),
  async 'password, in a remembered browser'(portal, who, browser) {
    await setPolicy(portal, 'acme', { rememberBrowserDays: 30 });
    const { phone } = await enrol(portal, who);
    await halfSignedIn(portal, who, browser);
    await browser.submit(CODE, CODE, { code: phone.nextCode(), remember: 'on' });
    await browser.submit('/security', '/logout');
    portal.clock.move(1000);
    assert.ok(!(await browser.signIn(who, PASSWORD)).location.startsWith(CODE));
  },
  async 'password and code of an app'(portal, who) {
    await signedInWith(portal, who, (await enrol(portal, who)).phone);
  },
  async 'password and recovery code'(portal, who, browser) {
    const { codes } = await enrol(portal, who);
    await halfSignedIn(portal, who, browser);
    await browser.submit(RECOVERY, RECOVERY, { recoveryCode: codes[0] ?? '' });
  },
  'access pass': async (portal, who, browser) => enterPass(browser, who, await passFor(portal, who)),
  'password and mailed link, once an administrator took the last factor': async (portal, who, browser) => {
    await enrol(portal, who);
    const { id, email } = await userCalled(portal, who);
    const path = `${pageOf(id)}/two-factor-reset`;
    await (await portal.signedIn('acme/adam')).submit(pageOf(id), path, { reason: 'Lost the phone' });
    const link = await portal.inbox.linkTo(email, '/recovery/setup/');
    return browser.submit(link, link, { password: PASSWORD });
  },
  async 'recovery code alone, where passwords open nothing'(portal, who, browser) {
    const { codes } = await withPasskey(portal, who);
    await forbidPasswords(portal, 0);
    const [organization = '', username = ''] = who.split('/');
    await browser.submit(RECOVERY, RECOVERY, { organization, username, recoveryCode: codes[0] ?? '' });
  },
  'synced passkey alone, with PIN, finger or face': async (portal, who, browser) =>
    signInAlone(browser, (await withPasskey(portal, who, SYNCED)).key),
  'passkey of one device alone, with PIN, finger or face': async (portal, who, browser) =>
    signInAlone(browser, (await withPasskey(portal, who)).key),
  async 'password and synced passkey'(portal, who, browser) {
    const { key } = await withPasskey(portal, who, SYNCED);
    await sendPasskey(await halfSignedIn(portal, who, browser), key);
  },
  async 'password and passkey of one device'(portal, who, browser) {
    const { key } = await withPasskey(portal, who);
    await sendPasskey(await halfSignedIn(portal, who, browser), key);
  },
};

describe('How sure docs/security.md says to be of who it is', () => {
  let portal: Portal;
  let putBack: () => Promise<void>;
  let count = 0;
  before(async () => {
    portal = await startPortal();
    putBack = await keepRows(portal.database, { security_policies: 'tenant_id' });
  });
  afterEach(() => putBack());
  after(() => portal.close());

  const table = tableUnder('How sure we are of who it is');

  it('names every way of signing in, and no other', () => {
    assert.deepEqual(
      table.map(([way]) => way),
      Object.keys(WAYS),
    );
  });

  for (const [way = '', amr = '', level = '', resists = ''] of table)
    it(`${way}: ${amr}, ${level}`, async () => {
      const who = `acme/sure${(count += 1)}`;
      const { id: userId } = await addSomebody(portal, who, 'user');
      portal.clock.move(1000);
      await WAYS[way]?.(portal, who, portal.browser());
      const session = await Session.findOne({ where: { userId }, order: [['createdAt', 'DESC']], rejectOnEmpty: true });
      assert.equal(`\`${session.amr}\``, amr);
      const methods = methodsIn(session.amr);
      assert.equal(isPhishingResistant(methods), resists === 'yes');
      const alone = opensSetUpAlone(methods) || (methods.includes('recovery') && !methods.includes('pwd'));
      assert.match(level, alone ? /^opens the .* alone$/ : methods.includes('mfa') ? /^AAL2/ : /^AAL1/);
    });
});
