import assert from 'node:assert/strict';
import { migration as passkeys } from '#models/migrations/0020-passkeys.js';
import { migration as passwordSignIn } from '#models/migrations/0055-password-sign-in.js';
import { migration as passkeyCounter } from '#models/migrations/0056-passkey-counter.js';
import { DEFAULT_POLICY } from '#policies/security-policy.js';
import { startPortal, type Portal } from '../support/portal.js';

/** What an organisation that was there before a setting has of it: what it let people do until then. */
const BEFORE = [
  { migration: passkeys, column: 'passkeys', value: 'second-factor' },
  { migration: passwordSignIn, column: 'password_sign_in', value: 'allowed' },
  { migration: passkeyCounter, column: 'passkey_counter', value: 'report' },
];

describe('An organisation that is older than a setting of passkeys', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  for (const { migration, column, value } of BEFORE)
    it(`goes on as it did: ${column} is ${value}`, async () => {
      const { sequelize, read } = portal.database;
      await sequelize.query(`ALTER TABLE security_policies DROP COLUMN ${column}`);
      const adding = migration.up.filter((sql) => sql.includes(`security_policies ADD COLUMN ${column} `));
      assert.equal(adding.length, 1);
      await sequelize.query(adding[0] ?? '');
      const rows = await read(`SELECT ${column} AS value FROM security_policies`, []);
      assert.deepEqual([...new Set(rows.map((row) => row['value']))], [value]);
    });

  it('while a new one begins with passkeys that stand instead of the password', () => {
    assert.equal(DEFAULT_POLICY.passkeys, 'passwordless');
  });
});
