import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { OutboxMessage } from '#models/outbox-message.js';
import { Role } from '#models/role.js';
import { Tenant } from '#models/tenant.js';
import { UserRole } from '#models/user-role.js';
import { User } from '#models/user.js';
import { noticeExpiries } from '#server/jobs/expiry-notices.js';
import { DAY, HOUR, MINUTE } from '#server/lib/clock.js';
import { startPortal, type Portal } from '../support/portal.js';
import { roleId } from '../support/users.js';

type Noticed = [recipient: string, event: string];

describe('Before an API token expires', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const inDays = (days: number): number => portal.clock.now() + days * DAY;

  /** A token of somebody that ends then; of their first role unless another is named. */
  const token = async (
    who: string,
    expiresAt: number,
    values: Partial<ApiCredential['_attributes']> = {},
  ): Promise<ApiCredential> => {
    const user = await User.findByPk(portal.idOf(who), { include: 'roles', rejectOnEmpty: true });
    return ApiCredential.create({
      tenantId: user.tenantId,
      userId: user.id,
      kind: 'token',
      name: 'Nightly backup',
      roleId: user.roles?.[0]?.id ?? null,
      months: 12,
      createdAt: portal.clock.now(),
      expiresAt,
      ...values,
    });
  };
  /** Runs the job; gives to whom it has written, in order. */
  const run = async (): Promise<Noticed[]> => {
    const before = await OutboxMessage.count();
    await noticeExpiries(portal.services);
    const messages = await OutboxMessage.findAll({ order: [['id', 'ASC']], offset: before, limit: 1000 });
    return messages.map(({ recipient, event }): Noticed => [recipient.split('@')[0] ?? '', event]).sort();
  };
  const OWN = 'credential-expiring';
  const REPORT = 'credential-expiring-report';
  const SERVICE = 'service-credential-expiring';

  it('its owner is told 14 days, 3 days and 0 days before, once each, however often the job runs', async () => {
    await token('acme/uma', inDays(30));
    const told: [number, number][] = [];
    for (let day = 0; day <= 40; day += 0.25) {
      const mails = await run();
      for (const mail of mails) assert.deepEqual(mail, ['uma', OWN]);
      if (mails.length > 0) told.push([day, mails.length]);
      portal.clock.move(6 * HOUR);
    }
    assert.deepEqual(told, [
      [16, 1],
      [27, 1],
      [30, 1],
    ]);
  });

  it('the mails say which, when, and where to make a new one; on the day itself that it has expired', async () => {
    await User.update({ timeZone: 'Europe/Berlin' }, { where: { id: portal.idOf('acme/uma') } });
    const { expiresAt } = await token('acme/uma', inDays(13.9));
    await run();
    const early = await portal.inbox.newestTo('uma@acme.example');
    assert.match(early.subject, /^The API token “Nightly backup” at Acme expires on \d+ \w+$/);
    assert.match(early.text, /expires on \d+ \w+ \d{4} at \d\d:\d\d (CES?T|GMT\+[12])\./);
    assert.match(early.text, /\/security\/tokens/);
    portal.clock.move((expiresAt ?? 0) - portal.clock.now() + MINUTE);
    await run();
    assert.match((await portal.inbox.newestTo('uma@acme.example')).subject, /expired on/);
  });

  it('whoever was not told in time, because nothing ran, gets one mail and not three; what is long past is no news', async () => {
    await token('acme/uma', inDays(2));
    await token('acme/umar', inDays(-1));
    await token('acme/olivia', inDays(-4));
    assert.deepEqual(await run(), [
      ['uma', OWN],
      ['umar', OWN],
    ]);
    assert.deepEqual(await run(), []);
  });

  it('one that was revoked is not mentioned, nor one whose owner is disabled or whose organisation is suspended', async () => {
    await token('acme/uma', inDays(2), { revokedAt: portal.clock.now() });
    await token('acme/umar', inDays(2));
    await User.update({ status: 'disabled' }, { where: { id: portal.idOf('acme/umar') } });
    await token('globex/gina', inDays(2));
    await Tenant.update({ status: 'suspended' }, { where: { slug: 'globex' } });
    assert.deepEqual(await run(), []);
  });

  it('the administrators are told three days before, when its role can change things', async () => {
    await token('acme/adam', inDays(13));
    assert.deepEqual(await run(), [['adam', OWN]]);
    portal.clock.move(10.5 * DAY);
    assert.deepEqual(await run(), [
      ['adam', OWN],
      ['olivia', REPORT],
    ]);
    const report = await portal.inbox.newestTo('olivia@acme.example');
    assert.match(report.text, /“Nightly backup” of .* \(adam\) at Acme expires on/);
    assert.match(report.text, new RegExp(`/admin/users/${portal.idOf('acme/adam')}`));
    portal.clock.move(3 * DAY);
    assert.deepEqual(await run(), [['adam', OWN]]);
  });

  it('they are not, when it only reads: by its role, by its scopes, or because the role is read-only', async () => {
    await token('acme/audrey', inDays(2));
    await token('acme/adam', inDays(2), { scopes: '["log:read","users:read"]' });
    const { tenantId } = await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true }).then(({ id }) => ({
      tenantId: id,
    }));
    const stripped = await Role.create({
      tenantId,
      name: 'Stripped',
      permissions: '["users:write"]',
      readOnly: true,
      createdAt: 1,
    });
    await token('acme/umar', inDays(2), { roleId: stripped.id });
    await token('acme/uma', inDays(2));
    assert.deepEqual(
      await run(),
      ['adam', 'audrey', 'uma', 'umar'].map((one): Noticed => [one, OWN]),
    );
  });

  it('of a service account the administrators are told, all three times: nobody reads its mail', async () => {
    await token('acme/robo', inDays(13));
    const everybody: Noticed[] = [
      ['adam', SERVICE],
      ['olivia', SERVICE],
    ];
    assert.deepEqual(await run(), everybody);
    assert.match(
      (await portal.inbox.newestTo('adam@acme.example')).subject,
      /^An API token of robo at Acme expires on/,
    );
    portal.clock.move(10.5 * DAY);
    assert.deepEqual(await run(), everybody);
    portal.clock.move(3 * DAY);
    assert.deepEqual(await run(), everybody);
    assert.deepEqual(await run(), []);
  });

  it('administrators of other organisations, disabled ones and those without the permission are told nothing', async () => {
    const { tenantId } = await token('acme/robo', inDays(2));
    const auditor = await roleId(portal, 'acme', 'auditor');
    await UserRole.replace(tenantId, portal.idOf('acme/adam'), [auditor], { at: 0, by: null });
    assert.deepEqual(await run(), [['olivia', SERVICE]]);
  });

  it('nobody is told twice, by two processes at once or after a restart, with more tokens than one batch holds', async () => {
    const first = await token('acme/uma', inDays(2));
    const { id, ...rest } = first.get();
    await ApiCredential.bulkCreate(Array.from({ length: 209 }, (_, at) => ({ ...rest, name: `Token ${at}` })));
    const told = await Promise.all([1, 2].map(() => noticeExpiries(portal.services)));
    assert.equal(
      told.reduce((sum, one) => sum + one, 0),
      210,
    );
    assert.equal(await OutboxMessage.count({ where: { event: OWN } }), 210);
    assert.equal(await noticeExpiries(portal.services), 0);
  });

  it('a mail that could not be written leaves the token to be told of later', async () => {
    await token('acme/uma', inDays(2));
    const broken = { ...portal.services, keys: { ...portal.services.keys, seal: () => assert.fail('no key') } };
    await assert.rejects(noticeExpiries(broken), /no key/);
    assert.deepEqual(await run(), [['uma', OWN]]);
  });
});
