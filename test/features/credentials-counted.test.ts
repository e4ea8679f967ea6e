import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
import { countListed } from '#server/features/credentials/count.js';
import { listCredentials } from '#server/features/credentials/list.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';

const PEOPLE = 10_100;

describe('Where more than ten thousand have no two-factor authentication', () => {
  let portal: Portal;
  let context: TenantContext;
  before(async () => {
    portal = await startPortal();
    context = await contextIn(portal, 'acme');
    await addPeople(portal);
  });
  after(() => portal.close());

  /** How many are met by who goes from page to page. */
  const listed = async (): Promise<number> => {
    let found = 0;
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const page = await listCredentials(context, { ownerWithoutTwoFactor: 'yes', limit: 200, cursor });
      found += page.credentials.length;
      cursor = page.next;
    }
    return found;
  };
  const counted = () => countListed(context, { ownerWithoutTwoFactor: 'yes' });
  const give = (from: number, many: number, people = many) =>
    ApiCredential.bulkCreate(
      Array.from({ length: many }, (_, at) => ({
        ...{
          tenantId: context.tenant.id,
          userId: `user-${from + (at % people)}`,
          kind: 'token' as const,
          name: 'Backup',
        },
        ...{ createdAt: context.now, expiresAt: context.now + 1000 },
      })),
    );

  it('their credentials are counted as they are listed, few or many, of whomever they are', async () => {
    const atFirst = await listed();
    assert.equal(await counted(), atFirst);
    await User.update({ twoFactor: 'active' }, { where: { id: ['user-15000', 'user-15001'] }, hooks: false });
    await give(15_000, 1100, 2);
    assert.equal(await counted(), atFirst, 'Theirs who have an app.');
    await give(16_000, 700);
    assert.equal(await counted(), atFirst + 700);
    assert.equal(await listed(), atFirst + 700);
    // One of them has an app now.
    await User.update({ twoFactor: 'active' }, { where: { id: 'user-16007' }, hooks: false });
    assert.equal(await counted(), atFirst + 699);
    await give(10_001, 200);
    assert.equal(await counted(), atFirst + 899);
    await give(10_201, 900);
    assert.equal(await counted(), '1,000+');
  });
});

/** As Uma is, without any second factor; made by the database itself. */
async function addPeople({ database, idOf }: Portal): Promise<void> {
  const { sequelize, dialect } = database;
  const numbers =
    dialect === 'sqlite'
      ? `(WITH RECURSIVE n(i) AS (SELECT 10001 UNION ALL SELECT i + 1 FROM n WHERE i < ${10_000 + PEOPLE}) SELECT i FROM n)`
      : `(SELECT i FROM generate_series(10001, ${10_000 + PEOPLE}) AS g(i))`;
  const columns = Object.keys((await database.read('SELECT * FROM users WHERE id = $1', [idOf('acme/uma')]))[0] ?? {});
  const own: Record<string, string> = {
    ...{ id: `'user-' || n.i`, two_factor: `'disabled'`, username: `'someone-' || n.i` },
    ...{ username_key: `'someone-' || n.i`, email_key: `n.i || '@acme.example'`, search_key: `'someone-' || n.i` },
  };
  const values = columns.map((column) => own[column] ?? `u.${column}`).join(', ');
  await sequelize.query(
    `INSERT INTO users (${columns.join(', ')}) SELECT ${values} FROM users u, ${numbers} n WHERE u.id = $1`,
    { bind: [idOf('acme/uma')] },
  );
}
