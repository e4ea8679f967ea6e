import assert from 'node:assert/strict';
import { User } from '#models/user.js';
import type { SignedInContext, TenantContext } from '#server/context.js';
import { Conflict, Invalid } from '#server/errors.js';
import { proveCode } from '#server/identity/code.js';
import { countWrongPassword } from '#server/identity/lockout.js';
import { proveRecoveryCode } from '#server/identity/prove-recovery-code.js';
import { proveOwnCode, proveOwnPassword } from '#server/identity/prove.js';
import { contextIn } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { beginSetup, enrol, type Enrolled } from '../support/second-factor.js';
import { userCalled } from '../support/users.js';

describe('A proof', () => {
  let portal: Portal;
  let context: TenantContext;
  let uma: Enrolled;
  beforeEach(async () => {
    portal = await startPortal();
    uma = await enrol(portal, 'acme/uma');
    context = await contextIn(portal, 'acme');
  });
  afterEach(() => portal.close());

  const owner = async (who: string) => ({ user: await userCalled(portal, who), tenant: context.tenant });

  it('is a code only in the state that it is asked for: what is pending lets nobody in, what is active is not set up again', async () => {
    const umar = await beginSetup(portal, await portal.signedIn('acme/umar'));
    portal.clock.move(30_000);
    context = await contextIn(portal, 'acme');
    const pending = await owner('acme/umar');
    const active = await owner('acme/uma');
    await assert.rejects(proveCode(context, pending, umar.code(), 'active'), Invalid);
    await assert.rejects(proveCode(context, active, uma.phone.code(), 'pending'), Invalid);
    await proveCode(context, pending, umar.code(), 'pending');
    await proveCode(context, active, uma.phone.code(), 'active');
  });

  it('is a recovery code of nobody but its owner', async () => {
    await enrol(portal, 'acme/umar');
    const [code = ''] = uma.codes;
    await assert.rejects(proveRecoveryCode(context, await owner('acme/umar'), code), Invalid);
    await proveRecoveryCode(context, await owner('acme/uma'), code);
  });

  it('of somebody whose account has been deleted since is none: they are told so', async () => {
    const { user } = await owner('acme/uma');
    const signedIn = { ...context, user } as unknown as SignedInContext;
    await User.destroy({ where: { id: user.id } });
    await assert.rejects(proveOwnPassword(signedIn, PASSWORD, 'password'), Conflict);
    await assert.rejects(proveOwnCode(signedIn, uma.phone.code()), Conflict);
  });

  it('that is wrong tells of a lock once, by being the one that locks', async () => {
    const told: boolean[] = [];
    for (let tries = 0; tries < 8; tries += 1) told.push((await countWrongPassword(context, 'account/x', 5)) !== null);
    assert.deepEqual(told, [false, false, false, false, true, false, false, false]);
  });
});
