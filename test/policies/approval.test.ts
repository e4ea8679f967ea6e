import assert from 'node:assert/strict';
import type { Actor } from '#policies/actor.js';
import { mayDecide, needsSecondPerson, type RequestedApproval } from '#policies/approval.js';
import type { Permission } from '#policies/permissions.js';

const DESK: Permission[] = ['users:read', 'users:write', 'users:two-factor'];

function actor(id: string, tenantId: string, permissions: Permission[], top = false): Actor {
  return { kind: 'user', id, tenantId, platform: tenantId === 'platform', permissions: new Set(permissions), top };
}

const requested = (more: Partial<RequestedApproval> = {}): RequestedApproval => ({
  ...{ kind: 'two-factor-reset', userId: 'adam', requestedBy: 'olivia', decidingTenantId: 'acme' },
  newcomers: new Set<string>(),
  target: { id: 'adam', tenantId: 'acme', permissions: new Set(DESK), top: false },
  ...more,
});

/** The same, where nobody else of the organisation may decide. */
const forOperators = requested({ decidingTenantId: 'platform' });

describe('What somebody has asked for is approved', () => {
  const decisions: [who: string, by: Actor, of: RequestedApproval, may: boolean][] = [
    ['by who might do it alone', actor('ada', 'acme', DESK), requested(), true],
    [
      'not by who has got these rights of late',
      actor('ada', 'acme', DESK),
      requested({ newcomers: new Set(['ada']) }),
      false,
    ],
    ['not by who asked', actor('olivia', 'acme', DESK, true), requested(), false],
    ['not by whom it is about', actor('adam', 'acme', DESK, true), requested(), false],
    ['not by who may not reset a factor', actor('ada', 'acme', ['users:read', 'users:write']), requested(), false],
    ['not by who may not change users', actor('ada', 'acme', ['users:read', 'users:two-factor']), requested(), false],
    ['not by who is elsewhere', actor('oscar', 'globex', DESK, true), requested(), false],
    ['not where the account is gone', actor('ada', 'acme', DESK, true), requested({ target: null }), false],
    ['not by an operator while somebody here may', actor('opal', 'platform', DESK, true), requested(), false],
    [
      'by an operator of tenants, where nobody here may',
      actor('opal', 'platform', [...DESK, 'tenants:write']),
      forOperators,
      true,
    ],
    ['not by who looks after the people of the platform alone', actor('otto', 'platform', DESK), forOperators, false],
    ['not by the organisation itself then', actor('ada', 'acme', DESK, true), forOperators, false],
    [
      'a token, by an owner alone',
      actor('ada', 'acme', DESK),
      requested({ kind: 'api-token', userId: 'uma', requestedBy: 'uma' }),
      false,
    ],
    [
      'a token, by an owner',
      actor('olivia', 'acme', DESK, true),
      requested({ kind: 'api-token', userId: 'uma', requestedBy: 'uma' }),
      true,
    ],
  ];
  for (const [who, by, of, may] of decisions) it(who, () => assert.equal(mayDecide(by, of), may));

  it('and not by a program or by nobody', () => {
    for (const kind of ['command-line', 'system'] as const)
      assert.equal(mayDecide({ ...actor('ada', 'acme', DESK, true), kind } as Actor, requested()), false);
  });

  it('where the policy says so, or two others could', () => {
    const owner = { permissions: new Set<Permission>(), top: true };
    const desk = { permissions: new Set(DESK), top: false };
    const reader = { permissions: new Set<Permission>(['users:read', 'tokens:create']), top: false };
    const needs = (twoPersonReset: boolean, who: typeof desk, others: number, lately = false): boolean =>
      needsSecondPerson({ twoPersonReset }, { ...who, lately }, others);
    for (const who of [owner, desk])
      assert.deepEqual(
        [0, 1, 2].map((others) => needs(false, who, others)),
        [false, false, true],
      );
    for (const others of [0, 1, 2]) {
      assert.equal(needs(true, desk, others), true);
      for (const policy of [true, false]) assert.equal(needs(policy, reader, others), false);
      assert.equal(needs(true, reader, others, true), true);
      assert.equal(needs(false, reader, others, true), others >= 2);
    }
  });
});
