import assert from 'node:assert/strict';
import supertest from 'supertest';
import { ApiCredential } from '#models/api-credential.js';
import { User } from '#models/user.js';
import type { Browser } from '../support/browser.js';
import { whileSecuring } from '../support/credentials.js';
import { startPortal, type Portal } from '../support/portal.js';

const DAY = 86_400_000;

describe('An admin and the API credentials of everybody', () => {
  let portal: Portal;
  let adam: Browser;
  before(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  after(() => portal.close());

  const call = (secret: string): supertest.Test =>
    supertest(portal.app).get('/api/v1/me/sessions').set('X-API-Key', secret);

  async function tokenOf(who: string, name: string, months = '3'): Promise<{ secret: string; id: string }> {
    const browser = await portal.signedIn(who);
    const shown = await browser.submit('/security/tokens/new', '/security/tokens', { name, months });
    const secret = shown.document.querySelector('[data-secret=token]')?.text.trim() ?? '';
    const row = await ApiCredential.findOne({ where: { name }, rejectOnEmpty: true });
    return { secret, id: row.id };
  }

  const refusalOf = async (secret: string): Promise<string | undefined> =>
    ((await call(secret)).body as { code?: string }).code;

  it('lists them with owner, role, expiry and last use, and none of another tenant', async () => {
    await tokenOf('acme/uma', 'Backup of Uma');
    await tokenOf('globex/gina', 'Backup of Gina');
    const page = await adam.open('/admin/credentials');
    assert.match(page.text, /Backup of Uma.*Uma Ndiaye.*User/);
    assert.doesNotMatch(page.text, /Gina/);
  });

  it('says of those that can do nothing that they can do nothing: their role is lost, or their owner disabled', async () => {
    await tokenOf('acme/umar', 'Without a role');
    await tokenOf('acme/uma', 'Of somebody disabled');
    const stateOf = async (name: string): Promise<string> => {
      const { document } = await adam.open(`/admin/credentials?q=${encodeURIComponent(name)}`);
      return document.querySelector('td[data-label=State]')?.structuredText.replace(/\s+/g, ' ').trim() ?? '';
    };
    assert.equal(await stateOf('Without a role'), 'Active');
    await ApiCredential.update({ roleId: null }, { where: { name: 'Without a role' } });
    await User.update({ status: 'disabled' }, { where: { username: 'uma' } });
    assert.equal(await stateOf('Without a role'), 'Role lost It can do nothing.');
    assert.equal(await stateOf('Of somebody disabled'), 'Active Its owner is disabled: it can do nothing.');
    await User.update({ status: 'active' }, { where: { username: 'uma' } });
  });

  it('finds those of people without two-factor authentication, and those that expire soon', async () => {
    await tokenOf('acme/umar', 'Soon over', '1');
    assert.match((await adam.open('/admin/credentials?ownerWithoutTwoFactor=yes')).text, /Soon over/);
    assert.doesNotMatch((await adam.open('/admin/credentials?expiring=yes')).text, /Soon over/);
    portal.clock.move(20 * DAY);
    adam = await portal.signedIn('acme/adam');
    assert.match((await adam.open('/admin/credentials?expiring=yes')).text, /Soon over/);
  });

  it('revokes one, or those chosen, at once; their owners get a mail', async () => {
    const [one, two, three] = [
      await tokenOf('acme/uma', 'One'),
      await tokenOf('acme/uma', 'Two'),
      await tokenOf('acme/umar', 'Three'),
    ];
    assert.equal((await call(one.secret)).status, 200);
    const _csrf = await adam.csrf('/security');
    assert.equal((await adam.post(`/admin/credentials/${one.id}/removal`, { _csrf })).status, 303);
    assert.equal(await refusalOf(one.secret), 'token_revoked');
    const question = await adam.post('/admin/credentials/removal', { _csrf, ids: [two.id, three.id] });
    assert.match(question.text, /Revoke 2 credentials\? Calls with them fail at once, and 2 owners get a mail/);
    assert.equal(await refusalOf(two.secret), undefined);
    const sent = await adam.post('/admin/credentials/removal', question.form('/admin/credentials/removal'));
    assert.equal(sent.status, 303);
    assert.equal(await refusalOf(two.secret), 'token_revoked');
    assert.equal(await refusalOf(three.secret), 'token_revoked');
    assert.equal((await adam.post('/admin/credentials/removal', { _csrf })).status, 422);
    assert.ok((await portal.inbox.mailsTo('uma@acme.example')).some(({ text }) => text.includes('One')));
  });

  it('revokes all of one account from its page, and leaves everybody else’s', async () => {
    const [mine, other] = [await tokenOf('acme/uma', 'Goes with all'), await tokenOf('acme/umar', 'Stays')];
    const at = `/admin/users/${portal.idOf('acme/uma')}`;
    const answer = await adam.submit(at, `${at}/credentials/removal`);
    assert.match(
      (await adam.follow(answer)).text,
      /\d API credentials have been revoked|One API credential has been revoked/,
    );
    assert.equal(await refusalOf(mine.secret), 'token_revoked');
    assert.equal((await call(other.secret)).status, 200);
    const owner = `/admin/users/${portal.idOf('acme/olivia')}`;
    assert.equal((await adam.open(owner)).document.querySelector('form[action$="/credentials/removal"]'), null);
    const refused = await adam.post(`${owner}/credentials/removal`, { _csrf: await adam.csrf('/security') });
    assert.equal(refused.status, 403);
  });

  it('cannot revoke those of an owner, nor of another tenant; an auditor only looks', async () => {
    const [owners, foreign] = [await tokenOf('acme/olivia', 'Of the owner'), await tokenOf('globex/gina', 'Foreign')];
    const _csrf = await adam.csrf('/security');
    assert.equal((await adam.post(`/admin/credentials/${owners.id}/removal`, { _csrf })).status, 403);
    assert.equal((await adam.post(`/admin/credentials/${foreign.id}/removal`, { _csrf })).status, 404);
    await adam.post('/admin/credentials/removal', { _csrf, ids: [owners.id, foreign.id] });
    assert.equal((await call(owners.secret)).status, 200);
    assert.equal((await call(foreign.secret)).status, 200);
    const audrey = await portal.signedIn('acme/audrey');
    assert.equal((await audrey.open('/admin/credentials')).document.querySelectorAll('input[name=ids]').length, 0);
    assert.equal(
      (await audrey.post('/admin/credentials/removal', { _csrf: await audrey.csrf('/security'), ids: [owners.id] }))
        .status,
      403,
    );
    const uma = await portal.signedIn('acme/uma');
    assert.equal((await uma.get('/admin/credentials')).status, 403);
  });

  it('makes tokens for a service account, and for nobody else', async () => {
    const page = `/admin/users/${portal.idOf('acme/robo')}/tokens`;
    const shown = await adam.submit(`${page}/new`, page, { name: 'Build server', months: '6' });
    assert.equal(shown.status, 200);
    const secret = shown.document.querySelector('[data-secret=token]')?.text.trim() ?? '';
    assert.equal((await call(secret)).status, 200);
    assert.equal((await adam.get(`/admin/users/${portal.idOf('acme/uma')}/tokens/new`)).status, 403);
    assert.equal((await adam.get(`/admin/users/${portal.idOf('globex/gina')}/tokens/new`)).status, 404);
  });

  it('leaves no token behind for one by a request that was under way when their own account was secured', async () => {
    const page = `/admin/users/${portal.idOf('acme/robo')}/tokens`;
    const olivia = await portal.signedIn('acme/olivia');
    const fields = { ...(await olivia.open(`${page}/new`)).form(page), name: 'Left behind' };
    const { answer } = await whileSecuring(portal, 'acme/olivia', () => olivia.post(page, fields));
    assert.ok([303, 409].includes(answer.status), `${answer.status}`);
    assert.equal(await ApiCredential.count({ where: { name: 'Left behind' } }), 0);
  });

  it('cannot give a service account’s token a role that exceeds their own', async () => {
    const olivia = await portal.signedIn('acme/olivia');
    const robo = `/admin/users/${portal.idOf('acme/robo')}`;
    const roles = (await olivia.open(robo)).document
      .querySelectorAll('input[name=roleIds]')
      .map((box) => box.getAttribute('value') ?? '');
    assert.equal(
      (await olivia.submit(robo, robo, { roleIds: [roles[0] ?? ''] })).status,
      303,
      'the owner makes it an owner',
    );
    assert.equal((await adam.get(`${robo}/tokens/new`)).status, 403);
  });
});
