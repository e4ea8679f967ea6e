import assert from 'node:assert/strict';
import { Approval } from '#models/approval.js';
import { User } from '#models/user.js';
import { DAY } from '#server/lib/clock.js';
import { demonstration, type Installation } from '../support/installation.js';

describe('What waits for a second person, from the command line', () => {
  let here: Installation;
  before(async () => {
    here = await demonstration();
    await here.look(async () => {
      const named = (username: string) => User.findOne({ where: { username }, rejectOnEmpty: true });
      const [gina, gary] = await Promise.all([named('gina'), named('gary')]);
      const { id: userId, tenantId } = gary;
      const asked = { tenantId, decidingTenantId: tenantId, kind: 'access-pass' as const, userId, subjectId: userId };
      const now = Date.now();
      await Approval.bulkCreate([
        { ...asked, requestedBy: gina.id, reason: 'Lost', state: 'waiting', createdAt: now, expiresAt: now + DAY },
        {
          ...asked,
          kind: 'two-factor-reset',
          requestedBy: null,
          state: 'waiting',
          createdAt: now - 9 * DAY,
          expiresAt: now - DAY,
        },
        {
          ...{ ...asked, requestedBy: null, state: 'refused', createdAt: now - DAY, expiresAt: now + DAY },
          ...{ decidedBy: gina.id, decidedAt: now, answer: 'Not he' },
        },
      ]);
    });
  });
  after(() => here.remove());

  type Line = Record<'owner' | 'requester' | 'state' | 'reason' | 'decider' | 'answer', string | null>;
  const list = async (...args: string[]) =>
    (JSON.parse(await here.done('approval', 'list', 'globex', ...args, '--json')) as Line[]).map(
      ({ owner, requester, state, reason, decider, answer }) => [owner, requester, state, reason, decider, answer],
    );

  it('is listed, with who asks and who decided, and by what has become of it', async () => {
    const [waiting, refused, over] = [
      ['gary', 'gina', 'waiting', 'Lost', null, ''],
      ['gary', null, 'refused', '', 'gina', 'Not he'],
      ['gary', null, 'void', '', null, ''],
    ];
    assert.deepEqual(await list(), [waiting, refused, over]);
    assert.deepEqual(await list('--state', 'waiting'), [waiting]);
    assert.deepEqual(await list('--state', 'void'), [over]);
    assert.match(
      await here.done('approval', 'list', 'globex', '--state', 'refused'),
      /^ID +WHAT +OWNER +REQUESTER +STATE +EXPIRESAT\n\S+ .+ gary +- +refused +\d{4}-/,
    );
  });

  it('is told of one organisation, in states that there are', async () => {
    assert.equal((JSON.parse(await here.done('approval', 'list', 'acme', '--json')) as Line[]).length, 0);
    const { code, stderr } = await here.run(['approval', 'list', 'globex', '--state', 'open']);
    assert.equal(code, 2);
    assert.match(stderr, /Allowed choices are waiting/);
  });
});
