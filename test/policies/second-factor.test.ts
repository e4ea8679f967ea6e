import assert from 'node:assert/strict';
import {
  demandedSince,
  secondFactorDemanded,
  secondFactorDue,
  type SecondFactorCase,
} from '#policies/second-factor.js';

const DAY = 86_400_000;
const optional = { twoFactor: 'optional', graceDays: 14 } as const;
const nothing = { joinedAt: 0, policySince: null, rolesSince: [], marked: false, reachedAt: 0 };

describe('A second factor is demanded', () => {
  it('of everybody, where the policy requires it', () => {
    assert.ok(
      secondFactorDemanded({ policy: { ...optional, twoFactor: 'required' }, roleDemands: false, marked: false }),
    );
  });

  it('of who holds a role that requires it, and of who is marked', () => {
    assert.ok(secondFactorDemanded({ policy: optional, roleDemands: true, marked: false }));
    assert.ok(secondFactorDemanded({ policy: optional, roleDemands: false, marked: true }));
    assert.ok(!secondFactorDemanded({ policy: optional, roleDemands: false, marked: false }));
  });

  it('of nobody, where it is switched off: what nobody is offered cannot be asked for', () => {
    assert.ok(!secondFactorDemanded({ policy: { ...optional, twoFactor: 'off' }, roleDemands: true, marked: true }));
  });
});

describe('The days of grace', () => {
  const demanded: SecondFactorCase = {
    has: false,
    policy: { twoFactor: 'required', graceDays: 14 },
    roleDemands: false,
    marked: false,
    demandedSince: 5 * DAY,
  };

  it('end so many days after the demand began, to the moment', () => {
    assert.equal(secondFactorDue(demanded), 19 * DAY);
    assert.equal(secondFactorDue({ ...demanded, policy: { ...demanded.policy, graceDays: 0 } }), 5 * DAY);
  });

  it('run on while the set-up is pending, and are over when it is active or not demanded', () => {
    assert.equal(secondFactorDue({ ...demanded, has: true }), null);
    assert.equal(secondFactorDue({ ...demanded, policy: optional }), null);
  });

  it('count from the change of policy for who was there, and from joining for who came later', () => {
    assert.equal(demandedSince({ ...nothing, policySince: 9 * DAY, joinedAt: 2 * DAY }), 9 * DAY);
    assert.equal(demandedSince({ ...nothing, policySince: 9 * DAY, joinedAt: 11 * DAY }), 11 * DAY);
  });

  it('count from when the role began to require it or was given, whichever was later', () => {
    assert.equal(demandedSince({ ...nothing, rolesSince: [9 * DAY], reachedAt: 3 * DAY }), 9 * DAY);
    assert.equal(demandedSince({ ...nothing, rolesSince: [3 * DAY], reachedAt: 9 * DAY }), 9 * DAY);
  });

  it('count from the mark', () => {
    assert.equal(demandedSince({ ...nothing, marked: true, reachedAt: 4 * DAY }), 4 * DAY);
    assert.equal(demandedSince({ ...nothing, marked: true, reachedAt: 0, joinedAt: DAY }), DAY);
  });

  it('do not begin anew because one more reason came along', () => {
    const since = demandedSince({
      ...nothing,
      marked: true,
      reachedAt: 2 * DAY,
      policySince: 30 * DAY,
      rolesSince: [40 * DAY],
    });
    assert.equal(since, 2 * DAY);
  });
});
