import assert from 'node:assert/strict';
import { COMMAND_LINE, type Actor } from '#policies/actor.js';
import { can } from '#policies/can.js';
import {
  isPermission,
  isPlatformPermission,
  isWrite,
  PERMISSIONS,
  TENANT_PERMISSIONS,
  type Permission,
} from '#policies/permissions.js';
import { maySuspend } from '#policies/tenant.js';

const actor = (permissions: readonly string[], platform = false): Actor => ({
  kind: 'user',
  id: 'me',
  tenantId: platform ? 'platform' : 'acme',
  platform,
  permissions: new Set(permissions as Permission[]),
  top: false,
});

describe('Permissions', () => {
  it('are a closed catalogue: each once, each with its words, and nothing else is one', () => {
    const names = PERMISSIONS.map(({ name }) => name as string);
    assert.equal(new Set(names).size, names.length);
    for (const { name, label, group } of PERMISSIONS)
      assert.ok(/^[a-z-]+:[a-z-]+$/.test(name) && label.length > 0 && group.length > 0);
    for (const wrong of ['', 'users:*', 'users', 'USERS:READ', 'constructor', 'users:read '])
      assert.equal(isPermission(wrong), false, wrong);
  });

  it('are those of the contract that guard something', () => {
    const named =
      'users:read users:write users:two-factor users:delete roles:read roles:write policy:read policy:write log:read log:export credentials:read credentials:revoke tokens:create notifications:read notifications:write organisation:read organisation:write tenants:read tenants:write';
    assert.deepEqual(PERMISSIONS.map(({ name }) => name).sort(), named.split(' ').sort());
  });

  it('of organisations belong to the platform alone, even when somebody else should hold them', () => {
    assert.deepEqual(PERMISSIONS.map(({ name }) => name).filter(isPlatformPermission), [
      'tenants:read',
      'tenants:write',
    ]);
    assert.ok(!TENANT_PERMISSIONS.some(isPlatformPermission));
    assert.equal(can(actor(['tenants:write']), 'tenants:write'), false);
    assert.equal(can(actor(['tenants:write'], true), 'tenants:write'), true);
  });

  it('to look changes nothing; every other does', () => {
    const harmless = PERMISSIONS.map(({ name }) => name).filter((name) => !isWrite(name));
    assert.ok(harmless.every((name) => name.endsWith(':read') || name === 'log:export'));
    for (const name of [
      'users:write',
      'users:delete',
      'users:two-factor',
      'tokens:create',
      'credentials:revoke',
    ] as const)
      assert.ok(isWrite(name));
  });

  it('that nobody has given are not there', () => {
    assert.equal(can(null, 'users:read'), false);
    assert.equal(can(actor([]), 'users:read'), false);
    assert.equal(can(actor(['users:read']), 'users:write'), false);
    assert.equal(can(actor(['users:read']), 'toString' as Permission), false);
    assert.equal(can(COMMAND_LINE, 'users:write'), true);
  });

  it('do not let anybody suspend the platform', () => {
    const operator = actor(['tenants:write'], true);
    assert.equal(maySuspend(operator, { platform: false }), true);
    assert.equal(maySuspend(operator, { platform: true }), false);
    assert.equal(maySuspend(actor(['tenants:write']), { platform: false }), false);
  });
});
