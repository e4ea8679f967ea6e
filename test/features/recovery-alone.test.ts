import assert from 'node:assert/strict';
import { Passkey } from '#models/passkey.js';
import { RecoveryCode } from '#models/recovery-code.js';
import { Tenant } from '#models/tenant.js';
import { Authenticator } from '../support/authenticator.js';
import type { Browser, Page } from '../support/browser.js';
import { clearCounters, keepRows } from '../support/database.js';
import { logged } from '../support/links.js';
import { NEW_PASSKEY, RECOVERY, addPasskey, forbidPasswords, withPasskey } from '../support/passkeys.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { enrol, isSignedIn, setPolicy } from '../support/second-factor.js';
import { addSomebody, userCalled } from '../support/users.js';
import { takeLink } from '../house/pathway-doors.js';

const WRONG = 'aaaa-aaaa-aaaa-aaaa';

describe('A recovery code without a password', () => {
  let portal: Portal;
  let who: string;
  let codes: string[];
  let putBack: () => Promise<void>;
  let count = 0;
  before(async () => {
    portal = await startPortal();
    putBack = await keepRows(portal.database, { security_policies: 'tenant_id', tenants: 'id' });
  });
  beforeEach(async () => {
    who = `acme/keeper${(count += 1)}`;
    await addSomebody(portal, who, 'user');
    ({ codes } = await withPasskey(portal, who));
    await forbidPasswords(portal);
  });
  afterEach(async () => {
    await putBack();
    await clearCounters(portal.database);
  });
  after(() => portal.close());

  const send = (browser: Browser, name: string, recoveryCode: string): Promise<Page> => {
    const [organization = '', username = ''] = name.split('/');
    return browser.submit(RECOVERY, RECOVERY, { organization, username, recoveryCode });
  };
  const codeAt = (index: number): string => codes[index] ?? '';
  const left = async (name = who): Promise<number> => {
    const { id: userId } = await userCalled(portal, name);
    return RecoveryCode.count({ where: { userId, usedAt: null, replacedAt: null } });
  };

  it('lets a visitor whose password opens nothing add a passkey, and nothing else', async () => {
    const browser = portal.browser();
    assert.ok((await browser.open('/login')).links().includes(RECOVERY));
    assert.equal((await send(browser, who, codeAt(0))).location, NEW_PASSKEY);
    for (const path of ['/security', '/profile', '/security/sessions', '/account/removal', '/login/password'])
      assert.match((await browser.get(path)).location, /^(\/security\/passkeys\/new|\/)$/, path);
    assert.equal((await addPasskey(browser, new Authenticator())).status, 303);
    assert.equal((await browser.get('/security')).status, 200);
    const { id: userId } = await userCalled(portal, who);
    assert.equal(await Passkey.count({ where: { userId } }), 2);
  });

  it('is used up by that, and log and owner are told', async () => {
    const used = (await logged(portal, 'acme', 'recovery-code.used')).length;
    await send(portal.browser(), who, codeAt(0));
    assert.equal(await left(), 9);
    assert.equal((await logged(portal, 'acme', 'recovery-code.used')).length, used + 1);
    const [signedIn] = (await logged(portal, 'acme', 'sign-in.succeeded')).slice(-1);
    assert.match(String(signedIn?.['details']), /"methods":\["recovery"\]/);
    const { email } = await userCalled(portal, who);
    assert.ok((await portal.inbox.mailsTo(email)).some(({ subject }) => /recovery code/i.test(subject)));
    assert.equal((await send(portal.browser(), who, codeAt(0))).status, 422);
  });

  /** Why a code opens nothing, and who sends which. */
  const CAUSES: Readonly<Record<string, () => Promise<[name: string, code: string]>>> = {
    'of which nobody has one': () => Promise.resolve([who, WRONG]),
    'that was used before': async () => {
      await send(portal.browser(), who, codeAt(0));
      await clearCounters(portal.database);
      return [who, codeAt(0)];
    },
    'of somebody else': async () => {
      const other = `acme/keeper${(count += 1)}`;
      await addSomebody(portal, other, 'user');
      return [other, codeAt(0)];
    },
    'for a name that nobody has': () => Promise.resolve(['acme/nobody-at-all', codeAt(0)]),
    'for an organisation that is not there': () => Promise.resolve(['nowhere/uma', codeAt(0)]),
    'where passwords are not forbidden': async () => {
      await setPolicy(portal, 'acme', { passwordSignIn: 'allowed' });
      return [who, codeAt(0)];
    },
    'of who has not enough passkeys yet, while the password leads to them': async () => {
      await setPolicy(portal, 'acme', { passwordSignIn: 'allowed' });
      const other = `acme/keeper${(count += 1)}`;
      await addSomebody(portal, other, 'user');
      ({ codes } = await enrol(portal, other));
      await forbidPasswords(portal);
      return [other, codeAt(0)];
    },
    'of an account that is disabled': async () => {
      await (await userCalled(portal, who)).update({ status: 'disabled' });
      return [who, codeAt(0)];
    },
    'of an account that an administrator has to give back': async () => {
      await (await userCalled(portal, who)).update({ resetHeld: true });
      return [who, codeAt(0)];
    },
    'of an organisation that is suspended': async () => {
      await Tenant.update({ status: 'suspended' }, { where: { slug: 'acme' } });
      return [who, codeAt(0)];
    },
  };

  for (const [what, of] of Object.entries(CAUSES))
    it(`one ${what} gets the one answer that all get, and so it goes on`, async () => {
      const [name, code] = await of();
      const answers: unknown[][] = [];
      for (let tries = 0; tries < 11; tries += 1) {
        const browser = portal.browser();
        const page = await send(browser, name, code);
        answers.push([page.status, page.alert]);
        assert.equal(await isSignedIn(browser), false);
        await portal.database.sequelize.query(`DELETE FROM throttles WHERE key NOT LIKE 'codes/%'`);
      }
      const wrong = [422, answers[0]?.[1]];
      assert.match(String(wrong[1]), /The organisation, username or recovery code is not right/);
      assert.deepEqual(
        answers,
        Array.from({ length: 11 }, () => wrong),
      );
      if (name !== who || code !== codeAt(0)) return;
      const { id: userId } = await userCalled(portal, who);
      assert.ok((await RecoveryCode.count({ where: { userId, usedAt: null } })) >= 9, 'It is not used up.');
    });

  it('sent twenty times at once lets one in', async () => {
    const forms = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const browser = portal.browser();
        return { browser, form: (await browser.open(RECOVERY)).form(RECOVERY) };
      }),
    );
    const [organization = '', username = ''] = who.split('/');
    const fields = { organization, username, recoveryCode: codeAt(0) };
    await Promise.all(forms.map(({ browser, form }) => browser.post(RECOVERY, { ...form, ...fields })));
    const seen = await Promise.all(forms.map(async ({ browser }) => (await browser.get(NEW_PASSKEY)).status === 200));
    assert.equal(seen.filter(Boolean).length, 1);
    assert.equal(await left(), 9);
  });

  it('is worth nothing any more once its owner says that it was somebody else', async () => {
    const thief = portal.browser();
    await send(thief, who, codeAt(0));
    await addPasskey(thief, new Authenticator());
    const { email } = await userCalled(portal, who);
    const path = await portal.inbox.linkTo(email, '/disavowal/');
    assert.equal((await takeLink(portal, path))?.status, 303);
    assert.equal(await isSignedIn(thief), false);
    assert.equal((await send(thief, who, codeAt(1))).status, 422);
    assert.equal(await left(), 0);
  });

  it('leads no further once passwords sign in again', async () => {
    const browser = portal.browser();
    await send(browser, who, codeAt(0));
    await setPolicy(portal, 'acme', { passwordSignIn: 'allowed' });
    assert.equal((await browser.get('/security')).location, NEW_PASSKEY);
  });

  it('stands after the password, as ever, where that is allowed', async () => {
    const again = portal.browser();
    await setPolicy(portal, 'acme', { passwordSignIn: 'allowed' });
    assert.equal((await again.tryToSignIn(who, PASSWORD)).location, '/login/two-factor');
    assert.equal((await again.submit(RECOVERY, RECOVERY, { recoveryCode: codeAt(1) })).location, '/');
    assert.equal((await again.get('/security')).status, 200);
  });
});
