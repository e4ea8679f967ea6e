import assert from 'node:assert/strict';
import { Role } from '#models/role.js';
import { User } from '#models/user.js';
import { routes } from '#server/features/index.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import type { Browser } from '../support/browser.js';
import { Phone } from '../support/phone.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { pathOf, titleOf } from '../support/routes.js';
import { beginSetup, codesOn, halfSignedIn, isSignedIn, setPolicy, signedInWith } from '../support/second-factor.js';

const SETUP = '/login/two-factor/setup';

describe('A demanded second factor', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const require = (graceDays = 0): Promise<void> => setPolicy(portal, 'acme', { twoFactor: 'required', graceDays });
  const limited = async (): Promise<Browser> => {
    await require();
    return portal.signedIn('acme/uma');
  };

  describe('in the days of grace', () => {
    it('is told on every page with its date, and keeps nobody out', async () => {
      await require(14);
      const browser = await portal.signedIn('acme/uma');
      for (const path of ['/security', '/profile', '/security/sessions']) {
        const page = await browser.get(path);
        assert.equal(page.status, 200);
        assert.match(page.text, /Your organisation demands it. From \d{1,2} \w+ \d{4}, \d\d:\d\d UTC on/, path);
        assert.ok(page.links().includes('/security/two-factor'), path);
      }
    });

    it('can still be cancelled by who never had one', async () => {
      await require(14);
      const browser = await portal.signedIn('acme/uma');
      await beginSetup(portal, browser);
      assert.equal((await browser.submit('/security/two-factor', '/security/two-factor/cancellation')).status, 303);
    });

    it('is told to nobody who has one, or of whom none is demanded', async () => {
      const browser = await portal.signedIn('acme/uma');
      assert.doesNotMatch((await browser.get('/security')).text, /demands/);
    });

    it('ends them in the midst of a session', async () => {
      await setPolicy(portal, 'acme', {
        twoFactor: 'required',
        graceDays: 1,
        sessionIdleMinutes: 480,
        sessionMaxHours: 168,
      });
      const browser = await portal.signedIn('acme/uma');
      for (let hours = 0; hours < 24; hours += 6) {
        assert.equal((await browser.get('/security')).status, 200);
        portal.clock.move(DAY / 4);
      }
      assert.equal((await browser.get('/security')).location, SETUP);
    });
  });

  describe('once they are over', () => {
    it('leads every page to the set-up, where it begins and ends; then a sign-in with a code opens all', async () => {
      const browser = await limited();
      assert.equal((await browser.get('/security')).location, SETUP);
      const begin = await browser.open('/');
      assert.equal(begin.path, SETUP);
      assert.match(begin.text, /Your organisation demands two-factor authentication/);
      const page = await browser.follow(await browser.submit(SETUP, '/security/two-factor/setup'));
      assert.equal(page.path, SETUP);
      const phone = new Phone(portal.clock).scan(page);
      const shown = await browser.submit(SETUP, SETUP, { code: phone.code() });
      assert.equal(codesOn(shown).length, 10);
      const again = await signedInWith(portal, 'acme/uma', phone);
      assert.equal((await again.get('/security')).status, 200);
    });

    it('leaves nothing else within reach but signing out', async () => {
      const browser = await limited();
      const _csrf = await browser.csrf(SETUP);
      const open = new Set([
        'GET /login/two-factor/setup',
        'POST /login/two-factor/setup',
        'POST /security/two-factor/setup',
        // Another factor is as good.
        'GET /security/passkeys/new',
        'POST /security/passkeys',
        // A passkey that they have may be let sign in alone, which an organisation without passwords asks for.
        'GET /security/passkeys/:id',
        'POST /security/passkeys/:id',
        'POST /logout',
      ]);
      for (const route of routes.filter(({ access }) => access.who !== 'anyone')) {
        if (open.has(titleOf(route)) || pathOf(route).startsWith('/confirm')) continue;
        const { status, location } = await (route.method === 'get'
          ? browser.get(pathOf(route))
          : browser.post(pathOf(route), { _csrf }));
        assert.equal(status, 303, titleOf(route));
        assert.ok([SETUP, '/'].includes(location), `${titleOf(route)} led to ${location}`);
      }
      assert.equal((await browser.post('/logout', { _csrf })).location, '/login');
      assert.ok(!(await isSignedIn(browser)));
    });

    it('asks who confirms late for the password first, and then goes on', async () => {
      const browser = await limited();
      portal.clock.move(11 * MINUTE);
      const asked = await browser.submit(SETUP, '/security/two-factor/setup');
      assert.match(asked.location, /^\/confirm\?kept=/);
      const confirm = await browser.follow(asked);
      assert.equal(confirm.path.split('?')[0], '/confirm');
      const kept = await browser.follow(
        await browser.post('/confirm', { ...confirm.form('/confirm'), password: PASSWORD }),
      );
      const begun = await browser.post('/security/two-factor/setup', kept.form('/security/two-factor/setup'));
      assert.equal(begun.location, SETUP);
      assert.ok(new Phone(portal.clock).scan(await browser.get(SETUP)).secret);
    });

    it('does not show a pending secret to who found the browser open', async () => {
      const browser = await limited();
      await browser.submit(SETUP, '/security/two-factor/setup');
      portal.clock.move(11 * MINUTE);
      const page = await browser.open(SETUP);
      assert.equal(page.heading, 'Confirm that it is you');
      assert.ok(!page.html.includes('data-secret'));
    });

    it('waits its turn behind a password that must be changed', async () => {
      const browser = await limited();
      await User.update({ mustChangePassword: true }, { where: { id: portal.idOf('acme/uma') } });
      const _csrf = await browser.csrf('/login/password');
      assert.equal((await browser.get(SETUP)).location, '/');
      assert.equal((await browser.post('/security/two-factor/setup', { _csrf })).location, '/login/password');
      assert.equal((await browser.post(SETUP, { _csrf, code: '000000' })).location, '/');
      assert.equal((await User.findByPk(portal.idOf('acme/uma')))?.twoFactor, 'disabled');
    });

    it('holds for the holders of a role that requires it, and for nobody else', async () => {
      await setPolicy(portal, 'acme', { graceDays: 0 });
      const { tenantId } = await User.findByPk(portal.idOf('acme/adam'), { rejectOnEmpty: true });
      await Role.update(
        { requiresTwoFactor: true, twoFactorSince: portal.clock.now() },
        { where: { tenantId, key: 'admin' } },
      );
      const [adam, uma, gary] = await Promise.all(
        ['acme/adam', 'acme/uma', 'globex/gary'].map((who) => portal.signedIn(who)),
      );
      assert.equal((await adam!.get('/security')).location, SETUP);
      assert.equal((await uma!.get('/security')).status, 200);
      assert.equal((await gary!.get('/security')).status, 200);
    });

    it('holds for who is marked by an administrator, and for nobody else', async () => {
      await setPolicy(portal, 'acme', { graceDays: 0 });
      const values = { mustSetUpTwoFactor: true, twoFactorSince: portal.clock.now() };
      await User.update(values, { where: { id: portal.idOf('acme/uma') } });
      assert.equal((await (await portal.signedIn('acme/uma')).get('/security')).location, SETUP);
      assert.equal((await (await portal.signedIn('acme/umar')).get('/security')).status, 200);
    });
  });

  describe('that is pending at sign-in', () => {
    const pending = async (): Promise<{ browser: Browser; phone: Phone }> => {
      await beginSetup(portal, await portal.signedIn('acme/uma'));
      const browser = await halfSignedIn(portal, 'acme/uma');
      return { browser, phone: new Phone(portal.clock).scan(await browser.get(SETUP)) };
    };

    it('shows the QR code after the password, takes the code, shows the recovery codes once, and lets in', async () => {
      const { browser, phone } = await pending();
      assert.ok(!(await isSignedIn(browser)));
      assert.equal((await browser.get('/login/two-factor')).location, SETUP);
      const wrong = await browser.submit(SETUP, SETUP, { code: phone.code(7) });
      assert.equal(wrong.status, 422);
      const page = await browser.submit(SETUP, SETUP, { code: phone.code() });
      assert.equal(page.status, 200);
      assert.equal(codesOn(page).length, 10);
      assert.match(page.text, /active, and you are signed in/);
      assert.ok(await isSignedIn(browser));
      assert.ok(!(await browser.get('/security')).html.includes('data-secret'));
    });

    it('ends the sessions of before', async () => {
      const before = await portal.signedIn('acme/uma');
      const { browser, phone } = await pending();
      await browser.submit(SETUP, SETUP, { code: phone.code() });
      assert.deepEqual([await isSignedIn(before), await isSignedIn(browser)], [false, true]);
    });

    it('leads to where the sign-in was meant to lead', async () => {
      await beginSetup(portal, await portal.signedIn('acme/uma'));
      const browser = portal.browser();
      await browser.tryToSignIn('acme/uma', PASSWORD, '/profile');
      const phone = new Phone(portal.clock).scan(await browser.get(SETUP));
      const page = await browser.submit(SETUP, SETUP, { code: phone.code() });
      assert.ok(page.links().includes('/profile'));
    });

    it('is finished by one of two who try at once', async () => {
      const { browser, phone } = await pending();
      const _csrf = await browser.csrf(SETUP);
      const codes = [phone.code(-1), phone.code(0), phone.code(1)];
      const answers = await Promise.all(codes.map((code) => browser.post(SETUP, { _csrf, code })));
      assert.equal(
        answers.filter(({ status }) => status === 200).length,
        1,
        answers.map(({ status }) => status).join(),
      );
    });
  });
});
