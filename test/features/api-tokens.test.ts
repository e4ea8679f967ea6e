import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import { contentsOf } from '../support/database.js';
import type { Browser } from '../support/browser.js';
import { call, makeToken, secretOn, sendToken, TOKENS, verdictOn } from '../support/credentials.js';
import { logged } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { setPolicy } from '../support/second-factor.js';
import { newestDetails, roleId } from '../support/users.js';

const SECRET = /^ght_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/;

describe('An API token', () => {
  let portal: Portal;
  let uma: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    uma = await portal.signedIn('acme/uma');
  });
  afterEach(() => portal.close());

  const row = (id: string): Promise<ApiCredential> => ApiCredential.findByPk(id, { rejectOnEmpty: true });

  it('is shown once, in the answer to the form that made it, and works from then on', async () => {
    const page = await sendToken(uma, { months: '6' });
    assert.equal(page.status, 200);
    assert.match(secretOn(page), SECRET);
    assert.match(page.text, /not shown again/);
    assert.equal(await verdictOn(portal, secretOn(page)), '200');
    for (const path of [
      TOKENS,
      `${TOKENS}/${(await ApiCredential.findOne({ rejectOnEmpty: true })).id}`,
      '/security',
    ]) {
      assert.ok(!(await uma.open(path)).html.includes(secretOn(page).slice(17)), path);
    }
  });

  it('is kept as a hash alone: its secret is nowhere in the database, the log of the process or the security log', async () => {
    const { secret } = await makeToken(uma);
    await call(portal, '/forward-auth', { Authorization: `Bearer ${secret}` });
    await call(portal, '/forward-auth', { Authorization: `Bearer ${secret}x` });
    const kept = JSON.stringify(await contentsOf(portal.database)) + portal.logLines.join('\n');
    const [, publicId = '', random = ''] = secret.split('_');
    assert.ok(kept.includes(publicId));
    assert.ok(!kept.includes(random));
  });

  it('is listed with what tells it apart, and never with what it could be used by', async () => {
    const { secret } = await makeToken(uma, { name: 'Build server', months: '2', scopes: 'tokens:create' });
    assert.equal(await verdictOn(portal, secret), '200');
    const { text, html } = await uma.open(TOKENS);
    assert.match(text, /Build server\s*ght_\w{12}_…/);
    assert.match(text, /User\s*tokens:create/);
    assert.match(text, /Active/);
    assert.match(text, /127\.0\.0\.1/);
    const { createdAt, expiresAt, lastUsedAt } = await ApiCredential.findOne({ rejectOnEmpty: true });
    for (const at of [createdAt, expiresAt, lastUsedAt]) assert.ok(html.includes(new Date(at ?? 0).toISOString()));
  });

  it('tells its owner by mail, who can say that it was somebody else', async () => {
    const { secret } = await makeToken(uma, { name: 'Not mine' });
    const mail = await portal.inbox.newestTo('uma@acme.example');
    assert.equal(mail.subject, 'New API token on your Acme account');
    assert.match(mail.text, /The API token “Not mine” was added to your account/);
    assert.ok(!mail.text.includes(secret.slice(17)) && !(mail.html ?? '').includes(secret.slice(17)));
    const link = await portal.inbox.linkTo('uma@acme.example', '/disavowal/');
    await portal.browser().submit(link, link);
    assert.equal(await verdictOn(portal, secret), '401 token_revoked');
    assert.ok((await uma.get('/security')).location.startsWith('/login'));
  });

  it('leaves its settings in the security log', async () => {
    const { id } = await makeToken(uma, { name: 'Build server', months: '2', scopes: 'tokens:create' });
    const details = await newestDetails(portal, 'acme', 'api-token.created');
    assert.deepEqual(details, { credential: id, name: 'Build server', months: 2, scopes: ['tokens:create'] });
  });

  it('ends so many calendar months later, to the last day of a shorter month', async () => {
    // 31 January, in a year whose February has 28 days.
    portal.clock.move(Date.UTC(2027, 0, 31, 12) - portal.clock.now());
    uma = await portal.signedIn('acme/uma');
    const { id, secret } = await makeToken(uma, { months: '1' });
    const { expiresAt } = await row(id);
    assert.equal(new Date(expiresAt ?? 0).toISOString().slice(0, 10), '2027-02-28');
    portal.clock.move((expiresAt ?? 0) - portal.clock.now() - MINUTE);
    assert.equal(await verdictOn(portal, secret), '200');
    portal.clock.move(2 * MINUTE);
    assert.equal(await verdictOn(portal, secret), '401 token_expired');
  });

  it('is valid for at most as long as the organisation allows', async () => {
    await setPolicy(portal, 'acme', { tokenMaxMonths: 3 });
    const page = await uma.open(`${TOKENS}/new`);
    assert.deepEqual(
      page.document.querySelectorAll('select[name=months] option').map((one) => one.getAttribute('value')),
      ['1', '2', '3'],
    );
    const answer = await sendToken(uma, { months: '4' });
    assert.equal(answer.status, 422);
    assert.match(answer.errorOf('months'), /at most 3 months/);
    assert.equal(await ApiCredential.count(), 0);
    await makeToken(uma, { months: '3' });
  });

  it('stays visible for 90 days after it ended, in the list and on its page, and then is gone from the list', async () => {
    const revoked = await makeToken(uma, { name: 'Revoked one', months: '12' });
    await makeToken(uma, { name: 'Short one', months: '1' });
    assert.match(
      (await uma.follow(await uma.submit(TOKENS, `${TOKENS}/${revoked.id}/removal`))).flash,
      /has been revoked/,
    );
    const at = async (days: number) => {
      portal.clock.move(days * DAY);
      uma = await portal.signedIn('acme/uma');
      return (await uma.open(TOKENS)).text;
    };
    assert.match(await at(20), /Short one[^]*Expires soon[^]*Revoked one[^]*Revoked/);
    assert.match(await at(69), /Short one[^]*Expired[^]*Revoked one[^]*Revoked/);
    assert.match((await uma.open(`${TOKENS}/${revoked.id}`)).text, /Revoked[^]*Nothing: every call/);
    assert.doesNotMatch(await at(2), /Revoked one/);
    assert.doesNotMatch(await at(40), /Short one/);
  });

  it('that was revoked is refused at the very next call, cannot be rotated, and revoking it again finds nothing', async () => {
    const { secret, id } = await makeToken(uma);
    const _csrf = await uma.csrf(TOKENS);
    assert.equal(await verdictOn(portal, secret), '200');
    await uma.post(`${TOKENS}/${id}/removal`, { _csrf });
    assert.equal(await verdictOn(portal, secret), '401 token_revoked');
    assert.equal((await uma.post(`${TOKENS}/${id}/removal`, { _csrf })).status, 404);
    assert.equal((await uma.post(`${TOKENS}/${id}/rotation`, { _csrf, overlapHours: '1' })).status, 409);
    assert.equal((await logged(portal, 'acme', 'api-credential.revoked')).length, 1);
    assert.ok(!(await uma.open(`${TOKENS}/${id}`)).forms().some((action) => action.includes(`${id}/`)));
  });

  it('asks for the password again when the last time is long ago, and for that also before it is rotated', async () => {
    const { id } = await makeToken(uma);
    portal.clock.move(11 * MINUTE);
    const _csrf = await uma.csrf(TOKENS);
    assert.match((await uma.get(`${TOKENS}/new`)).location, /^\/confirm\?next=/);
    const fields = { _csrf, name: 'x', months: '1', roleId: await roleId(portal, 'acme', 'user') };
    assert.match((await uma.post(TOKENS, fields)).location, /^\/confirm\?/);
    assert.match((await uma.post(`${TOKENS}/${id}/rotation`, { _csrf, overlapHours: '0' })).location, /^\/confirm\?/);
    assert.equal(await ApiCredential.count(), 1);
    // What takes away asks nothing more: it may be urgent.
    assert.equal((await uma.post(`${TOKENS}/${id}/removal`, { _csrf })).status, 303);
    await uma.stepUp(PASSWORD, `${TOKENS}/new`);
    await makeToken(uma);
  });
});
