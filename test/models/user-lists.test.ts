import assert from 'node:assert/strict';
import { newId } from '#models/columns.js';
import { inTransaction } from '#models/transaction.js';
import { UserRole } from '#models/user-role.js';
import { User } from '#models/user.js';
import { soughtUser } from '#policies/names.js';
import type { TenantContext } from '#server/context.js';
import type { UserFilters } from '#server/features/users/filters.js';
import { followUsers } from '#server/features/users/follow.js';
import { listUsers, type Place } from '#server/features/users/list.js';
import { orderOf, SORTS, type Sort } from '#server/features/users/order.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { roleId } from '../support/users.js';

const FIRST = ['Ada', 'Émile', 'İpek', 'Milan', 'Quinn', 'Zoë', 'Bo', 'Ödön'];
const LAST = ['Novak', 'Abebe', 'Żak', 'Li', 'Ito', 'Großmann', 'Vogel', 'Vo'];
const SEARCHES = [
  'milan',
  'vogel',
  'q',
  'z',
  'zz',
  'zzy',
  'vo',
  'bo li',
  'li bo',
  'om',
  'm',
  'e',
  'an',
  'nova ad',
  'ß',
  '0.7',
  '.9',
  'ple',
  'j',
  'wj',
  'zwj',
  'me wj',
  '!',
];
const STATES = ['active', 'invited', 'disabled'] as const;

