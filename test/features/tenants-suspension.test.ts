import assert from 'node:assert/strict';
import { Session } from '#models/session.js';
import { Tenant } from '#models/tenant.js';
import { resumeTenant, suspendTenant } from '#server/features/tenants/actions.js';
import type { Browser } from '../support/browser.js';
import { newestDetails, rowsOf, verdictOn } from '../support/log.js';
import { contextIn, invite, mailResetLink } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

describe('A suspended organisation', () => {
  let portal: Portal;
  let opal: Browser;
  let at: string;
  beforeEach(async () => {
    portal = await startPortal();
    opal = await portal.signedIn('platform/opal');
    at = `/platform/tenants/${(await contextIn(portal, 'acme')).tenant.id}`;
  });
  afterEach(() => portal.close());
  const suspend = async () => opal.submit(`${at}/suspension`, `${at}/suspension`);
  const resume = async () => opal.submit(at, `${at}/resumption`);

  it('is asked about first, and then everybody is out with their next request', async () => {
    const [uma, olivia, gina] = await Promise.all(
      ['acme/uma', 'acme/olivia', 'globex/gina'].map((who) => portal.signedIn(who)),
    );
    const confirm = await opal.open(`${at}/suspension`);
    assert.equal(confirm.heading, 'Suspend Acme?');
    assert.match(confirm.text, /2 sessions are open now/);
    assert.equal((await uma!.get('/security')).status, 200);
    const page = await opal.follow(await suspend());
    assert.equal(page.heading, 'Acme Suspended');
    for (const browser of [uma!, olivia!]) assert.match((await browser.get('/security')).location, /^\/login/);
    assert.equal((await gina!.get('/security')).status, 200);
    assert.equal((await opal.get('/security')).status, 200);
    assert.match((await opal.open('/platform/tenants?status=suspended')).text, /acme Suspended/);
  });

  it('is out even for a session whose row the suspension did not meet', async () => {
    const uma = await portal.signedIn('acme/uma');
    await Tenant.update({ status: 'suspended' }, { where: { slug: 'acme' } });
    assert.match((await uma.get('/security')).location, /^\/login/);
    assert.equal(await Session.count({ where: { userId: portal.idOf('acme/uma'), endedAt: null } }), 1);
  });

  it('answers a right password as it answers a wrong one', async () => {
    await suspend();
    const answers = [];
    for (const [who, password] of [
      ['acme/uma', PASSWORD],
      ['acme/uma', 'wrong'],
      ['acme/nobody', PASSWORD],
      ['nowhere/uma', PASSWORD],
    ] as const) {
      answers.push(await portal.browser().tryToSignIn(who, password));
    }
    assert.deepEqual(
      answers.map(({ status }) => status),
      [422, 422, 422, 422],
    );
    assert.equal(new Set(answers.map(({ alert }) => alert)).size, 1);
    assert.doesNotMatch((await portal.browser().open('/login?organization=acme')).html, /suspended/i);
    assert.equal(await Session.count({ where: { userId: portal.idOf('acme/uma') } }), 0);
  });

  it('lets no mailed link work, mails none, and the links that still stand work again once it is resumed', async () => {
    const invitation = await invite(portal, 'acme/iris');
    const reset = await mailResetLink(portal, 'acme/umar');
    await suspend();
    const new1 = { newPassword: 'quiet-lantern-orchard-57', confirmPassword: 'quiet-lantern-orchard-57' };
    for (const path of [invitation, reset]) {
      const browser = portal.browser();
      assert.equal((await browser.get(path)).status, 410, path);
      assert.equal((await browser.post(path, { _csrf: await browser.csrf(), ...new1 })).status, 410, path);
    }
    const mails = (await portal.inbox.mailsTo('uma@acme.example')).length;
    await portal.browser().submit('/password/forgot', '/password/forgot', { organization: 'acme', username: 'uma' });
    assert.equal((await portal.inbox.mailsTo('uma@acme.example')).length, mails);
    await resume();
    for (const path of [invitation, reset]) assert.equal((await portal.browser().get(path)).status, 200, path);
  });

  it('opens again when it is resumed, and no old session comes back with it', async () => {
    const uma = await portal.signedIn('acme/uma');
    await suspend();
    const page = await opal.follow(await resume());
    assert.match(page.flash, /open again/);
    assert.equal(page.heading, 'Acme Active');
    assert.match((await uma.get('/security')).location, /^\/login/);
    await portal.signedIn('acme/uma');
  });

  it('knows from its own log who did it, and the platform’s log knows too', async () => {
    await portal.signedIn('acme/uma');
    await suspend();
    await resume();
    for (const slug of ['acme', 'platform']) {
      const rows = (await rowsOf(portal, slug)).filter(({ event }) => /^tenant\.(suspended|resumed)$/.test(event));
      assert.deepEqual(
        rows.map(({ event, level, actor_id: actor }) => [event, level, actor]),
        [
          ['tenant.suspended', 'high', portal.idOf('platform/opal')],
          ['tenant.resumed', 'high', portal.idOf('platform/opal')],
        ],
      );
      assert.deepEqual(await newestDetails(portal, slug, 'tenant.suspended'), { sessionsEnded: 1 });
      assert.equal((await verdictOn(portal, slug)).intact, true);
    }
    const adam = await portal.signedIn('acme/adam');
    assert.match(
      (await adam.open('/admin/security-log?event=tenant.suspended')).text,
      /Organisation suspended.*High\s*Operator\s*This organisation/,
    );
  });

  it('is suspended once by two at the same moment, and logged once', async () => {
    const _csrf = await opal.csrf('/security');
    const answers = await Promise.all([1, 2, 3].map(() => opal.post(`${at}/suspension`, { _csrf })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 409, 409]);
    assert.equal((await rowsOf(portal, 'acme')).filter(({ event }) => event === 'tenant.suspended').length, 1);
    assert.equal((await opal.get(`${at}/suspension`)).location, at);
    assert.equal((await opal.post(`${at}/invitation`, { _csrf })).status, 409);
    await resume();
    assert.equal((await opal.post(`${at}/resumption`, { _csrf })).status, 409);
  });

  it('is never the platform, by any door', async () => {
    const { tenant, ...context } = await contextIn(portal, 'platform');
    const platform = `/platform/tenants/${tenant.id}`;
    assert.equal((await opal.get(`${platform}/suspension`)).location, platform);
    assert.doesNotMatch((await opal.open(platform)).text, /Suspend/);
    const answer = await opal.post(`${platform}/suspension`, { _csrf: await opal.csrf('/security') });
    assert.equal(answer.status, 403);
    assert.match(answer.text, /nobody could resume it/);
    await assert.rejects(() => suspendTenant({ ...context, tenant: null }, tenant.id), /nobody could resume it/);
    assert.equal((await opal.get('/security')).status, 200);
  });

  it('is suspended and resumed from the command line by the same actions', async () => {
    const { tenant, ...context } = await contextIn(portal, 'acme');
    const uma = await portal.signedIn('acme/uma');
    await suspendTenant({ ...context, tenant: null }, tenant.id);
    assert.match((await uma.get('/security')).location, /^\/login/);
    await resumeTenant({ ...context, tenant: null }, tenant.id);
    await portal.signedIn('acme/uma');
  });
});
