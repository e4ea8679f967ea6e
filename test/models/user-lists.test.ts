import assert from 'node:assert/strict';
import { newId } from '#models/columns.js';
import { orderBy } from '#models/paging.js';
import { Passkey } from '#models/passkey.js';
import { Role } from '#models/role.js';
import { inTransaction } from '#models/transaction.js';
import { UserRole } from '#models/user-role.js';
import { User } from '#models/user.js';
import { soughtName, soughtUser } from '#policies/names.js';
import { concernsOthers } from '#policies/permissions.js';
import type { TenantContext } from '#server/context.js';
import { matchingUsers, type UserFilters } from '#server/features/users/filters.js';
import { firstByBeginnings } from '#server/features/users/first.js';
import { followUsers } from '#server/features/users/follow.js';
import { listUsers, type Place } from '#server/features/users/list.js';
import { orderOf, SORTS, type Sort } from '#server/features/users/order.js';
import { searchUsers } from '#server/features/users/search.js';
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
/** Of which each has a way of its own. */
const ALONE: readonly Partial<UserFilters>[] = [
  { secondFactor: 'no' },
  { secondFactor: 'yes' },
  { passkey: 'no' },
  { passkey: 'yes' },
  { administrators: 'yes' },
];
const STATES = ['active', 'invited', 'disabled'] as const;

