import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { migrate } from '#models/migrations/index.js';
import { addMonths } from '#policies/months.js';
import { noticeExpiries } from '#server/jobs/expiry-notices.js';
import { DAY } from '#server/lib/clock.js';
import type { Browser, Page } from '../support/browser.js';
import { basic, call, generate } from '../support/credentials.js';
import { startPortal, type Portal } from '../support/portal.js';
import { setPolicy } from '../support/second-factor.js';

const POLICY = '/admin/security-policy';

const KINDS = [
  { kind: 'key', path: '/security/api-key', noun: 'API key' },
  { kind: 'password', path: '/security/api-password', noun: 'API password' },
] as const;

for (const { kind, path, noun } of KINDS)
  describe(`The ${noun} obeys the policy as tokens do`, () => {
    let portal: Portal;
    let uma: Browser;
    beforeEach(async () => {
      portal = await startPortal();
      uma = await portal.signedIn('acme/uma');
    });
    afterEach(() => portal.close());

    const make = (browser = uma): Promise<string> => generate(browser, `api-${kind}`);
    const rowNow = (): Promise<ApiCredential> =>
      ApiCredential.findOne({ where: { kind, revokedAt: null }, rejectOnEmpty: true });
    const codeOf = async (secret: string): Promise<string> => {
      const headers = kind === 'key' ? { 'X-API-Key': secret } : basic('acme/uma', secret);
      const { status, code } = await call(portal, '/me', headers);
      return `${status} ${code}`.trim();
    };
    const moveTo = (time: number): void => portal.clock.move(time - portal.clock.now());
    const cap = async (tokenMaxMonths: string, at: string): Promise<Page> => {
      const owner = await portal.signedIn('acme/olivia');
      return owner.post(at, { ...(await owner.open(POLICY)).form(POLICY), tokenMaxMonths });
    };

    it('and has an end: its page says when, and then it works no more, until a new one is made', async () => {
      await setPolicy(portal, 'acme', { tokenMaxMonths: 2 });
      const shown = await uma.submit(path, path);
      const { createdAt, expiresAt, months } = await rowNow();
      assert.deepEqual([expiresAt, months], [addMonths(createdAt, 2), 2]);
      const until = new RegExp(new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' }).format(expiresAt ?? 0));
      assert.match(shown.text, until);
      assert.match((await uma.open(path)).text, until);
      const secret = await make();
      const end = (await rowNow()).expiresAt ?? 0;
      moveTo(end - DAY);
      assert.equal(await codeOf(secret), '200');
      moveTo(end);
      assert.equal(await codeOf(secret), '401 token_expired');
      const later = await portal.signedIn('acme/uma');
      assert.match((await later.open(path)).text, /State\s*Expired/);
      assert.match((await later.open('/security')).text, new RegExp(`${noun}\\s*It has expired`));
      assert.equal(await codeOf(await make(later)), '200');
    });

    it('and its owner is told 14, 3 and 0 days before it ends, with the way to a new one', async () => {
      await make();
      const end = (await rowNow()).expiresAt ?? 0;
      for (const days of [14, 3, 0]) {
        moveTo(end - days * DAY - 5000);
        assert.equal(await noticeExpiries(portal.services), 0, `before ${days}`);
        moveTo(end - days * DAY);
        assert.equal(await noticeExpiries(portal.services), 1, String(days));
        const { subject, text } = await portal.inbox.newestTo('uma@acme.example');
        assert.match(subject, new RegExp(`^The ${noun} at Acme ${days === 0 ? 'expired' : 'expires'} on`));
        assert.ok(text.includes(path));
      }
    });

    it('and the administrators are told three days before, when its owner can change things', async () => {
      await make(await portal.signedIn('acme/adam'));
      moveTo(((await rowNow()).expiresAt ?? 0) - 3 * DAY);
      await noticeExpiries(portal.services);
      assert.match(
        (await portal.inbox.newestTo('olivia@acme.example')).subject,
        /^A credential of adam at Acme expires on/,
      );
    });

    it('and ends sooner when the cap is lowered: the review counts it, its owner gets a mail, and it is not dead at once', async () => {
      const secret = await make();
      const reviewed = await cap('1', `${POLICY}/preview`);
      assert.match(reviewed.text, new RegExp(`One ${noun} ends sooner, and none within the next 14 days`));
      assert.match(reviewed.text, new RegExp(`${noun}\\s*Uma Ndiaye`));
      assert.equal((await cap('1', POLICY)).status, 303);
      const { createdAt, expiresAt } = await rowNow();
      assert.equal(expiresAt, addMonths(createdAt, 1));
      assert.match((await portal.inbox.newestTo('uma@acme.example')).subject, new RegExp(`${noun}.*now ends on`));
      assert.equal(await codeOf(secret), '200');
      moveTo(expiresAt ?? 0);
      assert.equal(await codeOf(secret), '401 token_expired');
    });

    it('and is made by nobody whose roles grant no credentials', async () => {
      const audrey = await portal.signedIn('acme/audrey');
      const page = await audrey.open(path);
      assert.match(page.text, /None of your roles lets you generate one/);
      assert.ok(!page.forms().includes(path));
      assert.equal((await audrey.post(path, { _csrf: await audrey.csrf('/profile') })).status, 403);
      assert.equal(await ApiCredential.count(), 0);
    });

    it('also when it is from before there were ends: it gets the one of the policy, and two weeks at least', async () => {
      await make();
      const { createdAt } = await rowNow();
      await ApiCredential.update({ expiresAt: null, months: null }, { where: { kind } });
      const upgrade = async (): Promise<ApiCredential> => {
        await portal.database.sequelize.query(`DELETE FROM migrations WHERE name = '0014-credential-ends'`);
        assert.deepEqual(await migrate(portal.database), ['0014-credential-ends']);
        return rowNow();
      };
      const { expiresAt, months } = await upgrade();
      assert.equal(months, 12);
      assert.ok(Math.abs((expiresAt ?? 0) - addMonths(createdAt, 12)) < DAY, String(expiresAt));

      const old = createdAt - 800 * DAY;
      await ApiCredential.update({ expiresAt: null, months: null, createdAt: old }, { where: { kind } });
      const left = ((await upgrade()).expiresAt ?? 0) - Date.now();
      assert.ok(Math.abs(left - 14 * DAY) < DAY / 2, String(left));
    });
  });
