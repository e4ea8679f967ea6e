import assert from 'node:assert/strict';
import { Tenant } from '#models/tenant.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { User } from '#models/user.js';
import { COMMAND_LINE } from '#policies/actor.js';
import { contextWithoutRequest } from '#server/context.js';
import { checkCredentials } from '#server/identity/check-credentials.js';
import { MINUTE } from '#server/lib/clock.js';
import { hashingPlaces } from '#server/lib/password-hash.js';
import type { Page } from '../support/browser.js';
import { clearCounters } from '../support/database.js';
import { watchHashing } from '../support/hashing.js';
import { logged, mailResetLink } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

describe('An account under attack', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  beforeEach(async () => {
    await clearCounters(portal.database);
    await User.update({ lockedUntil: null }, { where: {} });
  });
  after(() => portal.close());

  /** A stranger's guess. Its address is forgiven, so that only the account counts. */
  async function guess(who: string, password = 'wrong', browser = portal.browser()): Promise<Page> {
    await portal.database.sequelize.query(`DELETE FROM throttles WHERE key LIKE 'failures/%'`);
    return browser.tryToSignIn(who, password);
  }

  async function lock(who: string): Promise<Page> {
    for (let tries = 1; tries <= 5; tries += 1) assert.equal((await guess(who)).status, 422, `try ${tries}`);
    return guess(who);
  }

  it('is locked by the fifth wrong password, for five minutes, even for the right one', async () => {
    const wrong = await guess('acme/uma');
    for (let tries = 2; tries <= 5; tries += 1) await guess('acme/uma');
    const answer = await guess('acme/uma', PASSWORD);
    assert.deepEqual([answer.status, answer.alert], [422, wrong.alert], 'in the very words of a wrong password');
    assert.equal(answer.headers['retry-after'], undefined);
    assert.deepEqual([answer.valueOf('username'), answer.valueOf('password')], ['uma', '']);
    portal.clock.move(5 * MINUTE - 1000);
    assert.equal((await guess('acme/uma', PASSWORD)).status, 422);
    portal.clock.move(2000);
    assert.equal((await guess('acme/uma', PASSWORD)).status, 303);
  });

  const minutesLocked = async (who: string): Promise<number> => {
    const { lockedUntil } = await User.findByPk(portal.idOf(who), { rejectOnEmpty: true });
    return Math.ceil(((lockedUntil ?? 0) - portal.clock.now()) / MINUTE);
  };

  it('tells a stranger who goes by several names of somebody no more than of nobody', async () => {
    for (const name of ['uma', 'zoe']) {
      const seen = [];
      for (let tries = 0; tries < 4; tries += 1) seen.push((await guess(`acme/${name}`)).status);
      for (let tries = 0; tries < 3; tries += 1) seen.push((await guess(`acme/${name}@acme.example`)).status);
      assert.deepEqual(seen, Array(7).fill(422), name);
    }
  });

  it('is shut to new browsers by a hundred wrong ones in a row, however slow, until a new password or an administrator', async () => {
    const own = portal.browser();
    await own.signIn('acme/uma', PASSWORD);
    await own.submit('/security', '/logout');
    const context = contextWithoutRequest(portal.services, COMMAND_LINE, 'web');
    const credentials = { organization: 'acme', username: 'uma', password: 'wrong', browser: null };
    for (let tries = 1; tries <= 100; tries += 1) {
      await assert.rejects(checkCredentials(context, credentials));
      if (tries % 5 === 0) portal.clock.move(61 * MINUTE);
    }
    portal.clock.move(48 * 60 * MINUTE);
    assert.equal((await guess('acme/uma', PASSWORD)).status, 422, 'The right one is not looked at.');
    assert.equal((await logged(portal, 'acme', 'account.shut')).length, 1);
    const mails = await portal.inbox.mailsTo('uma@acme.example');
    assert.equal(mails.filter(({ event }) => event === 'account-shut').length, 1);
    assert.equal((await guess('acme/uma', PASSWORD, own)).status, 303, 'The owner goes on.');
    const adam = await portal.signedIn('acme/adam');
    const at = `/admin/users/${portal.idOf('acme/uma')}`;
    assert.equal((await adam.post(`${at}/unlock`, { _csrf: await adam.csrf('/security'), reason: '' })).status, 303);
    assert.equal((await guess('acme/uma', PASSWORD)).status, 303);
  });

  it('is locked twice as long each time, up to an hour', async () => {
    for (const minutes of [5, 10, 20, 40, 60, 60]) {
      await lock('acme/uma');
      assert.equal(await minutesLocked('acme/uma'), minutes);
      portal.clock.move(minutes * MINUTE);
    }
    assert.equal((await guess('acme/uma', PASSWORD)).status, 303);
    await lock('acme/uma');
    assert.equal(await minutesLocked('acme/uma'), 5, 'A good sign-in forgets them all.');
  });

  it('is not locked for its owner: the browser that they have used before has a counter of its own', async () => {
    const own = portal.browser();
    await own.signIn('acme/uma', PASSWORD);
    await own.submit('/security', '/logout');
    await lock('acme/uma');
    assert.equal((await guess('acme/uma', PASSWORD)).status, 422, 'A stranger is locked out.');
    assert.equal((await guess('acme/uma', PASSWORD, own)).status, 303, 'The owner is not.');
    assert.equal((await guess('acme/uma', PASSWORD)).status, 422, 'And that lets no stranger in.');
  });

  it('is locked in the owner’s browser too, when it fails there', async () => {
    const own = portal.browser();
    await own.signIn('acme/uma', PASSWORD);
    await own.submit('/security', '/logout');
    for (let tries = 1; tries <= 5; tries += 1) assert.equal((await guess('acme/uma', 'wrong', own)).status, 422);
    const locked = await guess('acme/uma', PASSWORD, own);
    assert.equal(locked.status, 429);
    assert.match(locked.alert, /Wait 5 minutes, until \d\d:\d\d UTC, and try again/);
    assert.equal((await guess('acme/uma', PASSWORD)).status, 303);
  });

  it('gains nothing from a browser that somebody else has used, or that was made up', async () => {
    const others = portal.browser();
    await others.signIn('acme/umar', PASSWORD);
    await others.submit('/security', '/logout');
    await lock('acme/uma');
    assert.equal((await guess('acme/uma', PASSWORD, others)).status, 422);
    const forged = portal.browser();
    forged.cookies.set(
      'gatehouse-browser',
      `${others.cookies.get('gatehouse-browser')?.split('.')[0] ?? ''}x.${'A'.repeat(43)}`,
    );
    assert.equal((await guess('acme/uma', PASSWORD, forged)).status, 422);
  });

  it('tells nobody whether it exists: a name that nobody has is locked in the same way, in whatever spelling', async () => {
    const course = async (who: string, spellings: string[]): Promise<unknown[]> => {
      const answers = [];
      for (let tries = 0; tries < 7; tries += 1) {
        const { status, alert } = await guess(`${who}${spellings[tries % spellings.length] ?? ''}`);
        answers.push([status, alert]);
      }
      return answers;
    };
    const somebody = await course('acme/', ['uma', 'UMA', 'ｕｍａ']);
    assert.deepEqual(await course('acme/', ['nobody', 'NOBODY', 'ｎｏｂｏｄｙ']), somebody);
    assert.deepEqual(await course('', ['nowhere/uma', 'NoWhere/UMA']), somebody);
    assert.deepEqual(await course('acme/', ['robo']), somebody);
    assert.equal((await guess('acme/nobody-else')).status, 422, 'Another name is not locked with it.');
  });

  it('is guessed at no more often for being guessed at twenty times at once', async () => {
    const hashing = watchHashing(portal);
    const pages = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const browser = portal.browser();
        return { browser, fields: (await browser.get('/login')).form('/login') };
      }),
    );
    const answers = await Promise.all(
      pages.map(({ browser, fields }) =>
        browser.post('/login', { ...fields, organization: 'acme', username: 'uma', password: 'wrong' }),
      ),
    );
    assert.ok(answers.every(({ status }) => status === 422 || status === 429));
    assert.ok(
      hashing.verified >= 5 && hashing.verified <= 5 + hashingPlaces() - 1,
      `${hashing.verified} passwords were looked at.`,
    );
  });

  it('is guessed at no more often by a door that does not count addresses', async () => {
    const hashing = watchHashing(portal);
    const context = contextWithoutRequest(portal.services, COMMAND_LINE, 'api');
    const credentials = { organization: 'acme', username: 'uma', password: 'wrong', browser: null };
    const tried = await Promise.allSettled(Array.from({ length: 20 }, () => checkCredentials(context, credentials)));
    assert.ok(tried.every(({ status }) => status === 'rejected'));
    assert.ok(hashing.verified <= 5 + hashingPlaces() - 1, `${hashing.verified} passwords were looked at.`);
  });

  it('stays locked when the portal is restarted', async () => {
    await lock('acme/uma');
    assert.equal((await guess('acme/uma', PASSWORD, portal.browserOfAnother())).status, 422);
  });

  it('is opened by a new password, with the lock of every browser', async () => {
    const own = portal.browser();
    await own.signIn('acme/adam', PASSWORD);
    await own.submit('/security', '/logout');
    await lock('acme/adam');
    for (let tries = 1; tries <= 6; tries += 1) await guess('acme/adam', 'wrong', own);
    const path = await mailResetLink(portal, 'acme/adam');
    const newPassword = 'copper lantern meadow 9';
    await portal.browser().submit(path, path, { newPassword, confirmPassword: newPassword });
    assert.equal((await guess('acme/adam', newPassword)).status, 303);
    assert.equal((await guess('acme/adam', newPassword, own)).status, 303);
  });

  it('is locked by as many failures as the policy says', async () => {
    const { id } = await Tenant.findOne({ where: { slug: 'globex' }, rejectOnEmpty: true });
    await SecurityPolicy.update({ lockoutThreshold: 3 }, { where: { tenantId: id } });
    for (const who of ['globex/gina', 'globex/nobody']) {
      for (let tries = 1; tries <= 3; tries += 1) assert.equal((await guess(who)).status, 422, who);
      assert.equal((await guess(who, PASSWORD)).status, 422, who);
    }
  });

  it('is told of to its owner by mail, once for each lock, and to the log', async () => {
    const before = (await portal.inbox.mailsTo('umar@acme.example')).filter(
      ({ event }) => event === 'account-locked',
    ).length;
    const rows = (await logged(portal, 'acme', 'account.locked')).length;
    await lock('acme/umar');
    await guess('acme/umar');
    const mails = (await portal.inbox.mailsTo('umar@acme.example')).filter(({ event }) => event === 'account-locked');
    assert.equal(mails.length, before + 1);
    assert.match(mails.at(-1)?.text ?? '', /5 minutes/);
    const [row] = (await logged(portal, 'acme', 'account.locked')).slice(rows);
    assert.equal(row?.['target_id'], portal.idOf('acme/umar'));
    assert.deepEqual(JSON.parse(String(row?.['details'])), { minutes: 5 });
    const listed = await User.findByPk(portal.idOf('acme/umar'));
    assert.ok((listed?.lockedUntil ?? 0) > portal.clock.now());
    await guess('acme/umar', PASSWORD);
    portal.clock.move(5 * MINUTE);
    await guess('acme/umar', PASSWORD);
    assert.equal((await User.findByPk(portal.idOf('acme/umar')))?.lockedUntil, null);
  });

  it('is mailed nothing when it is disabled, and the log hears of guessing at names that nobody has', async () => {
    await User.update({ status: 'disabled' }, { where: { id: portal.idOf('acme/umar') } });
    const mails = (await portal.inbox.mailsTo('umar@acme.example')).length;
    await lock('acme/umar');
    assert.equal((await portal.inbox.mailsTo('umar@acme.example')).length, mails);
    await lock('acme/nobody');
    const row = (await logged(portal, 'acme', 'account.locked')).at(-1);
    assert.equal(row?.['target_id'], null);
    assert.deepEqual(JSON.parse(String(row?.['details'])), { minutes: 5, reason: 'unknown user' });
  });
});
