import assert from 'node:assert/strict';
import { literal, QueryTypes } from 'sequelize';
import { openDatabase } from '#models/database.js';
import { inTransaction } from '#models/transaction.js';
import { Role } from '#models/role.js';
import { Tenant } from '#models/tenant.js';
import { countThrottle } from '#models/throttle.js';
import { User } from '#models/user.js';
import { record } from '#server/trace/record.js';
import { verifyLog } from '#server/trace/verify.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';

class Thrown extends Error {}
const fail = (): never => {
  throw new Thrown();
};

describe('A transaction happens whole or not at all', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => work(index)));
  const slugs = async (): Promise<string[]> => (await Tenant.findAll()).map(({ slug }) => slug).sort();
  const make = (slug: string) => Tenant.create({ slug, name: slug, createdAt: 1 });

  it('Two hundred read-and-add-one at the same moment end at two hundred', async () => {
    const id = portal.idOf('acme/uma');
    await User.update({ epoch: 0 }, { where: { id } });
    await times(200, () =>
      inTransaction(async (transaction) => {
        const user = await User.findByPk(id, { lock: transaction.LOCK.UPDATE, rejectOnEmpty: true });
        await User.update({ epoch: user.epoch + 1 }, { where: { id } });
      }),
    );
    assert.equal((await User.findByPk(id))?.epoch, 200);
    await times(200, () => User.update({ epoch: literal('epoch + 1') }, { where: { id } }));
    assert.equal((await User.findByPk(id))?.epoch, 400);
  });

  it('Fifty at once, with files being read and passwords hashed meanwhile, hold nobody up', async () => {
    const context = await contextIn(portal, 'acme');
    const began = performance.now();
    let last = began;
    let slowest = 0;
    const beat = setInterval(() => {
      slowest = Math.max(slowest, performance.now() - last);
      last = performance.now();
    }, 5);
    await Promise.all([
      times(50, (index) => inTransaction(() => record(context, { event: 'profile.changed', details: { index } }))),
      times(10, () => portal.services.passwords.verify(null, 'x')),
      times(50, () => portal.database.read('SELECT COUNT(*) AS count FROM users', [])),
    ]);
    clearInterval(beat);
    assert.ok(performance.now() - began < 120_000, 'It has come to an end.');
    assert.ok(slowest < 10_000, `The process stood still for ${Math.round(slowest)} ms.`);
    assert.deepEqual((await verifyLog(portal.services.keys, context.tenant.id)).intact, true);
  });

  it('What throws is rolled back, and the next one begins afresh', async () => {
    const before = await slugs();
    await assert.rejects(
      inTransaction(async () => {
        await make('rolled-back');
        fail();
      }),
      Thrown,
    );
    assert.deepEqual(await slugs(), before);
    await inTransaction(() => make('kept'));
    assert.deepEqual(await slugs(), [...before, 'kept'].sort());
  });

  it('One inside another is part of it: both go, or the inner one alone', async () => {
    const before = await slugs();
    await assert.rejects(
      inTransaction(async () => {
        await inTransaction(() => make('inner'));
        fail();
      }),
      Thrown,
    );
    assert.deepEqual(await slugs(), before, 'The inner one is gone with the outer.');
    await inTransaction(async () => {
      await make('outer');
      await assert.rejects(
        inTransaction(async () => {
          await make('inner');
          fail();
        }),
        Thrown,
      );
    });
    assert.deepEqual(await slugs(), [...before, 'outer'].sort());
  });

  it('Three deep, the middle one takes the innermost with it, and what it did before', async () => {
    const before = await slugs();
    await inTransaction(async () => {
      await make('a-first');
      await assert.rejects(
        inTransaction(async () => {
          await make('a-middle');
          await inTransaction(() => make('a-innermost'));
          await inTransaction(() => make('a-second-innermost'));
          fail();
        }),
        Thrown,
      );
      await inTransaction(() => make('a-later'));
    });
    assert.deepEqual(await slugs(), [...before, 'a-first', 'a-later'].sort());
  });

  it('A row that the database refuses does not spoil what stands around it', async () => {
    const before = await slugs();
    await inTransaction(async () => {
      await make('b-kept');
      await assert.rejects(inTransaction(() => make('acme')));
      await make('b-kept-too');
    });
    assert.deepEqual(await slugs(), [...before, 'b-kept', 'b-kept-too'].sort());
  });

  it('What is read inside sees what was written inside; what is read beside it does not', async () => {
    await inTransaction(async () => {
      await make('c-unseen');
      assert.ok(await Tenant.findOne({ where: { slug: 'c-unseen' } }));
      assert.deepEqual(await portal.database.read('SELECT id FROM tenants WHERE slug = $1', ['c-unseen']), []);
    });
    assert.equal((await portal.database.read('SELECT id FROM tenants WHERE slug = $1', ['c-unseen'])).length, 1);
  });

  it('To find or else to make gives one row, however many ask', async () => {
    const { id: tenantId } = await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true });
    const role = { name: 'Night watch', nameKey: 'night watch' };
    const found = await times(10, () =>
      Role.findOrCreate({ where: { tenantId, nameKey: role.nameKey }, defaults: { ...role, tenantId, createdAt: 1 } }),
    );
    assert.equal(new Set(found.map(([{ id }]) => id)).size, 1);
    assert.equal(found.filter(([, made]) => made).length, 1);
    await inTransaction(async () => {
      const [, made] = await Role.findOrCreate({
        where: { tenantId, nameKey: 'x' },
        defaults: { tenantId, name: 'x', createdAt: 1 },
      });
      assert.ok(made);
    });
    assert.equal(await Role.count({ where: { tenantId, nameKey: 'x' } }), 1);
  });

  it('Two processes that work on the same database do not lose what the other did, nor fail', async () => {
    const id = portal.idOf('acme/umar');
    await User.update({ epoch: 0 }, { where: { id } });
    const other = await openDatabase(portal.config);
    const both = [portal.database, other].flatMap(({ sequelize, dialect }) =>
      Array.from({ length: 25 }, () =>
        sequelize.transaction(async () => {
          const [row] = await sequelize.query<{ epoch: number }>(
            `SELECT epoch FROM users WHERE id = $1 ${dialect === 'postgres' ? 'FOR UPDATE' : ''}`,
            { bind: [id], type: QueryTypes.SELECT },
          );
          await sequelize.query('UPDATE users SET epoch = $1 WHERE id = $2', { bind: [(row?.epoch ?? 0) + 1, id] });
        }),
      ),
    );
    await Promise.all(both);
    await other.close();
    assert.equal((await User.findByPk(id))?.epoch, 50);
  });

  it('A failure is never counted inside one, where a roll-back would forget it', async () => {
    await assert.rejects(
      inTransaction(() => countThrottle(portal.database, 'x', 1000, Date.now())),
      /outside transactions/,
    );
  });

  it('Only one of many that change the same row from what they have seen gets to', async () => {
    const id = portal.idOf('acme/adam');
    const { epoch } = await User.findByPk(id, { rejectOnEmpty: true });
    const changed = await times(20, () =>
      inTransaction(async () => (await User.update({ epoch: epoch + 1 }, { where: { id, epoch } }))[0]),
    );
    assert.deepEqual(changed.filter((count) => count === 1).length, 1);
  });
});
