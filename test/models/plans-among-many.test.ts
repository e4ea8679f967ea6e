import assert from 'node:assert/strict';
import { QueryTypes } from 'sequelize';
import sqlite3 from 'sqlite3';
import type { Bind } from '#models/database.js';
import { Tenant } from '#models/tenant.js';
import { findUser } from '#server/cli/find.js';
import { adminsOf } from '#server/identity/admins.js';
import { deliverDue } from '#server/mail/delivery.js';
import { startPortal, type Portal } from '../support/portal.js';
import { statementsOf } from '../support/asked.js';

/** To go through all roles that anybody holds, all people or all credentials of an organisation. */
const ALL_OF_THEM = /^(?:SCAN|SEARCH) (?:u|User|users|ur|held|user_roles|roles->user_role|c|m|outbox_messages)\b/;
const BY_ONE_AND_MORE =
  /\((?:tenant_id=\? AND |id=\?|user_id=\?|<expr>)|INDEX (?:\w+_due|users_break_glass|users_without_app|users_with_passkey)\b/;

// SQLite plans a statement by its text and the indexes alone: on few rows as on a hundred thousand.
describe('Among a hundred thousand people', () => {
  let portal: Portal;
  before(async function () {
    portal = await startPortal();
    // SQLite goes by the order of the words and the indexes there are; PostgreSQL by how many rows it has counted of each.
    if (portal.database.dialect !== 'sqlite') this.skip();
  });
  after(() => portal.close());

  const page = (path: string) => async () => {
    const { status } = await (await portal.signedIn('acme/olivia')).get(path);
    assert.equal(status, 200, path);
  };

  const WORK: Record<string, { about: RegExp; work: () => Promise<unknown> }> = {
    'the check-up of an organisation': { about: /admins-without-second-factor/, work: page('/admin/checkup') },
    'the people with a passkey': {
      about: /has_passkey ORDER BY.* LIMIT 1001/s,
      work: page('/admin/users?passkey=yes'),
    },
    'the people without a second factor': { about: /LIMIT 1001/, work: page('/admin/users?secondFactor=no') },
    'the accounts of programs': { about: /u\.kind = \$2 LIMIT 1001/, work: page('/admin/users?kind=service') },
    'those who look after accounts': {
      about: /users|roles/,
      work: async () => adminsOf((await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true })).id, ''),
    },
    'a user whom the command line names': {
      about: /`?user_roles`?/,
      work: () => findUser({ organization: 'acme', username: 'uma' }),
    },
    'the mails that are due': {
      about: /FROM outbox_messages WHERE state = 'queued'/,
      work: () => deliverDue(portal.services, { send: () => Promise.reject(new Error('none')) } as never),
    },
  };

  for (const [what, { about, work }] of Object.entries(WORK))
    it(`${what}: the engine begins with what is rare`, async () => {
      const asked = (await statementsOf(portal, work)).filter(({ sql }) => about.test(sql));
      assert.ok(asked.length > 0);
      for (const { sql, bind } of asked)
        for (const line of await planOf(sql, bind)) {
          assert.ok(!ALL_OF_THEM.test(line) || BY_ONE_AND_MORE.test(line), `${line} in ${sql}`);
          if (what.includes('mails')) assert.doesNotMatch(line, /TEMP B-TREE/);
        }
    });

  it('the accounts kept for the worst day are found by an index of their own, and not among all who have long been away', async () => {
    const [asked] = (await statementsOf(portal, page('/admin/checkup'))).filter(({ sql }) =>
      sql.includes('break-glass'),
    );
    const plan = await planOf(asked?.sql ?? '', asked?.bind ?? []);
    assert.ok(plan.some((line) => /users_break_glass/.test(line)));
    assert.equal(plan.filter((line) => /users_by_activity/.test(line)).length, 1);
  });

  it('what is asked of one person is looked for among what they have, and not among what everybody has', async () => {
    const [asked] = (await statementsOf(portal, page('/security'))).filter(({ sql }) => sql.includes("'unused'"));
    const plan = await planOf(asked?.sql ?? '', asked?.bind ?? []);
    assert.deepEqual(
      plan.filter((line) => /api_credentials/.test(line) && !/user_id=\?/.test(line)),
      [],
    );
    assert.ok(plan.some((line) => /api_credentials_live_by_user/.test(line)));
  });

  it('who signs in is written down among what is theirs, and not among what everybody has', async () => {
    const texts = new Set<string>();
    const { all } = sqlite3.Statement.prototype;
    sqlite3.Statement.prototype.all = function (this: sqlite3.Statement & { sql: string }, ...given: never[]) {
      texts.add(this.sql);
      return (all as (...those: never[]) => sqlite3.Statement).apply(this, given);
    } as typeof all;
    try {
      await portal.signedIn('acme/umar');
    } finally {
      sqlite3.Statement.prototype.all = all;
    }
    const theirs = [...texts].filter((sql) => /\b(?:users|sessions|known_browsers)\b/.test(sql));
    assert.ok(['users', 'sessions'].every((table) => theirs.some((sql) => sql.includes(`UPDATE ${table} SET`))));
    for (const sql of theirs)
      for (const { detail } of await portal.database.read(`EXPLAIN QUERY PLAN ${sql}`, []))
        assert.doesNotMatch(String(detail), /^SCAN (?:users|u|sessions|s|known_browsers|b)\b/, sql);
  });

  async function planOf(sql: string, bind: Bind): Promise<string[]> {
    const text = `EXPLAIN QUERY PLAN ${sql.replace(/;\s*$/, '')}`;
    const rows = await portal.database.sequelize.query<{ detail: string }>(text, {
      bind: [...bind],
      type: QueryTypes.SELECT,
    });
    return rows.map(({ detail }) => detail);
  }
});
