// The texts of mails that an organisation words itself, each change a version of its own.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0041-mail-templates',
  up: [
    `CREATE TABLE mail_templates (
      id VARCHAR(36) PRIMARY KEY,
      tenant_id VARCHAR(36) NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
      event VARCHAR(60) NOT NULL,
      locale VARCHAR(10) NOT NULL,
      version INTEGER NOT NULL,
      enabled BOOLEAN NOT NULL,
      subject VARCHAR(400),
      text TEXT,
      html TEXT,
      created_at BIGINT NOT NULL,
      created_by VARCHAR(36),
      UNIQUE (tenant_id, event, locale, version)
    )`,
  ],
  down: ['DROP TABLE mail_templates'],
};
