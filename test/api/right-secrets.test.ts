import assert from 'node:assert/strict';
import { Role } from '#models/role.js';
import { HOUR } from '#server/lib/clock.js';
import { logged } from '../support/links.js';
import { happened } from '../support/log.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { bearer, freshSshKey, giveRoles, programOf, tokenFor, withBasic } from '../support/programs.js';
import { enrol, halfSignedIn, setPolicy, toMidStep } from '../support/second-factor.js';
import { userCalled } from '../support/users.js';

describe('A right secret that lets nobody in', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal({ env: { TRUST_PROXY: '1' } });
  });
  afterEach(() => portal.close());

  const count = async (event: string): Promise<number> => (await logged(portal, 'acme', event)).length;
  const basic = async (password: string): Promise<number> =>
    (await withBasic(portal, 'acme/uma', password).get('/me')).status;

  it('by HTTP Basic is refused, logged and counted like a wrong one, whatever the reason', async () => {
    for (const policy of [
      { allowPasswordOnApi: false },
      { allowPasswordOnApi: true, twoFactor: 'required', graceDays: 30 },
    ] as const) {
      await setPolicy(portal, 'acme', policy);
      const before = await happened(portal, 'acme', 'sign-in.failed');
      const locks = await count('account.locked');
      for (const password of ['wrong', PASSWORD, 'wrong', PASSWORD, PASSWORD]) assert.equal(await basic(password), 401);
      assert.equal((await happened(portal, 'acme', 'sign-in.failed')) - before, 5);
      assert.equal((await count('account.locked')) - locks, 1);
      portal.clock.move(24 * HOUR);
    }
  });

  it('that does let in by HTTP Basic is logged, once an hour for each address', async () => {
    await setPolicy(portal, 'acme', { allowPasswordOnApi: true });
    for (const ip of ['192.0.2.1', '192.0.2.1', '192.0.2.2'])
      await withBasic(portal, 'acme/uma', PASSWORD).get('/me', { 'X-Forwarded-For': ip });
    assert.equal(await count('sign-in.succeeded'), 2);
    portal.clock.move(HOUR + 1);
    assert.equal(await basic(PASSWORD), 200);
    assert.equal(await count('sign-in.succeeded'), 3);
  });

  it('stands in the log when it is the password, and the code does not follow', async () => {
    toMidStep(portal);
    await enrol(portal, 'acme/uma');
    await halfSignedIn(portal, 'acme/uma');
    const [row] = await logged(portal, 'acme', 'sign-in.password-accepted');
    assert.equal(row?.['target_id'], portal.idOf('acme/uma'));
  });

  it('from a forbidden address is news, and does not use up the limit of the rightful program', async () => {
    const { secret } = await tokenFor(portal, 'acme/uma', { allowedIps: '203.0.113.7' });
    const token = bearer(portal, secret);
    const from = (ip: string) => token.get('/me', { 'X-Forwarded-For': ip });
    const statuses = [];
    for (let call = 0; call < 70; call += 1) statuses.push((await from('192.0.2.1')).status);
    assert.deepEqual([statuses[0], statuses[59], statuses[69]], [403, 403, 429]);
    assert.equal(await count('api-credential.refused'), 1);
    assert.equal((await from('203.0.113.7')).headers['ratelimit-remaining'], '599');
    assert.equal((await from('192.0.2.9')).status, 403);
    assert.equal(await count('api-credential.refused'), 2);
    const mails = await portal.inbox.mailsTo('uma@acme.example');
    assert.equal(mails.filter(({ subject }) => /^An API credential at Acme was refused$/.test(subject)).length, 1);
  });

  it('that was revoked or has expired stands in the log, once an hour', async () => {
    const { id, secret } = await tokenFor(portal, 'acme/uma', { months: 1 });
    const other = await tokenFor(portal, 'acme/uma', { months: 1 });
    await (await programOf(portal, 'acme/uma')).delete(`/me/tokens/${id}`);
    for (let call = 0; call < 3; call += 1) assert.equal((await bearer(portal, secret).get('/me')).status, 401);
    assert.equal(await count('api-credential.refused'), 1);
    portal.clock.move(32 * 24 * HOUR);
    assert.equal((await bearer(portal, other.secret).get('/me')).code, 'token_expired');
    assert.equal(await count('api-credential.refused'), 2);
  });
});

describe('A token of the lesser of two roles', () => {
  it('adds no SSH key and changes no profile: it can do less than its owner', async () => {
    const portal = await startPortal();
    const olivia = await userCalled(portal, 'acme/olivia');
    const roles = await Promise.all((['owner', 'user'] as const).map((key) => Role.factory(olivia.tenantId, key)));
    await giveRoles(olivia, roles);
    for (const [role, status] of [
      ['User', 403],
      ['Owner', 201],
    ] as const) {
      const token = await programOf(portal, 'acme/olivia', { role });
      const answer = await token.post('/me/ssh-keys', { name: `By ${role}`, publicKey: freshSshKey() });
      assert.equal(answer.status, status, role);
    }
    await portal.close();
  });
});
