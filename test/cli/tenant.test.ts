import assert from 'node:assert/strict';
import { OutboxMessage } from '#models/outbox-message.js';
import { SecurityEvent } from '#models/security-event.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { demonstration, type Installation } from '../support/installation.js';

const OWNER = ['--owner-name', 'Ines Ito', '--owner-username', 'ines', '--owner-email', 'ines@initech.example'];

describe('Organisations, from the command line', () => {
  let here: Installation;
  before(async () => {
    here = await demonstration();
  });
  after(() => here.remove());

  it('are made with a first owner, who is invited', async () => {
    await here.done('tenant', 'create', 'initech', '--name', 'Initech', ...OWNER);
    const refused = await Promise.all([
      here.run(['tenant', 'create', 'initech', '--name', 'Initech again', ...OWNER]),
      here.run(['tenant', 'create', 'Über', '--name', 'Uber', ...OWNER]),
      here.run(['tenant', 'create', 'hooli', '--name', 'Hooli']),
    ]);
    assert.deepEqual(
      refused.map(({ code }) => code),
      [1, 1, 2],
    );
    for (const { stderr } of refused.slice(0, 2)) assert.match(stderr, /^slug: [^\n]+\n$/);
    await here.look(async () => {
      const tenant = await Tenant.findOne({ where: { slug: 'initech' }, rejectOnEmpty: true });
      const users = await User.findAll({ where: { tenantId: tenant.id } });
      assert.deepEqual(
        users.map(({ username, status }) => [username, status]),
        [['ines', 'invited']],
      );
      assert.equal(await OutboxMessage.count({ where: { tenantId: tenant.id, event: 'invitation' } }), 1);
    });
  });

  it('show their settings, the look among them', async () => {
    const settings = JSON.parse(await here.done('tenant', 'show', 'acme', '--json')) as Record<string, unknown>;
    assert.deepEqual([settings['name'], settings['colour'], settings['logo']], ['Acme', 'blue', null]);
    assert.match(await here.done('tenant', 'show', 'acme'), /^colour +blue$/m);
    assert.equal((await here.run(['tenant', 'show', 'nowhere'])).code, 1);
  });

  it('are suspended and resumed, but never the platform', async () => {
    await here.done('tenant', 'suspend', 'globex');
    const listed = JSON.parse(await here.done('tenant', 'list', '--json')) as { slug: string; status: string }[];
    assert.deepEqual(
      listed.map(({ slug, status }) => `${slug} ${status}`),
      ['acme active', 'globex suspended', 'initech active', 'platform active'],
    );
    await here.done('tenant', 'resume', 'globex');
    assert.match(await here.done('tenant', 'list'), /^SLUG .*\nacme .*\nglobex +Globex +active\n/);
    const refused = await Promise.all([
      here.run(['tenant', 'suspend', 'platform']),
      here.run(['tenant', 'resume', 'acme']),
      here.run(['tenant', 'suspend', 'hooli']),
    ]);
    for (const { code, stdout, stderr } of refused) {
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, /^[^\n]+\n$/);
    }
    await here.look(async () => {
      const told = await SecurityEvent.findAll({ where: { event: ['tenant.suspended', 'tenant.resumed'] } });
      assert.deepEqual(new Set(told.map(({ door }) => door)), new Set(['cli']));
      assert.equal(await SecurityEvent.count({ where: { event: 'tenant.suspended' } }), 2);
    });
  });
});
