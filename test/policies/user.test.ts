import assert from 'node:assert/strict';
import { COMMAND_LINE, SYSTEM, type Actor } from '#policies/actor.js';
import type { Permission } from '#policies/permissions.js';
import { effectivePermissions, factoryRoles, isTopRole, type FactoryRoleKey } from '#policies/roles.js';
import { exceeds, mayActOn, mayActOnAnother, type TargetUser } from '#policies/user.js';

const KEYS: FactoryRoleKey[] = ['owner', 'admin', 'auditor', 'user'];

function permissionsOf(key: FactoryRoleKey): ReadonlySet<Permission> {
  const role = factoryRoles(key === 'operator').find((one) => one.key === key);
  return effectivePermissions([{ grants: role?.permissions ?? [], readOnly: false }]);
}

const actor = (key: FactoryRoleKey, id = key as string, tenantId = 'acme'): Actor => ({
  kind: 'user',
  id,
  tenantId,
  platform: tenantId === 'platform',
  permissions: permissionsOf(key),
  top: isTopRole(key),
});

const target = (key: FactoryRoleKey, id = `other ${key}`, tenantId = 'acme'): TargetUser => ({
  id,
  tenantId,
  permissions: permissionsOf(key),
  top: isTopRole(key),
});

describe('To whom an administrator may do something', () => {
  it('is everybody who may do no more than they: an owner to all, an admin to all but owners, others to nobody', () => {
    const reach = (key: FactoryRoleKey) => KEYS.filter((other) => mayActOn(actor(key), 'users:write', target(other)));
    assert.deepEqual(reach('owner'), ['owner', 'admin', 'auditor', 'user']);
    assert.deepEqual(reach('admin'), ['admin', 'auditor', 'user']);
    assert.deepEqual(reach('auditor'), []);
    assert.deepEqual(reach('user'), []);
  });

  it('is never somebody of another organisation, not even for an operator', () => {
    assert.equal(mayActOn(actor('owner'), 'users:write', target('user', 'gina', 'globex')), false);
    assert.equal(mayActOn(actor('operator', 'opal', 'platform'), 'users:write', target('user')), false);
  });

  it('is oneself too, but for what nobody should do to their own account', () => {
    const adam = actor('admin', 'adam');
    assert.equal(mayActOn(adam, 'users:write', target('admin', 'adam')), true);
    assert.equal(mayActOnAnother(adam, 'users:write', target('admin', 'adam')), false);
    assert.equal(mayActOnAnother(adam, 'users:write', target('admin', 'agnes')), true);
  });

  it('takes the permission itself as well', () => {
    const clerk: Actor = {
      ...actor('user'),
      permissions: new Set<Permission>(['users:read', 'users:write', 'tokens:create']),
    };
    assert.equal(mayActOn(clerk, 'users:write', target('user')), true);
    assert.equal(mayActOn(clerk, 'users:delete', target('user')), false);
    assert.equal(
      mayActOn(clerk, 'users:write', target('auditor')),
      false,
      'one permission more is enough to be out of reach',
    );
  });

  it('leaves who holds the top alone, even when their rights are no more than the actor’s', () => {
    const asMuch: Actor = { ...actor('admin'), permissions: permissionsOf('owner') };
    assert.equal(mayActOn(asMuch, 'users:write', target('owner')), false);
    const silenced: TargetUser = { ...target('owner'), permissions: new Set() };
    assert.equal(exceeds(actor('admin'), silenced), true);
  });

  it('is anybody for the command line and the jobs, which belong to no organisation', () => {
    for (const machine of [COMMAND_LINE, SYSTEM]) {
      assert.equal(mayActOn(machine, 'users:delete', target('owner')), true);
      assert.equal(mayActOnAnother(machine, 'users:delete', target('owner')), true);
    }
  });
});
