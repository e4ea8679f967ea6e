import assert from 'node:assert/strict';
import { SecurityEvent } from '#models/security-event.js';
import { Tenant } from '#models/tenant.js';
import { COMMAND_LINE } from '#policies/actor.js';
import { removeTenant } from '#server/features/tenants/remove.js';
import { verifyLog } from '#server/trace/verify.js';
import { contextWithoutRequest } from '#server/context.js';
import { freeShortName } from '#server/features/tenants/short-name.js';
import type { Browser } from '../support/browser.js';
import { contentsOf } from '../support/database.js';
import { contextIn, mailResetLink } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { bearer, programOf, tokenFor } from '../support/programs.js';

describe('Removing an organisation', () => {
  let portal: Portal;
  let opal: Browser;
  let acme: string;
  let at: string;
  beforeEach(async () => {
    portal = await startPortal();
    opal = await portal.signedIn('platform/opal');
    acme = (await contextIn(portal, 'acme')).tenant.id;
    at = `/platform/tenants/${acme}`;
  });
  afterEach(() => portal.close());

  const remove = async (slug: string) => opal.submit(`${at}/removal`, `${at}/removal`, { slug });
  /** The tables that still hold a row of the organisation. */
  const traces = async (): Promise<string[]> => {
    const left: string[] = [];
    for (const [table, rows] of Object.entries(await contentsOf(portal.database))) {
      if (JSON.stringify(rows).includes(acme)) left.push(table);
    }
    return left;
  };

  it('is reached from its page, and says what goes and what stays', async () => {
    const page = await opal.open(at);
    assert.equal(page.document.querySelector(`a[href="${at}/removal"]`)?.text.trim(), 'Remove');
    const removal = await opal.open(`${at}/removal`);
    const { heading, text } = removal;
    assert.ok(removal.links().includes(`${at}#export`), 'it leads to the export that it speaks of');
    assert.ok(page.document.querySelector('#export'));
    assert.equal(heading, 'Remove Acme?');
    assert.match(text, /Its 6 accounts go for good/);
    assert.match(text, /The \d+ rows of its security log stay/);
  });

  it('asks for the short name, and does nothing for another', async () => {
    const before = await contentsOf(portal.database);
    for (const slug of ['', 'globex', 'Acme Ltd']) {
      const answer = await remove(slug);
      assert.equal(answer.status, 422, slug);
      assert.match(answer.alert, /short name/);
    }
    assert.deepEqual(await contentsOf(portal.database), before);
  });

  it('puts everybody out at once, by every door, and others not', async () => {
    const [uma, gina] = [await portal.signedIn('acme/uma'), await portal.signedIn('globex/gina')];
    const program = bearer(portal, (await tokenFor(portal, 'acme/uma')).secret);
    const reset = await mailResetLink(portal, 'acme/umar');
    assert.equal((await program.get('/me')).status, 200);
    const page = await opal.follow(await remove(' ACME '));
    assert.match(page.text, /Acme has been removed, with everybody in it/);
    assert.equal(page.document.querySelector(`main a[href="${at}"]`), null);
    assert.match((await uma.get('/security')).location, /^\/login/);
    assert.equal((await program.get('/me')).code, 'invalid_credentials');
    assert.equal((await portal.browser().get(reset)).status, 404);
    assert.equal((await portal.browser().tryToSignIn('acme/uma', PASSWORD)).status, 422);
    assert.equal((await gina.get('/security')).status, 200);
    assert.equal((await opal.get(at)).status, 404);
  });

  it('leaves nothing of it but the security log, which is intact, and tells the platform', async () => {
    await portal.signedIn('acme/uma');
    await tokenFor(portal, 'acme/uma');
    await remove('acme');
    assert.deepEqual((await traces()).sort(), ['security_events']);
    assert.equal((await verifyLog((await contextIn(portal, 'platform')).services.keys, acme)).intact, true);
    const events = await SecurityEvent.findAll({ where: { event: 'tenant.removed' }, order: [['at', 'ASC']] });
    const platform = (await contextIn(portal, 'platform')).tenant.id;
    assert.deepEqual(events.map(({ tenantId }) => tenantId).sort(), [acme, platform].sort());
    for (const { details, level, actorId } of events) {
      assert.deepEqual(JSON.parse(details), { slug: 'acme', name: 'Acme', users: 6 });
      assert.deepEqual([level, actorId], ['high', portal.idOf('platform/opal')]);
    }
    assert.match((await opal.open('/admin/security-log?event=tenant.removed')).text, /Organisation removed/);
  });

  it('keeps the short name from others until it is freed, and who then takes it sees nothing of what was', async () => {
    await remove('acme');
    const fields = {
      name: 'Acme',
      slug: 'acme',
      ownerName: 'New',
      ownerUsername: 'uma',
      ownerEmail: 'uma@acme.example',
    };
    const refused = await opal.submit('/platform/tenants/new', '/platform/tenants', fields);
    assert.match(refused.errorOf('slug'), /was removed had this short name/);
    await freeShortName(contextWithoutRequest(portal.services, COMMAND_LINE, 'cli'), 'acme');
    const made = await opal.submit('/platform/tenants/new', '/platform/tenants', fields);
    assert.equal(made.status, 303);
    const page = await opal.follow(made);
    assert.match(page.text, /0 invited|1 invited/);
    assert.notEqual((await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true })).id, acme);
  });

  it('happens once, when two operators do it at the same moment', async () => {
    const context = { ...(await contextIn(portal, 'platform')), actor: COMMAND_LINE };
    const both = await Promise.allSettled([removeTenant(context, acme, 'acme'), removeTenant(context, acme, 'acme')]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.equal(await SecurityEvent.count({ where: { event: 'tenant.removed', tenantId: acme } }), 1);
  });

  it('is not possible for the platform, and not offered', async () => {
    const platform = (await contextIn(portal, 'platform')).tenant.id;
    const page = await opal.open(`/platform/tenants/${platform}`);
    assert.equal(page.document.querySelector('a[href$="/removal"]'), null);
    const path = `/platform/tenants/${platform}/removal`;
    assert.equal((await opal.get(path)).location, `/platform/tenants/${platform}`);
    const answer = await opal.post(path, { _csrf: await opal.csrf(), slug: 'platform' });
    assert.equal(answer.status, 403);
    const program = await programOf(portal, 'platform/opal');
    assert.equal((await program.delete(`/tenants/${platform}`)).status, 403);
    assert.equal((await opal.get('/platform/tenants')).status, 200);
  });

  it('is done by the API too, by who may, and gives 404 the second time', async () => {
    const owner = await programOf(portal, 'acme/olivia');
    assert.equal((await owner.delete(`/tenants/${acme}`)).status, 403);
    const program = await programOf(portal, 'platform/opal');
    assert.equal((await program.delete(`/tenants/${acme}`)).status, 204);
    assert.equal((await program.delete(`/tenants/${acme}`)).status, 404);
    assert.equal((await owner.get('/me')).status, 401);
    assert.deepEqual((await traces()).sort(), ['security_events']);
  });
});
