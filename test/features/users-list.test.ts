import assert from 'node:assert/strict';
import { newId } from '#models/columns.js';
import { inTransaction } from '#models/transaction.js';
import { User } from '#models/user.js';
import { UserRole } from '#models/user-role.js';
import { listUsers, type Place } from '#server/features/users/list.js';
import { SORTS } from '#server/features/users/order.js';
import { DAY } from '#server/lib/clock.js';
import type { Browser, Page } from '../support/browser.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { roleId, userCalled } from '../support/users.js';

const names = (page: Page): string[] => page.document.querySelectorAll('tbody th a').map((cell) => cell.text.trim());
const linked = (page: Page): string[] =>
  page.document.querySelectorAll('tbody th a').map((link) => link.getAttribute('href') ?? '');
const CAST = ['Adam Arslan', 'Audrey Aalto', 'Olivia Okafor', 'Robo the build server', 'Uma Ndiaye', 'Umar Usman'];

describe('The list of users', () => {
  let portal: Portal;
  let audrey: Browser;
  before(async () => {
    portal = await startPortal();
    audrey = await portal.signedIn('acme/audrey');
  });
  after(() => portal.close());

  const list = (query = '') => audrey.open(`/admin/users${query}`);

  it('shows everybody of the organisation by name, with roles and state, and nobody else', async () => {
    const page = await list();
    assert.deepEqual(names(page), CAST);
    assert.match(page.text, /Olivia Okafor\s+olivia@acme\.example\s+Owner\s+Active/);
    assert.match(page.text, /Robo the build server.*Service account/s);
    assert.match(page.text, /1–6 of 6/);
    assert.doesNotMatch(page.text, /Gina|Opal/);
  });

  it('finds by any part of name, username and e-mail, in any order and case', async () => {
    for (const [q, found] of [
      ['uma', ['Uma Ndiaye', 'Umar Usman']],
      ['UMAR', ['Umar Usman']],
      ['okafor olivia', ['Olivia Okafor']],
      ['audrey@acme', ['Audrey Aalto']],
      ['ｕｍａｒ', ['Umar Usman']],
      ['%', []],
      ['_', []],
      ['!', []],
      ["' OR 1=1 --", []],
      ['nobody', []],
    ] as const) {
      const page = await list(`?q=${encodeURIComponent(q)}`);
      assert.equal(page.status, 200, q);
      assert.deepEqual(names(page), found, q);
      assert.equal(page.valueOf('q'), q);
    }
    const empty = await list('?q=nobody');
    assert.match(empty.text, /No user matches/);
    assert.ok(empty.links().includes('/admin/users'));
  });

  it('has Ärger under A and finds Ødegård as people without these letters write it', async () => {
    const { tenantId } = await userCalled(portal, 'acme/uma');
    const people = ['Ärger Zacharias', 'Ødegård Émile', 'Łukasz Żak'];
    for (const [n, name] of people.entries())
      await User.create({
        tenantId,
        status: 'active',
        username: `letter${n}`,
        name,
        email: `l${n}@münchen.example`,
        createdAt: 1,
      });
    for (const [q, name] of [
      ['odegard emile', 'Ødegård Émile'],
      ['ÄRGER', 'Ärger Zacharias'],
      ['lukasz zak', 'Łukasz Żak'],
      ['l1@münchen', 'Ødegård Émile'],
    ] as const)
      assert.deepEqual(names(await list(`?q=${encodeURIComponent(q)}`)), [name], q);
    assert.deepEqual(names(await list()), [
      'Adam Arslan',
      'Ärger Zacharias',
      'Audrey Aalto',
      'Łukasz Żak',
      'Ødegård Émile',
      'Olivia Okafor',
      'Robo the build server',
      'Uma Ndiaye',
      'Umar Usman',
    ]);
    await User.destroy({ where: { username: ['letter0', 'letter1', 'letter2'] } });
  });

  it('takes % and _ of a name for what they are', async () => {
    const uma = await userCalled(portal, 'acme/uma');
    const rename = async (name: string) => {
      uma.set({ name }).setKeys();
      await uma.save();
    };
    await rename('100% Uma_Ndiaye!');
    for (const q of ['100%', 'a_n', 'ndiaye!', '%'])
      assert.deepEqual(names(await list(`?q=${encodeURIComponent(q)}`)), ['100% Uma_Ndiaye!'], q);
    await rename('Uma Ndiaye');
  });

  it('filters by status, role, two-factor and lock, and says how to see everybody again', async () => {
    const umar = await userCalled(portal, 'acme/umar');
    await umar.update({ status: 'disabled', twoFactor: 'pending', lockedUntil: portal.clock.now() + 60_000 });
    for (const query of [
      'status=disabled',
      'twoFactor=pending',
      'locked=yes',
      'status=disabled&twoFactor=pending&locked=yes&q=umar',
    ]) {
      const page = await list(`?${query}`);
      assert.deepEqual(names(page), ['Umar Usman'], query);
      assert.ok(page.links().includes('/admin/users'), 'a link that clears the filters');
    }
    const users = await list(`?roleId=${await roleId(portal, 'acme', 'user')}&status=active`);
    assert.deepEqual(names(users), ['Robo the build server', 'Uma Ndiaye']);
    assert.equal(users.document.querySelector('select[name=status] option[selected]')?.getAttribute('value'), 'active');
    await umar.update({ status: 'active', twoFactor: 'disabled', lockedUntil: portal.clock.now() - 1 });
    assert.deepEqual(names(await list('?locked=yes')), [], 'a lock that has run out is none');
  });

  it('calls stale who could sign in and has not for 90 days', async () => {
    const now = portal.clock.now();
    const set = async (who: string, values: Partial<User>) => (await userCalled(portal, who)).update(values);
    await set('acme/uma', { createdAt: now - 200 * DAY, lastSignedInAt: now - 91 * DAY });
    await set('acme/umar', { createdAt: now - 91 * DAY, lastSignedInAt: null });
    await set('acme/olivia', { createdAt: now - 200 * DAY, lastSignedInAt: now - 89 * DAY });
    await set('acme/robo', { createdAt: now - 200 * DAY });
    assert.deepEqual(names(await list('?stale=yes')), ['Uma Ndiaye', 'Umar Usman']);
    await set('acme/umar', { status: 'disabled' });
    assert.deepEqual(names(await list('?stale=yes')), ['Uma Ndiaye']);
    await set('acme/umar', { status: 'active' });
  });

  it('sorts by each of its columns, both ways, by a link in the head, and in all orders by a choice', async () => {
    assert.deepEqual(names(await list('?sort=-username')), [...CAST].reverse());
    const page = await list('?sort=name');
    const heads = page.document.querySelectorAll('thead a').map((link) => link.getAttribute('href'));
    assert.deepEqual(
      heads,
      ['-name', 'status', 'lastSignedInAt'].map((sort) => `/admin/users?sort=${sort}`),
    );
    assert.equal(page.document.querySelectorAll('thead th')[0]!.getAttribute('aria-sort'), 'ascending');
    for (const sort of ['name', 'email', 'status', 'lastSignedInAt', 'createdAt']) {
      const [up, down] = [names(await list(`?sort=${sort}`)), names(await list(`?sort=-${sort}`))];
      assert.deepEqual([...up].sort(), CAST, sort);
      assert.deepEqual(down, [...up].reverse(), sort);
    }
    assert.equal(names(await list('?sort=lastSignedInAt'))[0], 'Adam Arslan', 'who has never signed in comes first');
  });

  it('is shown in spite of a query that makes no sense', async () => {
    const odd = [
      '?status=x&roleId=1&twoFactor=on&locked=1&stale=no&sort=password_hash&page=0&after=x',
      '?page=-1',
      '?page=1e9',
      '?page=99',
      '?q=%00',
      '?q=a&q=b',
      `?q=${'x'.repeat(101)}`,
    ];
    for (const query of odd) {
      const page = await list(query);
      assert.equal(page.status, 200, query);
      assert.deepEqual(names(page), query.includes('q=a') ? names(await list()) : CAST, query);
    }
  });

  it('says which part of the address it could not read, and that a page is not there', async () => {
    const page = await list('?sort=password_hash&status=gone&page=0&kind=robot');
    assert.match(page.text, /beyond what this list knows was left out: kind, status, order, page\./);
    assert.match((await list('?page=99')).text, /was left out: page 99, which is not there\./);
    assert.doesNotMatch((await list('?sort=-name&status=&page=1')).text, /left out/);
  });

  it('tells people from service accounts, and counts what it found', async () => {
    const page = await list('?kind=service');
    assert.deepEqual(names(page), ['Robo the build server']);
    assert.match(page.text, /One user/);
    assert.equal(names(await list('?kind=person')).length, CAST.length - 1);
  });

  it('of more than a thousand is read page by page to its end and back, every user once', async () => {
    const { tenant, now } = await contextIn(portal, 'acme');
    const role = await roleId(portal, 'acme', 'user');
    const rows = Array.from({ length: 1100 }, (_, index) => {
      const username = `extra.${String(index % 400).padStart(4, '0')}.${index}`;
      return {
        id: newId(),
        tenantId: tenant.id,
        status: 'active' as const,
        username,
        name: `Extra ${index % 400}`,
        email: `${username}@acme.example`,
        createdAt: now,
      };
    });
    await inTransaction(async () => {
      await User.bulkCreate(rows);
      await UserRole.bulkCreate(rows.map(({ id }) => ({ tenantId: tenant.id, userId: id, roleId: role })));
    });
    const seen: string[][] = [];
    let page = await list('?sort=-status');
    assert.match(page.text, /1–50 of 1,000\+/);
    for (;;) {
      seen.push(linked(page));
      const next = page.document.querySelector('a[rel=next]')?.getAttribute('href');
      if (!next) break;
      page = await audrey.open(next.replaceAll('&amp;', '&'));
    }
    assert.equal(seen.flat().length, 1106);
    assert.equal(new Set(seen.flat()).size, 1106);
    for (let at = seen.length - 2; at >= 0; at -= 1) {
      page = await audrey.open(
        page.document.querySelector('a[rel=prev]')!.getAttribute('href')!.replaceAll('&amp;', '&'),
      );
      assert.deepEqual(linked(page), seen[at], `page ${at + 1}`);
    }
    assert.equal(page.document.querySelector('a[rel=prev]'), null);
    assert.match((await list(`?roleId=${role}&page=2`)).text, /51–100 of 1,000\+/);
    assert.match((await list('?page=41')).text, /951–1000 of 1,000\+/, 'numbered pages end where counting ends');
  });

  it('finds one among them, by its number, in each order, and nobody who only has the same letters elsewhere', async () => {
    const context = await contextIn(portal, 'acme');
    for (const sort of SORTS) {
      const found = async (q: string) =>
        (await listUsers(context, { q }, { sort, page: 1 })).users.map((u) => u.username);
      assert.deepEqual(await found('0399.799'), ['extra.0399.799'], sort);
      assert.deepEqual(await found('extra okafor'), [], sort);
      assert.deepEqual(await found('extratra'), [], 'made of letters that stand there, in another place');
      assert.equal((await listUsers(context, { q: 'extra' }, { sort, page: 1 })).total, '1,000+', sort);
    }
  });

  it('finds somebody by the new name from the moment of the change on, and no longer by the old', async () => {
    const uma = await userCalled(portal, 'acme/uma');
    const called = async (name: string): Promise<void> => {
      uma.set({ name }).setKeys();
      await uma.save();
    };
    await called('Şerife İbrahim-Großmann');
    for (const q of ['ibrahim', 'SERIFE', 'grossmann', 'GROẞMANN', 'İBRAHİM'])
      assert.deepEqual(names(await list(`?q=${encodeURIComponent(q)}`)), ['Şerife İbrahim-Großmann'], q);
    assert.deepEqual(names(await list('?q=ndiaye')), []);
    await called('Uma Ndiaye');
    assert.deepEqual(names(await list('?q=ibrahim')), []);
    assert.deepEqual(names(await list('?q=ndiaye')), ['Uma Ndiaye']);
  });

  it('keeps every order from page to page, also where many users stand alike in it', async () => {
    const context = await contextIn(portal, 'acme');
    for (const sort of SORTS) {
      const ids = new Set<string>();
      let place: Place = { sort, page: 1 };
      let count = 0;
      for (;;) {
        const { users, page, hasNext } = await listUsers(context, { q: '' }, place);
        for (const { id } of users) ids.add(id);
        count += users.length;
        if (!hasNext) break;
        place = { sort, page: page + 1, after: users.at(-1)!.id };
      }
      assert.deepEqual([count, ids.size], [1106, 1106], sort);
    }
  });
});
