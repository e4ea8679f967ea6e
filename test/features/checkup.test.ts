import assert from 'node:assert/strict';
import { Role } from '#models/role.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { DAY } from '#server/lib/clock.js';
import { UserRole } from '#models/user-role.js';
import type { Browser } from '../support/browser.js';
import {
  addCredential,
  addLocks,
  change,
  itemsOn,
  knowABrowser,
  leaveCodes,
  makeSound,
  signInElsewhere,
} from '../support/checkup.js';
import { call, makeToken } from '../support/credentials.js';
import { contextIn, logged } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { addSomebody, userCalled } from '../support/users.js';

const OWN = '/security/checkup';
const ORGANISATION = '/admin/checkup';

describe('The check-up', () => {
  let portal: Portal;
  let uma: Browser;
  let olivia: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    uma = await portal.signedIn('acme/uma');
    olivia = await portal.signedIn('acme/olivia');
    await makeSound(portal);
  });
  afterEach(() => portal.close());

  const ofUma = async (): Promise<string[]> => itemsOn(await uma.open(OWN));
  const ofAcme = async (): Promise<string[]> => itemsOn(await olivia.open(ORGANISATION));

  it('tells the worst first, and says how it stands in one line', async () => {
    await addCredential(portal, { createdAt: portal.clock.now() - 91 * DAY });
    await leaveCodes(portal, 'acme/uma', 0);
    const page = await uma.open(OWN);
    assert.deepEqual(itemsOn(page), ['few-recovery-codes', 'unused-token']);
    assert.match(page.text, /Act now: 2 things to do/);
  });

  it('hides what is put off from who has put it off, for 30 days, and is not green meanwhile', async () => {
    await change(portal, 'acme/uma', { twoFactor: 'disabled' });
    await change(portal, 'acme/umar', { createdAt: portal.clock.now() - 91 * DAY });
    const audrey = await audreyIn();
    await uma.submit(OWN, `${OWN}/no-second-factor/postponement`);
    await audrey.submit(ORGANISATION, `${ORGANISATION}/stale-accounts/postponement`);
    const page = await uma.open(OWN);
    assert.deepEqual(itemsOn(page), ['(no-second-factor)']);
    assert.match(page.text, /Nothing to do now; some things are put off/);
    assert.deepEqual(itemsOn(await audrey.open(ORGANISATION)), ['(stale-accounts)']);
    assert.deepEqual(await ofAcme(), ['stale-accounts']);
    assert.equal((await logged(portal, 'acme', 'checkup.postponed')).length, 2);
    portal.clock.move(30 * DAY + 1);
    uma = await portal.signedIn('acme/uma');
    assert.ok((await ofUma()).includes('no-second-factor'));
  });

  it('shows what is put off again when its reader says so', async () => {
    await change(portal, 'acme/uma', { twoFactor: 'disabled' });
    await uma.submit(OWN, `${OWN}/no-second-factor/postponement`);
    await uma.submit(OWN, `${OWN}/no-second-factor/postponement/withdrawal`);
    assert.deepEqual(await ofUma(), ['no-second-factor']);
  });

  it('puts off nothing that is urgent: there is no button, and the form is refused', async () => {
    await change(portal, 'acme/uma', { twoFactor: 'disabled' });
    const page = await uma.open(OWN);
    const form = page.form(`${OWN}/no-second-factor/postponement`);
    await change(portal, 'acme/uma', { mustSetUpTwoFactor: true, twoFactorSince: portal.clock.now() });
    assert.deepEqual(
      (await uma.open(OWN)).forms().filter((action) => action.includes('checkup')),
      [],
    );
    assert.equal((await uma.post(`${OWN}/no-second-factor/postponement`, form)).status, 409);
    assert.deepEqual(await ofUma(), ['no-second-factor']);
  });

  it('tells of what came after it was put off', async () => {
    await knowABrowser(portal);
    await signInElsewhere(portal);
    await uma.submit(OWN, `${OWN}/unknown-session/postponement`);
    assert.deepEqual(await ofUma(), ['(unknown-session)']);
    await signInElsewhere(portal);
    assert.deepEqual(await ofUma(), ['unknown-session']);
  });

  it('knows no other items, and puts off nothing that was not found', async () => {
    const { _csrf: csrf = '' } = (await uma.open('/profile')).form('/profile');
    for (const item of ['constructor', 'stale-accounts', 'no-second-factor', '%00', 'a'.repeat(500)])
      assert.equal((await uma.post(`${OWN}/${item}/postponement`, { _csrf: csrf })).status, 404, item);
    assert.equal((await uma.get(ORGANISATION)).status, 403);
    assert.equal((await uma.post(`${ORGANISATION}/stale-accounts/postponement`, { _csrf: csrf })).status, 403);
  });

  it('tells nobody of what they may not see', async () => {
    await addLocks(portal, 0, 50);
    await change(portal, 'acme/umar', { createdAt: portal.clock.now() - 91 * DAY });
    await SecurityPolicy.update({ minLength: 10, preset: 'custom' }, { where: {} });
    const page = await (await deskIn()).open(ORGANISATION);
    assert.deepEqual(itemsOn(page), ['stale-accounts']);
  });

  it('says the same to programs, and takes the same from them', async () => {
    await change(portal, 'acme/adam', { twoFactor: 'disabled' });
    await change(portal, 'acme/umar', { createdAt: portal.clock.now() - 91 * DAY });
    const { secret } = await makeToken(olivia, {
      roleId: (await userCalled(portal, 'acme/olivia')).roles?.[0]?.id ?? '',
    });
    const headers = { Authorization: `Bearer ${secret}` };
    const { body } = await call(portal, '/checkup', headers);
    const findings = body['findings'] as Record<string, unknown>[];
    assert.equal(body['verdict'], 'now');
    assert.deepEqual(
      findings.map(({ item, urgency, who }) => [item, urgency, who]),
      [
        ['admins-without-second-factor', 'now', ['Adam Arslan']],
        ['stale-accounts', 'todo', ['Umar Usman']],
      ],
    );
    assert.deepEqual((await call(portal, '/me/checkup', headers)).body, { verdict: 'good', findings: [] });
  });

  async function audreyIn(): Promise<Browser> {
    await change(portal, 'acme/audrey', { twoFactor: 'disabled' });
    return portal.signedIn('acme/audrey');
  }

  /** Somebody who may see users, and nothing else. */
  async function deskIn(): Promise<Browser> {
    const { tenant } = await contextIn(portal, 'acme');
    const role = await Role.create({
      ...{ tenantId: tenant.id, key: null, name: 'Desk', permissions: '["users:read"]', createdAt: portal.clock.now() },
    });
    const desk = await addSomebody(portal, 'acme/desk', 'user');
    await UserRole.replace(tenant.id, desk.id, [role.id], { at: 0, by: null });
    return portal.signedIn('acme/desk');
  }
});
