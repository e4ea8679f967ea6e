import assert from 'node:assert/strict';
import { QueryTypes } from 'sequelize';
import { columnNames, tableNames } from '#models/tables.js';
import { exportTenant } from '#server/features/tenants/export.js';
import type { TenantContext } from '#server/context.js';
import { resumeTenant, suspendTenant } from '#server/features/tenants/actions.js';
import { removeTenant } from '#server/features/tenants/remove.js';
import type { Browser, Page } from '../support/browser.js';
import { makeToken } from '../support/credentials.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';

type Rows = Record<string, Record<string, unknown>[]>;

describe('The export of an organisation', () => {
  let portal: Portal;
  let opal: Browser;
  let acme: string;
  let path: string;
  before(async () => {
    portal = await startPortal();
    opal = await portal.signedIn('platform/opal');
    await makeToken(await portal.signedIn('acme/olivia'));
    await portal.signedIn('globex/gina');
    const [row] = await portal.database.read(`SELECT id FROM tenants WHERE slug = 'acme'`, []);
    acme = String(row?.['id']);
    path = `/platform/tenants/${acme}`;
  });
  after(() => portal.close());
  const take = (browser: Browser): Promise<Page> => browser.submit(path, `${path}/export`);
  const taken = async (): Promise<Rows> => JSON.parse((await take(opal)).html) as Rows;

  it('has every row of every table that knows the organisation, and none of another', async () => {
    const found = await taken();
    for (const table of await tableNames(portal.database)) {
      const columns = await columnNames(portal.database, table);
      if (!columns.includes('tenant_id')) continue;
      const sql = `SELECT COUNT(*) AS many FROM ${table} WHERE tenant_id = $1`;
      const [counted] = await portal.database.sequelize.query<{ many: number }>(sql, {
        bind: [acme],
        type: QueryTypes.SELECT,
      });
      const rows = found[table] ?? assert.fail(`${table} is missing`);
      // What this very sign-in and the export write is the operators' own.
      assert.equal(rows.length, Number(counted?.many), table);
      assert.ok(
        rows.every((row) => row['tenant_id'] === acme),
        table,
      );
      const open = columns.filter((column) => !/hash$|mac$|^sealed_/.test(column)).sort();
      if (rows[0]) assert.deepEqual(Object.keys(rows[0]).sort(), open, table);
    }
    assert.ok((found['users'] ?? []).length >= 5 && (found['api_credentials'] ?? []).length === 1);
  });

  it('has each row once, also of a table of many pages, whatever its rows are named by', async () => {
    const { sequelize, dialect } = portal.database;
    const numbers =
      dialect === 'sqlite'
        ? 'WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1300) SELECT n FROM n'
        : 'SELECT n FROM generate_series(1, 1300) AS n';
    await sequelize.query(
      `INSERT INTO security_event_days (tenant_id, event, day, happened) SELECT $1, 'made.up.' || (n % 7), n, n FROM (${numbers}) AS made`,
      { bind: [acme] },
    );
    await sequelize.query(
      `INSERT INTO known_browsers (browser_hash, tenant_id, user_id, created_at, last_used_at)
       SELECT 'made up ' || n, $1, (SELECT id FROM users WHERE username = 'uma'), n, n FROM (${numbers}) AS made`,
      { bind: [acme] },
    );
    const found = await taken();
    for (const table of ['security_event_days', 'known_browsers']) {
      const rows = (found[table] ?? []).map((row) => JSON.stringify(row));
      assert.ok(rows.length >= 1300, table);
      assert.equal(new Set(rows).size, rows.length, table);
    }
    assert.doesNotMatch(JSON.stringify(found), /made up \d|key_0/);
  });

  it('has no secret in it, nor a hash of one', async () => {
    const { html: body } = await take(opal);
    let looked = 0;
    for (const table of await tableNames(portal.database))
      for (const column of await columnNames(portal.database, table)) {
        if (!/hash$|mac$|^sealed_|secret/.test(column)) continue;
        for (const row of await portal.database.sequelize.query<Record<string, unknown>>(
          `SELECT "${column}" FROM ${table}`,
          { type: QueryTypes.SELECT },
        )) {
          const value = row[column];
          if (typeof value !== 'string' || value.length < 16) continue;
          looked += 1;
          assert.ok(!body.includes(value), `${table}.${column}`);
        }
      }
    assert.ok(looked > 20);
  });

  it('is noted in both logs, is for operators alone, and may be taken again', async () => {
    const noted = `SELECT tenant_id FROM security_events WHERE event = 'tenant.exported'`;
    const before = (await portal.database.read(noted, [])).length;
    await take(opal);
    assert.equal((await portal.database.read(noted, [])).length, before + 2);
    const olivia = await portal.signedIn('acme/olivia');
    assert.equal((await olivia.post(`${path}/export`, { _csrf: await olivia.csrf('/profile') })).status, 403);
  });

  const begun = async (context: TenantContext, id: string): Promise<AsyncGenerator<string>> => {
    const parts = await (await exportTenant(context, id)).begin();
    await parts.next();
    return parts;
  };

  it('breaks off where the organisation is suspended or opened while it is being read: it would say what was, and hold what is', async () => {
    const context = await contextIn(portal, 'platform');
    for (const change of [suspendTenant, resumeTenant]) {
      const parts = await begun(context, acme);
      await change(context, acme);
      await assert.rejects(async () => {
        for await (const part of parts) assert.ok(part.length > 0);
      }, /suspended or opened, or its log archived/);
    }
  });

  it('breaks off where the organisation is removed while it is being read: half a file must not look like a whole one', async () => {
    const context = await contextIn(portal, 'platform');
    const [globex] = await portal.database.read(`SELECT id FROM tenants WHERE slug = 'globex'`, []);
    const parts = await begun(context, String(globex?.['id']));
    await removeTenant(context, String(globex?.['id']), null);
    await assert.rejects(async () => {
      for await (const part of parts) assert.ok(part.length > 0);
    }, /removed while it was being read/);
  });

  it('is what the page of the removal offers first', async () => {
    const page = await opal.get(`${path}/removal`);
    assert.match(page.text, /Export it first/);
  });
});
