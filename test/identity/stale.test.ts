import assert from 'node:assert/strict';
import { SecurityPolicy } from '#models/security-policy.js';
import { Session } from '#models/session.js';
import { Tenant } from '#models/tenant.js';
import { inTransaction } from '#models/transaction.js';
import { User } from '#models/user.js';
import type { SignedInContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { arriving } from '#server/identity/arrival.js';
import { moveState } from '#server/identity/epoch.js';
import { replacePassword } from '#server/identity/password.js';
import { renewSession } from '#server/identity/session.js';
import { changeRow } from '#server/identity/user.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { userCalled } from '../support/users.js';

const WHO = 'acme/uma';

describe('What was read before something changed is not written over it', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const WRITES: Readonly<Record<string, (user: User) => Promise<unknown>>> = {
    'a new password': async (user) =>
      replacePassword(await contextIn(portal, 'acme'), user, await SecurityPolicy.of(user.tenantId), 'a hash'),
    'another state of the second factor': (user) => moveState(user, 'active'),
    'an edited account': (user) => changeRow(user, { name: 'Somebody Else' }),
  };
  for (const [name, write] of Object.entries(WRITES))
    it(`${name}, on an account whose epoch has moved`, async () => {
      const user = await userCalled(portal, WHO);
      await User.update({ epoch: user.epoch + 1 }, { where: { id: user.id } });
      const before = (await userCalled(portal, WHO)).get();
      await assert.rejects(
        inTransaction(() => write(user)),
        Conflict,
      );
      assert.deepEqual((await userCalled(portal, WHO)).get(), before);
      await inTransaction(async () => write(await userCalled(portal, WHO)));
      assert.notDeepEqual((await userCalled(portal, WHO)).get(), before, 'As it is now, it is written.');
    });

  const CHANGES: Readonly<Record<string, Partial<Session['_attributes']>>> = {
    'goes on under another id': { sidHash: 'another' },
    'has ended': { endedAt: 1 },
  };
  for (const [name, change] of Object.entries(CHANGES))
    it(`a new id of a session that ${name}`, async () => {
      await portal.signedIn(WHO);
      const session = await Session.findOne({ where: { userId: portal.idOf(WHO) }, rejectOnEmpty: true });
      const context = {
        ...(await contextIn(portal, 'acme')),
        session: { ...session.get() },
      } as unknown as SignedInContext;
      await session.update(change);
      await assert.rejects(
        inTransaction(() => renewSession(context, { authenticated: ['pwd'] })),
        Conflict,
      );
      assert.deepEqual((await Session.findByPk(session.id))?.get(), session.get());
    });

  const TURNS: Readonly<Record<string, () => Promise<unknown>>> = {
    'has changed': () => User.increment('epoch', { where: { id: portal.idOf(WHO) } }),
    'is no longer active': () => User.update({ status: 'disabled' }, { where: { id: portal.idOf(WHO) } }),
    'is gone': () => User.destroy({ where: { id: portal.idOf(WHO) } }),
    'is of an organisation that was suspended': () =>
      Tenant.update({ status: 'suspended' }, { where: { slug: 'acme' } }),
  };
  for (const [name, turn] of Object.entries(TURNS))
    it(`nor is somebody let in, on a proof of before, whose account ${name}`, async () => {
      const context = await contextIn(portal, 'acme');
      const candidate = { user: await userCalled(portal, WHO), tenant: context.tenant };
      const letIn = (): Promise<boolean> => arriving(context, candidate, () => Promise.resolve(true));
      assert.ok(await letIn());
      await turn();
      await assert.rejects(letIn(), Conflict);
    });
});
