import assert from 'node:assert/strict';
import { COMMAND_LINE, type Actor } from '#policies/actor.js';
import { can } from '#policies/can.js';
import type { Permission } from '#policies/permissions.js';
import { factoryRoles, grantsOf } from '#policies/roles.js';
import { mayRemoveTenant, maySuspend } from '#policies/tenant.js';

const person = (platform: boolean, ...permissions: Permission[]): Actor => ({
  kind: 'user',
  id: 'somebody',
  tenantId: 'somewhere',
  platform,
  permissions: new Set(permissions),
  top: true,
});
const acme = { platform: false };

describe('Who may look after organisations', () => {
  it('An operator suspends any organisation but the platform, which nobody could resume', () => {
    assert.equal(maySuspend(person(true, 'tenants:write'), acme), true);
    assert.equal(maySuspend(person(true, 'tenants:write'), { platform: true }), false);
    assert.equal(maySuspend(COMMAND_LINE, acme), true);
    assert.equal(maySuspend(COMMAND_LINE, { platform: true }), false);
  });

  it('An operator removes any organisation but the platform, and nobody else does', () => {
    assert.equal(mayRemoveTenant(person(true, 'tenants:write'), acme), true);
    assert.equal(mayRemoveTenant(person(true, 'tenants:write'), { platform: true }), false);
    assert.equal(mayRemoveTenant(COMMAND_LINE, { platform: true }), false);
    assert.equal(mayRemoveTenant(person(true, 'tenants:read'), acme), false);
    assert.equal(mayRemoveTenant(person(false, 'tenants:write', 'tenants:read'), acme), false);
    assert.equal(mayRemoveTenant(null, acme), false);
  });

  it('Nobody else does: not who only looks, not an owner, not who is not signed in', () => {
    assert.equal(maySuspend(person(true, 'tenants:read'), acme), false);
    assert.equal(maySuspend(person(false, 'tenants:write', 'tenants:read'), acme), false);
    assert.equal(maySuspend(null, acme), false);
  });

  it('A permission for organisations is worth nothing outside the platform', () => {
    assert.equal(can(person(false, 'tenants:read'), 'tenants:read'), false);
    assert.equal(can(person(true, 'tenants:read'), 'tenants:read'), true);
  });

  it('No role that an organisation makes, and none that it is given, carries one', () => {
    const own = { key: null, permissions: JSON.stringify(['tenants:read', 'tenants:write', 'users:read']) };
    assert.deepEqual(grantsOf(own), ['users:read']);
    for (const { permissions } of factoryRoles(false)) {
      assert.deepEqual(
        permissions.filter((permission) => permission.startsWith('tenants:')),
        [],
      );
    }
  });
});
