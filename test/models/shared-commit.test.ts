import assert from 'node:assert/strict';
import { insertRowAtTheEnd } from '#models/at-the-end.js';
import { inShortTransaction } from '#models/shared-commit.js';
import { afterCommit, inTransaction } from '#models/transaction.js';
import { Tenant } from '#models/tenant.js';
import { startPortal, type Portal } from '../support/portal.js';

class Thrown extends Error {}

describe('Short transactions that wait at the same time share a commit', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  const slugs = async (): Promise<string[]> => {
    const rows = await portal.database.read('SELECT slug FROM tenants', []);
    return rows.map(({ slug }) => String(slug)).sort();
  };
  const make = (slug: string) => Tenant.create({ slug, name: slug, createdAt: 1 });
  const fail = (): never => {
    throw new Thrown();
  };
  const short = <T>(work: () => Promise<T>): Promise<T> => inShortTransaction(portal.database, work);

  it('Each is whole or not there at all: what throws takes nothing of the others with it, the first no more than the last', async () => {
    for (const [round, failing] of [[0], [19], [0, 1, 7, 8], Array.from({ length: 20 }, (_, at) => at)].entries()) {
      const before = await slugs();
      const done = await Promise.allSettled(
        Array.from({ length: 20 }, (_, at) =>
          short(async () => {
            await make(`r${round}-${at}`);
            await inTransaction(() => make(`r${round}-${at}-inner`));
            await assert.rejects(
              inTransaction(() => make(`r${round}-${at}-gone`).then(() => fail())),
              Thrown,
            );
            if (failing.includes(at)) fail();
            return at;
          }),
        ),
      );
      const right = done.flatMap((one, at) => (one.status === 'fulfilled' ? [at] : []));
      assert.deepEqual(
        right,
        Array.from({ length: 20 }, (_, at) => at).filter((at) => !failing.includes(at)),
      );
      assert.deepEqual(
        done.map((one, at) => (one.status === 'fulfilled' ? one.value : one.reason instanceof Thrown && at)),
        Array.from({ length: 20 }, (_, at) => at),
      );
      const made = right.flatMap((at) => [`r${round}-${at}`, `r${round}-${at}-inner`]);
      assert.deepEqual(await slugs(), [...before, ...made].sort());
    }
  });

  it('Whoever is told that it is done can read it, and those who waited together have waited for one commit', async () => {
    let begun = 0;
    const { sequelize } = portal.database;
    const usual = sequelize.transaction;
    sequelize.transaction = function (this: unknown, ...given: unknown[]) {
      begun += 1;
      return (usual as (...all: unknown[]) => unknown).apply(this, given);
    } as typeof usual;
    try {
      await Promise.all(
        Array.from({ length: 30 }, async (_, at) => {
          await short(() => make(`seen-${at}`));
          assert.ok((await slugs()).includes(`seen-${at}`));
        }),
      );
    } finally {
      sequelize.transaction = usual;
    }
    assert.equal(begun, portal.database.dialect === 'sqlite' ? 2 : 30);
  });

  it('Where the commit comes to nothing, all who shared it are told so, nothing is kept, and the next one begins afresh', async function () {
    if (portal.database.dialect !== 'sqlite') return this.skip();
    const before = await slugs();
    const broken = async (): Promise<void> => {
      await portal.database.sequelize.query('PRAGMA defer_foreign_keys=ON');
      await portal.database.sequelize.query(
        "INSERT INTO known_browsers (tenant_id, user_id, browser_hash, created_at, last_used_at) VALUES ('x', 'y', 'z', 1, 1)",
      );
    };
    const done = await Promise.allSettled([short(() => make('lost-1')), short(broken), short(() => make('lost-2'))]);
    for (const one of done) assert.match(String(one.status === 'rejected' && one.reason), /FOREIGN KEY/);
    assert.deepEqual(await slugs(), before);
    await short(() => make('after-all'));
    assert.deepEqual(await slugs(), [...before, 'after-all'].sort());
  });

  it('What is to be done after the commit is not done for one that was taken back', async () => {
    const heard: string[] = [];
    const one = (name: string, fails: boolean) =>
      short(async () => {
        afterCommit(() => heard.push(name));
        await make(`heard-${name}`);
        if (fails) fail();
      });
    await Promise.allSettled([one('a', true), one('b', false), one('c', true), one('d', false)]);
    assert.deepEqual(heard.sort(), ['b', 'd']);
  });

  it('What is left to the end is written for each that is kept, and for nothing that was taken back', async () => {
    const before = await slugs();
    const end = (slug: string) => insertRowAtTheEnd(Tenant, { slug, name: slug, createdAt: 1 });
    await Promise.allSettled(
      Array.from({ length: 20 }, (_, at) =>
        short(async () => {
          await end(`end-${at}`);
          await make(`beside-${at}`);
          await assert.rejects(
            inTransaction(() => end(`end-${at}-gone`).then(() => fail())),
            Thrown,
          );
          if (at % 3 === 0) fail();
        }),
      ),
    );
    const kept = Array.from({ length: 20 }, (_, at) => at).filter((at) => at % 3 !== 0);
    assert.deepEqual(await slugs(), [...before, ...kept.flatMap((at) => [`beside-${at}`, `end-${at}`])].sort());
  });

  it('Where what was left to the end cannot be written, nobody who shared it is told that it was done', async () => {
    const before = await slugs();
    const twice = (slug: string) => short(() => insertRowAtTheEnd(Tenant, { slug, name: slug, createdAt: 1 }));
    const done = await Promise.allSettled([twice('one'), twice('same'), twice('same')]);
    const told = done.filter(({ status }) => status === 'fulfilled').length;
    assert.equal((await slugs()).length, before.length + told);
    // Side by side, as PostgreSQL has them, either may be first.
    assert.ok(done.slice(1).some(({ status }) => status === 'rejected'));
    await short(() => make('and-after'));
    assert.ok((await slugs()).includes('and-after'));
  });

  it('One that comes while others are being kept is taken as well', async () => {
    const before = (await slugs()).length;
    await Promise.all(
      Array.from({ length: 40 }, async (_, at) => {
        await new Promise((resolve) => setTimeout(resolve, at));
        await short(() => make(`late-${at}`));
      }),
    );
    assert.equal((await slugs()).length, before + 40);
  });
});