describe('Every list of users, in every order', () => {
  let portal: Portal;
  let context: TenantContext;
  let everybody: User[];
  let role: string;
  let holders: Set<string>;
  let withPasskey: Set<string>;
  let administrators: Set<string>;
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
    await lookAfterOthers();
    await addPasskeys();
    holders = new Set((await UserRole.findAll({ where: { roleId: role } })).map(({ userId }) => userId));
  });
  after(() => portal.close());

  // Some of whom look after nobody after all: another role of theirs is read-only.
  async function lookAfterOthers(): Promise<void> {
    const tenantId = context.tenant.id;
    const helpers = { tenantId, name: 'Helpers', permissions: '["users:read","users:write"]', createdAt: 1 };
    const { id: roleId } = await Role.create(helpers);
    const some = everybody.filter(() => draw(8) === 0);
    await UserRole.bulkCreate(some.map(({ id: userId }) => ({ tenantId, userId, roleId })));
    const roles = new Map((await Role.findAll({ where: { tenantId } })).map((each) => [each.id, each]));
    const held = await UserRole.findAll({ where: { tenantId } });
    const who = (does: (of: Role) => boolean): Set<string> =>
      new Set(held.filter(({ roleId: each }) => does(roles.get(each) as Role)).map(({ userId }) => userId));
    const readOnly = who((each) => each.readOnly);
    administrators = new Set([...who((each) => each.grants.some(concernsOthers))].filter((id) => !readOnly.has(id)));
  }

  async function addPasskeys(): Promise<void> {
    const rest = { rpId: 'localhost', userHandle: '', publicKey: '', counter: 0, transports: '', aaguid: '' };
    const states = { synced: false, backedUp: false, verified: true, signInAlone: true, name: 'Phone', createdAt: 1 };
    const owners = everybody.filter(({ kind }) => kind === 'person' && draw(4) === 0);
    const passkeys = owners.map(({ id, tenantId }) => ({
      ...{ ...rest, ...states, tenantId, userId: id, credentialId: newId() },
    }));
    await Passkey.bulkCreate(passkeys);
    withPasskey = new Set((await Passkey.findAll()).map(({ userId }) => userId));
  }

  const hasFactor = ({ id, twoFactor }: User): boolean => twoFactor === 'active' || withPasskey.has(id);

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
            (!filters.passkey || withPasskey.has(user.id) === (filters.passkey === 'yes')) &&
            (!filters.secondFactor || hasFactor(user) === (filters.secondFactor === 'yes')) &&
            (!filters.administrators || administrators.has(user.id)) &&
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
      ...(draw(4) === 0 ? { secondFactor: one(['yes', 'no'] as const) } : {}),
      ...(draw(8) === 0 ? { passkey: one(['yes', 'no'] as const) } : {}),
      ...(draw(8) === 0 ? { administrators: 'yes' as const } : {}),
      ...(draw(8) === 0 ? { locked: 'yes' as const } : {}),
      ...(draw(6) === 0 ? { roleId: role } : {}),
    };
  }

  it('shows page by page, there and back, whom somebody would find who looked at everybody', async () => {
    for (const [at, q] of ['', 'm', '', ...SEARCHES].entries())
      for (const sort of at < 3 ? SORTS : [one(SORTS), one(SORTS), one(SORTS)]) {
        const filters = at === 2 ? { q, ...ALONE[draw(ALONE.length)] } : filtersOf(q);
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

  it('meets whoever holds a role in each order, whether all of them are kept at hand for it or not', async () => {
    for (const sort of SORTS)
      for (const q of ['', 'm']) {
        const filters = { q, roleId: role };
        for (const fewHold of [true, false]) {
          const { gathered, walked, bind } = matchingUsers(context, filters, { fewHold });
          const idsOf = async (sql: string) =>
            (await portal.database.read(`SELECT u.id ${sql}`, bind)).map(({ id }) => String(id));
          const wanted = expected(filters, sort);
          assert.deepEqual(await idsOf(`${walked(sort)} ${orderBy(orderOf(sort))}`), wanted, sort);
          assert.deepEqual((await idsOf(gathered)).sort(), [...wanted].sort(), sort);
        }
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

  it('tells a program of each what their row says, and which roles they hold', async () => {
    const { id: tenantId } = context.tenant;
    const marked = everybody.slice(0, 9).map(({ id }) => id);
    await User.update({ mustChangePassword: true, mustSetUpTwoFactor: true }, { where: { id: marked }, hooks: false });
    const { users } = await followUsers(context, { q: '' }, { sort: 'username', limit: 5000, after: null });
    const roles = new Map((await Role.findAll({ where: { tenantId } })).map((one) => [one.id, one.name]));
    const held = await UserRole.findAll({ where: { tenantId } });
    const rows = new Map((await User.findAll({ where: { tenantId } })).map((row) => [row.id, row.get()]));
    assert.equal(users.length, rows.size);
    for (const { roles: told, ...user } of users) {
      const row = rows.get(user.id) as unknown as Record<string, unknown>;
      assert.deepEqual(user, Object.fromEntries(Object.keys(user).map((name) => [name, row[name]])));
      const names = held
        .filter(({ userId }) => userId === user.id)
        .map(({ roleId: id }) => ({ id, name: roles.get(id) }));
      assert.deepEqual(new Set(told), new Set(names), user.username);
    }
    assert.ok(users.filter(({ mustChangePassword }) => mustChangePassword).length >= 9);
  });

  it('begins, on SQLite, with the same people where it looks only at those whose names begin as the first ones do', async function () {
    if (portal.database.dialect !== 'sqlite') return this.skip();
    let known = 0;
    const asked = FIRST.flatMap((first) => LAST.map((last) => soughtName(`${first} ${last}`).slice(0, draw(5) + 6)));
    for (const q of [...asked, 'zzyx', 'milan@', 'zoo.example 7.1'])
      for (const sort of SORTS.filter(() => draw(4) === 0))
        for (const limit of [1, 4, 60]) {
          const search = await searchUsers(context, { q });
          if (!search.byLetters) continue;
          const begun = await firstByBeginnings(context, { ...search, manyWith: q }, orderOf(sort), limit);
          if (begun === null) continue;
          const wanted = expected({ q }, sort);
          const ids = begun.rows.map(({ id }) => id);
          assert.deepEqual([begun.found, ids], [wanted.length, wanted.slice(0, limit)], `${q} ${sort} ${limit}`);
          known += 1;
        }
    assert.ok(known > 100, String(known));
  });
});
