import assert from 'node:assert/strict';
import fc from 'fast-check';
import { credentialPermissions, type CredentialCase } from '#policies/credential.js';
import { isWrite, PERMISSIONS, type Permission } from '#policies/permissions.js';

const NAMES = PERMISSIONS.map(({ name }) => name);

const rights = (changes: Partial<CredentialCase>): Permission[] => [
  ...credentialPermissions({
    kind: 'token',
    userPermissions: new Set<Permission>(['users:read', 'users:write', 'log:read']),
    roleGrants: ['users:read', 'users:write'],
    roleReadOnly: false,
    scopes: null,
    ...changes,
  }),
];

describe('What a credential may do', () => {
  it('is of a token what its role grants and its user may, as things are now', () => {
    assert.deepEqual(rights({}), ['users:read', 'users:write']);
    assert.deepEqual(rights({ userPermissions: new Set(['users:read']) }), ['users:read']);
    assert.deepEqual(rights({ roleGrants: ['users:read', 'policy:read'] }), ['users:read']);
  });

  it('is less with scopes, and never more', () => {
    assert.deepEqual(rights({ scopes: ['users:read'] }), ['users:read']);
    assert.deepEqual(rights({ scopes: ['log:read'] }), [], 'Which the user may, and the role does not grant.');
    assert.deepEqual(rights({ scopes: [] }), []);
    assert.deepEqual(rights({ scopes: ['users:read', 'users:everything', '__proto__'] }), ['users:read']);
  });

  it('is nothing of a token whose role is gone, or lost to its user', () => {
    assert.deepEqual(rights({ roleGrants: null }), []);
  });

  it('is only to read with a read-only role', () => {
    assert.deepEqual(rights({ roleReadOnly: true }), ['users:read']);
  });

  it('is of the key and the API password all that the user may', () => {
    for (const kind of ['key', 'password'] as const)
      assert.deepEqual(rights({ kind, roleGrants: null, scopes: null }), ['users:read', 'users:write', 'log:read']);
  });

  it('never exceeds the user, the role or the scopes, whatever they are', () => {
    const some = fc.subarray(NAMES);
    fc.assert(
      fc.property(some, some, fc.option(some), fc.boolean(), (user, role, scopes, roleReadOnly) => {
        for (const one of rights({ userPermissions: new Set(user), roleGrants: role, scopes, roleReadOnly })) {
          assert.ok(user.includes(one) && role.includes(one));
          assert.ok(scopes === null || scopes.includes(one));
          assert.ok(!roleReadOnly || !isWrite(one));
        }
      }),
    );
  });
});
