// API keys and API passwords: those of before get the end that the policy gives to new ones, and two weeks at least.
import type { Migration } from './index.js';

const CAP = '(SELECT p.token_max_months FROM security_policies p WHERE p.tenant_id = api_credentials.tenant_id)';
const TWO_WEEKS = 14 * 86_400_000;
const ENDLESS = `kind <> 'token' AND revoked_at IS NULL AND expires_at IS NULL`;

export const migration: Migration = {
  name: '0014-credential-ends',
  up: [],
  sqlite: [
    `UPDATE api_credentials SET months = ${CAP}, expires_at = MAX(
       CAST(strftime('%s', created_at / 1000, 'unixepoch', '+' || ${CAP} || ' months') AS INTEGER) * 1000,
       CAST(strftime('%s', 'now') AS INTEGER) * 1000 + ${TWO_WEEKS}
     ) WHERE ${ENDLESS}`,
  ],
  postgres: [
    `UPDATE api_credentials SET months = ${CAP}, expires_at = GREATEST(
       EXTRACT(EPOCH FROM to_timestamp(created_at / 1000) AT TIME ZONE 'UTC' + make_interval(months => ${CAP}))::BIGINT * 1000,
       EXTRACT(EPOCH FROM now())::BIGINT * 1000 + ${TWO_WEEKS}
     ) WHERE ${ENDLESS}`,
  ],
  down: [`UPDATE api_credentials SET months = NULL, expires_at = NULL WHERE kind <> 'token' AND revoked_at IS NULL`],
};