describe('Every list of users, in every order', () => {
  let portal: Portal;
  let context: TenantContext;
  let everybody: User[];
  let role: string;
  let holders: Set<string>;
  let drawn = 11;
  const draw = (most: number): number => (drawn = (drawn * 48_271) % 2_147_483_647) % most;
  const one = <Of>(of: readonly Of[]): Of => of[draw(of.length)] as Of;

  before(async () => {
    portal = await startPortal();
    context = await contextIn(portal, 'acme');
    // Those of others, who have the same letters.
    for (const [who, many] of [
      [await contextIn(portal, 'globex'), 150],
      [context, 1400],
    ] as const)
      await inTransaction(() => User.bulkCreate(Array.from({ length: many }, (_, n) => somebody(who.tenant.id, n))));
    // Found by the very end of what somebody is found by.
    const last = somebody(context.tenant.id, 9999);
    await User.create({ ...last, email: 'last@acme.zwj' });
    for (const renamed of await User.findAll({ where: { username: 'u7.7' } })) {
      renamed.set({ name: 'Milan Zzyx' }).setKeys();
      await renamed.save();
    }
    await User.destroy({ where: { username: 'u8.8' } });
    await User.update({ status: 'invited', lastSignedInAt: 3 }, { where: { kind: 'service' } });
    role = await roleId(portal, 'acme', 'auditor');
    everybody = await User.findAll({ where: { tenantId: context.tenant.id } });
    await readOrders();
    const some = everybody.filter(() => draw(3) === 0).map(({ id }) => id);
    const rows = some.map((userId) => ({ tenantId: context.tenant.id, userId, roleId: role }));
    await UserRole.bulkCreate(rows, { ignoreDuplicates: true });
    holders = new Set((await UserRole.findAll({ where: { roleId: role } })).map(({ userId }) => userId));
  });
  after(() => portal.close());

  function somebody(tenantId: string, number: number) {
    const name = `${one(FIRST)} ${one(LAST)}`;
    const username = `u${number % 10}.${number}`;
    return {
      id: newId(),
      tenantId,
      status: one(STATES),
      kind: draw(9) === 0 ? ('service' as const) : ('person' as const),
      twoFactor: one(['disabled', 'pending', 'active'] as const),
      username,
      name,
      email: `${username}@${one(['acme.example', 'münchen.example', 'zoo.example'])}`,
      createdAt: context.now - draw(5),
      lastSignedInAt: draw(3) === 0 ? null : context.now - draw(5),
      lockedUntil: draw(20) === 0 ? context.now + 60_000 : null,
    };
  }

  // The slow and simple reading: everybody is looked at, and put in order.
  function expected(filters: UserFilters, sort: Sort): string[] {
    const words = filters.q.normalize('NFKC').toLowerCase().replace('ß', 'ss').split(' ').filter(Boolean);
    const found = new Set(
      everybody
        .filter(
          (user) =>
            words.every((word) => soughtUser(user).includes(word)) &&
            (!filters.status || user.status === filters.status) &&
            (!filters.kind || user.kind === filters.kind) &&
            (!filters.twoFactor || user.twoFactor === filters.twoFactor) &&
            (!filters.locked || Number(user.lockedUntil) > context.now) &&
            (!filters.roleId || holders.has(user.id)),
        )
        .map(({ id }) => id),
    );
    return ordered(sort).filter((id) => found.has(id));
  }

  // As the database sorts words, which is its own affair.
  const orders = new Map<Sort, string[]>();
  const ordered = (sort: Sort): string[] => orders.get(sort) ?? [];
  async function readOrders(): Promise<void> {
    for (const sort of SORTS) {
      const { columns, descending } = orderOf(sort);
      const by = columns.map((column) => `${column} ${descending ? 'DESC' : 'ASC'}`).join(', ');
      const rows = await portal.database.read(`SELECT u.id FROM users u WHERE u.tenant_id = $1 ORDER BY ${by}`, [
        context.tenant.id,
      ]);
      orders.set(
        sort,
        rows.map(({ id }) => String(id)),
      );
    }
  }

  function filtersOf(q: string): UserFilters {
    return {
      q,
      ...(draw(3) === 0 ? { status: one(STATES) } : {}),
      ...(draw(5) === 0 ? { kind: one(['person', 'service'] as const) } : {}),
      ...(draw(5) === 0 ? { twoFactor: one(['disabled', 'active'] as const) } : {}),
      ...(draw(8) === 0 ? { locked: 'yes' as const } : {}),
      ...(draw(6) === 0 ? { roleId: role } : {}),
    };
  }

  it('shows page by page, there and back, whom somebody would find who looked at everybody', async () => {
    for (const [at, q] of ['', 'm', ...SEARCHES].entries())
      for (const sort of at < 2 ? SORTS : [one(SORTS), one(SORTS), one(SORTS)]) {
        const filters = filtersOf(q);
        const about = JSON.stringify([filters, sort]);
        const wanted = expected(filters, sort);
        const pages: string[][] = [];
        let place: Place = { sort, page: 1 };
        for (;;) {
          const { users, total, page, hasNext } = await listUsers(context, filters, place);
          assert.equal(total, wanted.length > 1000 ? '1,000+' : wanted.length, about);
          pages.push(users.map(({ id }) => id));
          if (!hasNext || pages.length > 3) break;
          place = { sort, page: page + 1, after: users.at(-1)?.id };
        }
        assert.deepEqual(pages.flat(), wanted.slice(0, pages.flat().length), about);
        if (pages.length <= 3) assert.equal(pages.flat().length, wanted.length, about);
        if (pages.length < 3) continue;
        const back = await listUsers(context, filters, { sort, page: 2, before: pages[2]?.[0] });
        assert.deepEqual(
          back.users.map(({ id }) => id),
          pages[1],
          about,
        );
      }
  });

  it('is followed to its end by a program, everybody once, in the same order', async () => {
    for (const q of ['', 'milan', 'q', 'zz', 'zzy', 'e', 'vo'])
      for (const sort of ['username', '-name', 'lastSignedInAt'] as const) {
        const filters = filtersOf(q);
        const found: string[] = [];
        let after: Awaited<ReturnType<typeof followUsers>>['next'] = null;
        do {
          const { users, next } = await followUsers(context, filters, { sort, limit: 300, after });
          found.push(...users.map(({ id }) => id));
          after = next;
        } while (after !== null);
        assert.deepEqual(found, expected(filters, sort), JSON.stringify([filters, sort]));
      }
  });
});
