// The history of security policies; of the organisations there are, how each is now.
import { QueryTypes, type Sequelize } from 'sequelize';
import { newId } from '../columns.js';
import type { Migration } from './index.js';

// What the table had when this was written: SQLite gives 0 and 1 for these.
const FLAGS = [
  'require_upper',
  'require_lower',
  'require_digit',
  'require_symbol',
  'forbid_names',
  'forbid_common',
  'change_at_first_sign_in',
  'allow_password_on_api',
];
const NO_VALUES = ['tenant_id', 'two_factor_since', 'updated_at'];

export const migration: Migration = {
  name: '0034-policy-history',
  up: [
    `CREATE TABLE policy_entries (
      id VARCHAR(36) PRIMARY KEY,
      tenant_id VARCHAR(36) NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
      changed_at BIGINT NOT NULL,
      actor_id VARCHAR(36),
      actor_tenant_id VARCHAR(36),
      door VARCHAR(3) NOT NULL,
      way VARCHAR(10) NOT NULL,
      differences TEXT NOT NULL,
      state TEXT NOT NULL,
      restored_id VARCHAR(36)
    )`,
    'CREATE INDEX policy_entries_by_time ON policy_entries (tenant_id, changed_at, id)',
  ],
  async fill(sequelize) {
    for (const row of await sequelize.query<Row>('SELECT * FROM security_policies', { type: QueryTypes.SELECT }))
      await begin(sequelize, row);
  },
  down: ['DROP TABLE policy_entries'],
};

type Row = Record<string, string | number | boolean>;

async function begin(sequelize: Sequelize, row: Row): Promise<void> {
  const values = Object.entries(row)
    .filter(([column]) => !NO_VALUES.includes(column))
    .map(([column, value]) => [
      column.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      FLAGS.includes(column) ? value === true || value === 1 : value,
    ]);
  await sequelize.query(
    `INSERT INTO policy_entries (id, tenant_id, changed_at, door, way, differences, state)
     VALUES ($1, $2, CAST($3 AS BIGINT), 'job', 'begun', '[]', $4)`,
    { bind: [newId(), row['tenant_id'], row['updated_at'], JSON.stringify(Object.fromEntries(values))] },
  );
}
