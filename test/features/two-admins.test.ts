import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { Role } from '#models/role.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { UserRole } from '#models/user-role.js';
import { DAY } from '#server/lib/clock.js';
import { type Browser, type Page } from '../support/browser.js';
import { enterPass, passOn } from '../support/passes.js';
import { startPortal, type Portal } from '../support/portal.js';
import { giveRoles, roleWith, tokenFor } from '../support/programs.js';
import { enrol, setPolicy } from '../support/second-factor.js';
import { peerCalled, TAKINGS, waitingOne } from '../support/two-person.js';
import { addSomebody, pageOf, userCalled } from '../support/users.js';

describe('Of two administrators who work at once', () => {
  let portal: Portal;
  let olivia: Browser;
  let adam: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    olivia = await portal.signedIn('acme/olivia');
    adam = await portal.signedIn('acme/adam');
  });
  afterEach(() => portal.close());

  const send = (browser: Browser, page: Page, action: string, fields: Record<string, string | string[]>) =>
    browser.post(action, { ...page.form(action), ...fields });
  const done = (page: Page): void => assert.equal(page.status, 303, page.text);

  it('the second takes no role unawares that the first has given', async () => {
    const uma = await userCalled(portal, 'acme/uma');
    const [desk, spare, third] = [
      await roleWith(portal, 'acme', ['users:read'], { name: 'Desk' }),
      await roleWith(portal, 'acme', ['log:read'], { name: 'Spare' }),
      await roleWith(portal, 'acme', ['roles:read'], { name: 'Third' }),
    ];
    await giveRoles(uma, [desk]);
    const path = pageOf(uma.id);
    const old = await olivia.get(path);
    done(await adam.submit(path, path, { roleIds: [desk.id, spare.id] }));
    const told = await send(olivia, old, path, { roleIds: [third.id] });
    assert.equal(told.status, 422);
    assert.match(told.errorOf('roleIds'), /“Spare” has come to it/);
    assert.deepEqual(told.form(path)['roleIds'], third.id, 'what was chosen');
    done(await send(olivia, told, path, { roleIds: [spare.id, third.id] }));
    const held = await UserRole.findAll({ where: { userId: uma.id, tenantId: uma.tenantId } });
    assert.deepEqual(held.map(({ roleId }) => roleId).sort(), [spare.id, third.id].sort());
  });

  it('the second takes no permission unawares that the first has added to a role', async () => {
    const role = await roleWith(portal, 'acme', ['users:read'], { name: 'Desk' });
    const path = `/admin/roles/${role.id}`;
    const old = await olivia.get(path);
    done(await adam.submit(path, path, { permissions: ['users:read', 'log:read'] }));
    const review = `${path}/preview`;
    const told = await olivia.post(review, { ...old.form(path), permissions: ['users:read', 'roles:read'] });
    assert.equal(told.status, 422);
    assert.match(told.errorOf('permissions'), /“See the security log” has come to it/);
    // Whoever has been told takes it knowingly.
    done(await send(olivia, await olivia.post(review, told.form(path)), path, {}));
    const { grants } = await Role.findByPk(role.id, { rejectOnEmpty: true });
    assert.deepEqual([...grants].sort(), ['roles:read', 'users:read']);
  });

  it('the second is told in words of a choice that both have made, and which stands', async () => {
    const role = await roleWith(portal, 'acme', ['users:read'], { name: 'Desk' });
    const path = '/admin/organisation';
    const owner = await portal.signedIn('acme/olivia');
    const old = await olivia.get(path);
    done(await owner.submit(path, path, { defaultRoleId: role.id, defaultTimeZone: 'Europe/Berlin' }));
    const auditor = await Role.findOne({ where: { tenantId: role.tenantId, key: 'auditor' }, rejectOnEmpty: true });
    const told = await send(olivia, old, path, { defaultRoleId: auditor.id, defaultTimeZone: 'Europe/Paris' });
    assert.equal(told.status, 422);
    assert.match(told.errorOf('defaultRoleId'), /“Desk” by now/);
    assert.match(told.errorOf('defaultTimeZone'), /“Europe\/Berlin” by now/);
    done(await send(olivia, told, path, {}));
    const now = (await olivia.get(path)).form(path);
    assert.deepEqual([now['defaultRoleId'], now['defaultTimeZone']], [auditor.id, 'Europe/Paris']);
  });

  it('who puts a policy of before back undoes nothing that the preview did not show', async () => {
    const path = '/admin/security-policy';
    done(await olivia.submit(path, path, { minLength: '20' }));
    const entry = (await olivia.get(`${path}/history`)).links().find((href) => /history\/[\w-]{36}$/.test(href));
    done(await olivia.submit(path, path, { minLength: '21' }));
    const restoration = `${entry}/restoration`;
    const preview = await olivia.submit(String(entry), restoration);
    assert.match(preview.text, /Minimum length/);
    done(await adam.submit(path, path, { maxSessions: '3', requireDigit: 'on' }));
    const late = await send(olivia, preview, restoration, {});
    assert.equal(late.status, 422);
    assert.match(late.alert, /“Sessions at once” is “3 sessions” by now/);
    assert.match(late.alert, /“Digit needed” is “Yes”/);
    const { tenantId } = await userCalled(portal, 'acme/olivia');
    const policy = await SecurityPolicy.of(tenantId);
    assert.deepEqual([policy.maxSessions, policy.requireDigit, policy.minLength], [3, true, 21]);
    const again = await olivia.submit(String(entry), restoration);
    assert.match(again.text, /Sessions at once/);
    done(await send(olivia, again, restoration, {}));
    assert.equal((await SecurityPolicy.of(tenantId)).minLength, 20);
  });

  it('the second hears from a form about what the first has removed that it may be gone', async () => {
    const role = await roleWith(portal, 'acme', ['users:read'], { name: 'Desk' });
    const path = `/admin/roles/${role.id}`;
    const [old, users] = [await adam.get(path), await adam.get('/admin/users')];
    done(await olivia.submit(`${path}/removal`, `${path}/removal`));
    const late = await send(adam, old, path, { description: 'At the desk' });
    assert.equal(late.status, 404);
    assert.match(late.text, /Somebody else may have removed it/);
    assert.doesNotMatch((await adam.get(path)).text, /Somebody else/);
    const bulk = '/admin/users/bulk';
    const chosen = { action: 'give-role', roleId: role.id, ids: portal.idOf('acme/uma') };
    assert.match((await send(adam, users, bulk, chosen)).alert, /This role is no longer there/);
  });

  it('the second is told who has decided a request already, and how', async () => {
    await setPolicy(portal, 'acme', { twoPersonReset: true });
    await addSomebody(portal, 'acme/alma', 'admin');
    const peer = await peerCalled(portal, 'petra');
    portal.clock.move(4 * DAY);
    const [asker, alma] = [await portal.signedIn('acme/olivia'), await portal.signedIn('acme/alma')];
    adam = await portal.signedIn('acme/adam');
    for (const [deed, word] of [
      ['refusal', 'refused'],
      ['approval', 'approved'],
    ] as const) {
      done(await TAKINGS['two-factor-reset']!(asker, peer.user));
      const { at } = await waitingOne();
      const old = await alma.get(at);
      done(await adam.submit(at, `${at}/${deed}`, deed === 'refusal' ? { reason: 'Not now' } : {}));
      const late = await send(alma, old, `${at}/approval`, {});
      assert.equal(late.status, 409);
      assert.match(late.text, new RegExp(`Adam Arslan has ${word} it already`));
    }
  });

  it('the second is told how many of the chosen credentials had ended', async () => {
    const path = '/admin/credentials/removal';
    for (const who of ['acme/uma', 'acme/umar']) await tokenFor(portal, who);
    const ids = (await ApiCredential.findAll()).map(({ id }) => id);
    const preview = async (browser: Browser, chosen: string[]) =>
      browser.post(path, { _csrf: await browser.csrf('/security'), ids: chosen });
    const [one, both] = [await preview(adam, ids.slice(0, 1)), await preview(olivia, ids)];
    done(await send(adam, one, path, {}));
    const answer = await olivia.follow(await send(olivia, both, path, {}));
    assert.match(answer.flash, /One credential has been revoked\. One was not there any more\./);
    assert.match((await preview(olivia, ids)).text, /nobody gets a mail/);
  });

  it('the second voids no access pass unawares that the first has just made', async () => {
    const path = `${pageOf(portal.idOf('acme/uma'))}/access-pass`;
    const why = { reason: 'Lost the phone', minutes: '60' };
    const [one, other] = [await adam.get(path), await olivia.get(path)];
    const pass = passOn(await send(adam, one, path, why));
    const told = await send(olivia, other, path, why);
    assert.equal(told.status, 422);
    assert.match(told.errorOf('reason'), /Somebody else has made an access pass/);
    assert.match(told.text, /There is one that still works/);
    assert.equal(told.valueOf('reason'), why.reason);
    assert.equal((await enterPass(portal.browser(), 'acme/uma', pass)).status, 303, 'the first one works');
    portal.clock.move(1000);
    assert.match(passOn(await send(olivia, await olivia.get(path), path, why)), /\S{12}/);
  });

  it('nor by a reset of the secret', async () => {
    await enrol(portal, 'acme/uma');
    const path = pageOf(portal.idOf('acme/uma'));
    const reset = `${path}/two-factor-reset`;
    const why = { reason: 'Lost the phone', passMinutes: '60' };
    const [one, other] = [await adam.get(path), await olivia.get(path)];
    assert.match(passOn(await send(adam, one, reset, why)), /\S{12}/);
    const told = await send(olivia, other, reset, why);
    assert.equal(told.status, 422);
    assert.match(told.alert, /Somebody else has made an access pass/);
    assert.match(passOn(await send(olivia, told, reset, why)), /\S{12}/, 'but knowingly');
  });

  it('the second ends no secret unawares that the first has just given to a service account’s token', async () => {
    const { id } = await tokenFor(portal, 'acme/robo');
    const path = `${pageOf(portal.idOf('acme/robo'))}/tokens/${id}`;
    const rotation = `${path}/rotation`;
    const [one, other] = [await adam.get(path), await olivia.get(path)];
    assert.equal((await send(adam, one, rotation, { overlapHours: '0' })).status, 200);
    const told = await send(olivia, other, rotation, { overlapHours: '0' });
    assert.equal(told.status, 422);
    assert.match(told.alert, /It has been given a new secret/);
    assert.equal((await send(olivia, told, rotation, { overlapHours: '0' })).status, 200);
  });

  it('the second takes back no other change that is set for later than the one that they were asked about', async () => {
    const policy = '/admin/security-policy';
    const path = `${policy}/scheduled/removal`;
    const startsAt = new Date(portal.clock.now() + 3 * DAY).toISOString().slice(0, 16);
    done(await olivia.submit(policy, policy, { maxSessions: '8', startsAt }));
    const [one, other] = [await olivia.get(path), await adam.get(path)];
    done(await send(olivia, one, path, {}));
    done(await olivia.submit(policy, policy, { maxSessions: '9', startsAt }));
    const late = await send(adam, other, path, {});
    assert.equal(late.status, 409);
    assert.match(late.text, /Another change is set for later by now/);
    done(await adam.submit(path, path));
  });

  it('the second puts no text of before in the place of one that they have not seen', async () => {
    const path = '/admin/notifications/credential-expiring';
    const restoration = `${path}/restoration`;
    done(await olivia.submit(path, path, { subject: 'Soon over: {{credential}}' }));
    const old = await adam.get(path);
    done(await olivia.submit(path, path, { subject: 'Over soon: {{credential}}' }));
    const late = await send(adam, old, restoration, {});
    assert.equal(late.status, 409);
    assert.match(late.text, /Somebody else has worded this mail meanwhile/);
    done(await adam.submit(path, restoration));
  });
});
