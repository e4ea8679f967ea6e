import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OutboxMessage } from '#models/outbox-message.js';
import { SecurityEvent } from '#models/security-event.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { demonstration, type Installation } from '../support/installation.js';
import { png } from '../support/pictures.js';

const OWNER = ['--owner-name', 'Ines Ito', '--owner-username', 'ines', '--owner-email', 'ines@initech.example'];
type Shown = Record<string, unknown>;

describe('An organisation, from the command line', () => {
  let here: Installation;
  before(async () => {
    here = await demonstration();
  });
  after(() => here.remove());
  const shown = async (slug: string): Promise<Shown> =>
    JSON.parse(await here.done('tenant', 'show', slug, '--json')) as Shown;

  it('shows its figures beside its settings', async () => {
    const { status, activeUsers, invitedUsers, logRows, lastSignInAt } = await shown('acme');
    assert.deepEqual([status, typeof activeUsers, typeof invitedUsers], ['active', 'number', 'number']);
    assert.ok(Number(activeUsers) >= 5 && Number(logRows) > 0);
    assert.ok(lastSignInAt === null || typeof lastSignInAt === 'string');
  });

  it('gets other settings: each as it is typed, and what is not named stays', async () => {
    const logo = join(here.folder, 'logo.png');
    writeFileSync(logo, png());
    const before = await shown('acme');
    const given = ['colour=#0f766e', 'accountRemovalDays=7', 'defaultRoleId=auditor', 'defaultMustSetUpTwoFactor=yes'];
    await here.done('tenant', 'change', 'acme', ...given, `logo=${logo}`, 'signInMessage=Questions? a=b');
    const now = await shown('acme');
    assert.deepEqual(
      [now['colour'], now['accountRemovalDays'], now['defaultMustSetUpTwoFactor'], now['signInMessage'], now['name']],
      ['#0f766e', 7, true, 'Questions? a=b', before['name']],
    );
    assert.match(String(now['logo']), /^\/logos\/.+\.png$/);
    assert.notEqual(now['defaultRoleId'], null);
    await here.done('tenant', 'change', 'acme', 'logo=', 'defaultRoleId=', 'defaultMustSetUpTwoFactor=off');
    const last = await shown('acme');
    assert.deepEqual([last['logo'], last['defaultRoleId'], last['defaultMustSetUpTwoFactor']], [null, null, false]);
    await here.look(async () => {
      const { id: tenantId } = await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true });
      const rows = await SecurityEvent.findAll({ where: { tenantId, event: 'tenant.changed' } });
      assert.deepEqual(
        rows.map(({ door }) => door),
        ['cli', 'cli'],
      );
    });
  });

  it('keeps its settings where one of them is wrong, and says which', async () => {
    const svg = join(here.folder, 'logo.svg');
    writeFileSync(svg, '<svg xmlns="http://www.w3.org/2000/svg"/>');
    const before = await shown('acme');
    for (const [wrong, words] of [
      ['colour=#ffff00', /^colour: /],
      ['accountRemovalDays=91', /^accountRemovalDays: /],
      ['accountRemovalDays=soon', /^accountRemovalDays: /],
      ['defaultMustChangePassword=perhaps', /^defaultMustChangePassword: /],
      ['defaultRoleId=Owner', /^defaultRoleId: /],
      ['defaultRoleId=nobody', /^defaultRoleId: There is no role nobody/],
      [`logo=${svg}`, /^logo: /],
      ['logo=/nowhere.png', /cannot be read: ENOENT/],
      ['slug=other', /^slug: There is no such setting/],
      ['__proto__=1', /There is no such setting/],
      ['colour', /Write it like/],
    ] as const) {
      const { code, stderr } = await here.run(['tenant', 'change', 'acme', 'name=Renamed', wrong]);
      assert.equal(code, 1, wrong);
      assert.match(stderr, /^[^\n]+\n$/);
      assert.match(stderr, words);
    }
    assert.deepEqual(await shown('acme'), before);
  });

  it('is invited again while its owner has not come', async () => {
    await here.done('tenant', 'create', 'initech', '--name', 'Initech', ...OWNER);
    assert.match(await here.done('tenant', 'invite', 'initech'), /waits in the outbox/);
    assert.match(await here.done('tenant', 'invite', 'acme'), /No owner is waiting/);
    const invitations = () =>
      OutboxMessage.count({ where: { event: 'invitation', recipient: 'ines@initech.example' } });
    assert.equal(await here.look(invitations), 2);
  });

  it('is taken along whole, and goes for good when that is said, and not before', async () => {
    const file = JSON.parse(await here.done('tenant', 'export', 'globex')) as Record<string, Shown[]>;
    const { id } = await here.look(() => Tenant.findOne({ where: { slug: 'globex' }, rejectOnEmpty: true }));
    assert.equal(file['users']?.length, await here.look(() => User.count({ where: { tenantId: id } })));
    assert.ok(file['users'].every((user) => user['tenant_id'] === id && !('password_hash' in user)));
    assert.match(await here.done('tenant', 'remove', 'globex'), /accounts .* would go\.\n[^]*give --yes too\.\n$/);
    assert.equal(await here.look(() => Tenant.count({ where: { slug: 'globex' } })), 1);
    assert.match(await here.done('tenant', 'remove', 'globex', '--yes'), /has been removed/);
    assert.equal(await here.look(() => Tenant.count({ where: { slug: 'globex' } })), 0);
    assert.match(await here.done('log', 'verify'), new RegExp(`${id} \\(removed\\): intact`));
    const refused = await Promise.all([
      here.run(['tenant', 'remove', 'platform', '--yes']),
      here.run(['tenant', 'remove', 'globex', '--yes']),
      here.run(['tenant', 'export', 'globex']),
    ]);
    for (const { code, stdout, stderr } of refused) {
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, /^[^\n]+\n$/);
    }
    await here.look(async () => {
      for (const event of ['tenant.exported', 'tenant.removed'] as const)
        assert.equal(await SecurityEvent.count({ where: { event, door: 'cli' } }), 2, event);
    });
  });
});
