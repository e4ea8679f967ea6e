import assert from 'node:assert/strict';
import { SecurityPolicy } from '#models/security-policy.js';
import { readNamed } from '#models/sign-in-reads.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { startPortal, type Portal } from '../support/portal.js';

describe('Rows that are read by hand', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  const read = () => readNamed(portal.database, { slug: 'acme', typed: 'uma', browserHash: '' });

  it('are those that the models read', async () => {
    const { user, tenant, policy } = await read();
    assert.ok(user && tenant && policy);
    const { tenantId } = user;
    for (const [byHand, usual] of [
      [user, await User.findOne({ where: { tenantId, username: 'uma' } })],
      [tenant, await Tenant.findByPk(tenantId)],
      [policy, await SecurityPolicy.of(tenantId)],
    ] as const) {
      assert.ok(usual instanceof byHand.constructor);
      assert.deepEqual(byHand.get(), usual.get());
      assert.deepEqual(Object.keys(byHand), Object.keys(usual));
      assert.equal(byHand.isNewRecord, false);
      assert.equal(byHand.changed(), false);
    }
  });

  it('are saved as those are: what was changed, and nothing else', async () => {
    const [{ user }, { user: other }] = [await read(), await read()];
    assert.ok(user && other);
    user.name = 'Uma by hand';
    assert.deepEqual(user.changed(), ['name']);
    assert.equal(user.previous('name'), other.name);
    await user.save();
    other.locale = 'de';
    await other.save();
    await user.reload();
    assert.deepEqual([user.name, user.locale], ['Uma by hand', 'de']);
  });
});
