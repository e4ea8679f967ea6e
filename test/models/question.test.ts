import assert from 'node:assert/strict';
import { ask, askTogether, type Question } from '#models/question.js';
import type { Row } from '#models/database.js';
import { startPortal, type Portal } from '../support/portal.js';

const AWKWARD = 'He said "no", \\ O’Hara; {"a":[1]} – 日本 🙂\n';

describe('Questions to the database', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  const usernames = (slug: string, status: string, limit: number): Question<string[]> => ({
    columns: ['username', 'created_at'],
    sql: `SELECT u.username, u.created_at FROM users u JOIN tenants t ON t.id = u.tenant_id
      WHERE t.slug = $1 AND u.status = $2 ORDER BY u.username DESC LIMIT ${limit}`,
    bind: [slug, status],
    answer: (rows) => rows.map((row) => String(row['username'])),
  });
  const echo = (text: string, number: number): Question<Row[]> => ({
    columns: ['said', 'counted', 'missing'],
    // The second value stands first: places, not the order of reading, say which is which.
    sql: 'SELECT CAST($2 AS VARCHAR(200)) AS said, CAST($1 AS BIGINT) AS counted, NULL AS missing',
    bind: [number, text],
    answer: (rows) => rows,
  });

  it('have the same answers together as each by itself, each with its own values, in its own order', async () => {
    const questions = [
      usernames('acme', 'active', 3),
      echo(AWKWARD, 9_007_199_254_740_991),
      usernames('globex', 'active', 50),
      usernames('acme', 'invited', 50),
    ] as const;
    const together = await askTogether(portal.database, questions);
    assert.deepEqual(together[0], ['umar', 'uma', 'robo']);
    assert.deepEqual(together[1], [{ said: AWKWARD, counted: 9_007_199_254_740_991, missing: null }]);
    assert.deepEqual(together[2], ['oscar', 'gina', 'gary']);
    assert.deepEqual(together[3], [], 'Nothing found is an empty answer, not a missing one.');
    for (const [at, question] of questions.entries())
      assert.deepEqual(await ask<unknown>(portal.database, question), together[at]);
  });

  it('are not mixed up by being asked again with other values', async () => {
    const [first] = await askTogether(portal.database, [usernames('acme', 'active', 1), echo('a', 1)]);
    const [second, said] = await askTogether(portal.database, [usernames('globex', 'active', 1), echo('b', 2)]);
    assert.deepEqual([first, second], [['umar'], ['oscar']]);
    assert.deepEqual(said, [{ said: 'b', counted: 2, missing: null }]);
  });

  it('that make no sense are refused, however many ask at once, and hold up nobody', async () => {
    const asked = Array.from({ length: 3 }, () => portal.database.read('SELECT none FROM nowhere', []));
    for (const one of await Promise.allSettled(asked)) assert.equal(one.status, 'rejected');
    assert.equal((await portal.database.read('SELECT 1 AS one', []))[0]?.['one'], 1);
  });
});
